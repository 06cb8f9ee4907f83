"""The producer: takes readings from sources and publishes them."""

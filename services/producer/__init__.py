"""The producer: samples a source and publishes what it reads."""

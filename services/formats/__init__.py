"""Formats of readings and commands: JSON, CSV, line protocol, and times as people write them."""

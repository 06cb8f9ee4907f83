"""Runs the producer process: `python -m services.producer`."""

from services.producer.main import main

main()

"""Runs the writer process: `python -m services.writer`."""

from services.writer.main import main

main()

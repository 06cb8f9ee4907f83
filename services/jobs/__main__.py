"""Runs the jobs process: `python -m services.jobs`."""

from services.jobs.main import main

main()

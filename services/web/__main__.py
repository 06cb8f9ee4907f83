"""Runs the web service."""

from services.web.main import main

main()

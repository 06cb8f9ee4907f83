"""The command line."""

from services.cli.main import main

main(prog_name="stripchart")

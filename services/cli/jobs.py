"""`stripchart jobs`: the same as `python -m services.jobs`."""

import click


@click.command()
def jobs() -> None:
    """Work on backups and other heavy or timed tasks."""
    from services.jobs.main import main  # noqa: PLC0415 (`stripchart --help` stays quick)

    main()

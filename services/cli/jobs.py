"""`stripchart jobs`: the same as `python -m services.jobs`."""

import click


@click.command()
def jobs() -> None:
    """Make backups, and run other heavy or scheduled jobs."""
    from services.jobs.main import main  # noqa: PLC0415 (`stripchart --help` stays fast)

    main()

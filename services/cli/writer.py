"""`stripchart writer`: the same as `python -m services.writer`."""

import click


@click.command()
def writer() -> None:
    """Store published readings in the database."""
    from services.writer.main import main  # noqa: PLC0415 (`stripchart --help` stays fast)

    main()

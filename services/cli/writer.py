"""`stripchart writer`: the same as `python -m services.writer`."""

import click


@click.command()
def writer() -> None:
    """Store what is published in the database."""
    from services.writer.main import main  # noqa: PLC0415 (`stripchart --help` stays quick)

    main()

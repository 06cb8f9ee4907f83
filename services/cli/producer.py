"""`stripchart producer`: the same as `python -m services.producer`."""

import click


@click.command()
def producer() -> None:
    """Sample a source and publish its readings."""
    from services.producer.main import main  # noqa: PLC0415 (`stripchart --help` stays quick)

    main()

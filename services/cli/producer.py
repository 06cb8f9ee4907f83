"""`stripchart producer`: the same as `python -m services.producer`."""

import click


@click.command()
@click.option("--source", "sources", multiple=True, help="Where from; may be given several times.")
def producer(sources: tuple[str, ...]) -> None:
    """Take readings from the sources of STRIPCHART_SOURCES, or from those named, and publish them.

    There are random, walk and sine, which are made up; host, this machine itself; stdin, lines of
    JSON, CSV or line protocol; mqtt; and command. docs/sources.md tells about each.
    """
    from services.producer.main import main  # noqa: PLC0415 (`stripchart --help` stays quick)

    main(sources)

"""`stripchart producer`: the same as `python -m services.producer`."""

import click


@click.command()
@click.option(
    "--source", "sources", multiple=True, help="Name of a source. Repeat it for several sources."
)
def producer(sources: tuple[str, ...]) -> None:
    """Publish the readings of sources.

    Without --source, the sources in STRIPCHART_SOURCES run. There are random, walk and sine
    (synthetic values); host (this machine); stdin (lines of JSON, CSV or line protocol); mqtt; and
    command. docs/sources.md describes them.
    """
    from services.producer.main import main  # noqa: PLC0415 (`stripchart --help` stays fast)

    main(sources)

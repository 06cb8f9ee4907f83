"""`stripchart web`: the same as `python -m services.web`."""

import click


@click.command()
def web() -> None:
    """Serve the page, the history and live readings."""
    from services.web.main import main  # noqa: PLC0415 (`stripchart --help` stays fast)

    main()

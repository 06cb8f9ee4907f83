"""`stripchart demo`: runs all processes on a data set to look at, which it goes on to feed."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Final

import click

from services.broker.keys import Keys
from services.cli.demo_data.demo import Demo
from services.cli.demo_data.feeder import DemoFeeder
from services.cli.demo_data.home import home
from services.cli.demo_data.lab import lab
from services.cli.demo_data.servers import servers
from services.cli.supervise.product import run_product
from services.errors import StripchartError
from services.network_exposure import check_network_exposure
from services.settings import Settings
from services.store import Reader, ViewReader, reading_engine

_DEMOS: Final[dict[str, Callable[[], Demo]]] = {
    "home": lambda: home(utc_offset_seconds=_utc_offset_seconds()),
    "servers": servers,
    "lab": lab,
}


@click.command()
@click.argument("name", type=click.Choice(list(_DEMOS)))
def demo(name: str) -> None:
    """Show a data set: home, servers or lab.

    All processes run as by `stripchart up`, with a Redis and a database of their own in the
    folder demo-NAME of DATA_DIR. Your data is not touched: REDIS_URL, DATABASE_URL and
    STRIPCHART_SOURCES are ignored. The history is filled within about 20 s and then goes on live
    until Ctrl-C. Delete the folder to begin again.
    """
    settings = Settings.from_environ()
    check_network_exposure(settings)
    settings = replace(
        settings,
        data_dir=settings.data_dir / f"demo-{name}",
        database_url="",
        backup_dir="",
        redis_public_url="",
        sources=(),
    )
    run_product("demo", settings, own_redis=True, feeder=_feeder(_DEMOS[name](), settings))


def _feeder(data: Demo, settings: Settings) -> DemoFeeder:
    """Return a feeder that goes on where an earlier start has ended."""
    file = settings.database_file
    if file is None or not file.exists():
        return DemoFeeder(data)
    engine = reading_engine(settings)
    try:
        newest = Reader(engine, Keys.of(settings.channel).journal).newest_reading()
        views = ViewReader(engine)
        is_presented = any(views.find(view) for view in data.presentation.views)
    except StripchartError:
        # The writer repairs it, or says why it can't.
        return DemoFeeder(data)
    finally:
        engine.dispose()
    return DemoFeeder(data, None if newest is None else newest.ts, is_presented=is_presented)


def _utc_offset_seconds() -> float:
    offset = datetime.now().astimezone().utcoffset()
    return offset.total_seconds() if offset else 0.0

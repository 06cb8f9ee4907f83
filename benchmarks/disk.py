"""Bytes on the disk for each reading, and bytes written to it in a day."""

import sqlite3
import threading
import time
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import click

from benchmarks.harness import machine
from benchmarks.harness.fresh import call
from benchmarks.product.stack import BenchmarkStack, running_stack
from benchmarks.storage import made
from benchmarks.storage.database import settings_for
from benchmarks.storage.years import fill
from services.broker import Message
from services.clock import now_microseconds
from services.reading import MICROSECONDS, Reading
from services.store import database_path
from services.store.tiers import ROLLUPS

_DAY: Final = 86_400
_SERIES: Final = 20
_MEGABYTE: Final = 1_000_000


def filled(size: int, rollups: bool) -> tuple[int, int]:
    """Bytes of a database of so many readings, with rollups or none, and the buckets in it."""
    with TemporaryDirectory() as folder:
        settings = settings_for(Path(folder))
        call(fill, settings, size, _SERIES, MICROSECONDS, rollups=rollups)
        path = database_path(settings)
        with closing(sqlite3.connect(path)) as file:
            buckets = sum(
                file.execute(f"SELECT count(*) FROM {tier.table}").fetchone()[0] for tier in ROLLUPS
            )
        return path.stat().st_size, buckets


def written(running: BenchmarkStack, rate: int, seconds: float) -> dict[str, float]:
    """Bytes that the writer and Redis send to the disk in a day, at so many readings a second."""
    watched = {"writer": running.writer, "Redis": running.redis.process}
    names = made.names(min(rate, _SERIES))
    before = {name: process.written_bytes() for name, process in watched.items()}
    begin, sent = time.monotonic(), 0
    pause = threading.Event()
    while time.monotonic() - begin < seconds:
        reading = Reading(names[sent % len(names)], now_microseconds(), float(sent % 97))
        running.journal.publish(Message.of([reading]))
        sent += 1
        pause.wait(max(0.0, begin + sent / rate - time.monotonic()))
    scale = _DAY / (time.monotonic() - begin)
    return {
        name: (process.written_bytes() - before[name]) * scale for name, process in watched.items()
    }


@click.command()
@click.option("--size", type=click.IntRange(1), default=2_000_000, show_default=True,
              help="Readings that are stored.")  # fmt: skip
@click.option("--seconds", type=click.FloatRange(0.1), default=60.0, show_default=True,
              help="How long it is watched what is written.")  # fmt: skip
@click.option("--rate", multiple=True, type=click.IntRange(1), default=(1, 100),
              show_default=True, help="Readings a second; may be given several times.")  # fmt: skip
def run(size: int, seconds: float, rate: tuple[int, ...]) -> None:
    """Bytes a reading, what rollups add to that, and bytes written in a day."""
    click.echo(f"{machine.describe('redis', 'sqlalchemy')}\n")
    (raw, _), (rolled, buckets) = filled(size, False), filled(size, True)
    click.echo("| the database | bytes each |\n|---|---:|")
    click.echo(f"| {size:,} readings of {_SERIES} series, one a second each | {raw / size:.1f} |")
    more = 100 * (rolled / raw - 1)
    click.echo(f"| the same with rollups, {more:+.1f} % | {rolled / size:.1f} |")
    if buckets:
        by_itself = (rolled - raw) / buckets
        click.echo(f"| the {buckets:,} buckets of the rollups by themselves | {by_itself:.1f} |")
    click.echo()
    click.echo("| written in a day, MB | the writer | Redis |\n|---|---:|---:|")
    for each in rate:
        with TemporaryDirectory() as folder, running_stack(Path(folder)) as running:
            figures = written(running, each, seconds)
        cells = " | ".join(f"{figures[name] / _MEGABYTE:,.0f}" for name in ("writer", "Redis"))
        click.echo(f"| at {each} readings/s, one by one | {cells} |")
    click.echo()

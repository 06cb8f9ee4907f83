"""Bytes on the disk for each reading, and bytes written to it in a day."""

import sqlite3
import threading
import time
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import click

from benchmarks.harness.fresh_process import call_in_fresh_process
from benchmarks.harness.machine import describe_machine
from benchmarks.product.stack import BenchmarkStack, running_stack
from benchmarks.storage.database import settings_with_data_in
from benchmarks.storage.long_history import fill_database
from benchmarks.storage.synthetic_readings import series_names
from services.broker import Message
from services.clock import now_microseconds
from services.reading import MICROSECONDS, Reading
from services.store import database_path
from services.store.tiers import ROLLUPS

_DAY_SECONDS: Final = 86_400
_SERIES_COUNT: Final = 20
_MEGABYTE: Final = 1_000_000


def measure_database(reading_count: int, rollups: bool) -> tuple[int, int]:
    """Fill a database, with or without rollups. Return its bytes and its number of buckets."""
    with TemporaryDirectory() as folder:
        settings = settings_with_data_in(Path(folder))
        call_in_fresh_process(
            fill_database, settings, reading_count, _SERIES_COUNT, MICROSECONDS, rollups=rollups
        )
        path = database_path(settings)
        with closing(sqlite3.connect(path)) as file:
            bucket_count = sum(
                file.execute(f"SELECT count(*) FROM {tier.table}").fetchone()[0] for tier in ROLLUPS
            )
        return path.stat().st_size, bucket_count


def measure_daily_writes(stack: BenchmarkStack, rate: int, seconds: float) -> dict[str, float]:
    """Publish single readings, and return the bytes that each process would write in a day.

    Args:
        stack: A running Stripchart.
        rate: Readings per second.
        seconds: Duration of the measurement.
    """
    processes = {"writer": stack.writer, "Redis": stack.redis.process}
    names = series_names(min(rate, _SERIES_COUNT))
    before = {name: process.written_bytes() for name, process in processes.items()}
    begin, published = time.monotonic(), 0
    pause = threading.Event()
    while time.monotonic() - begin < seconds:
        reading = Reading(names[published % len(names)], now_microseconds(), float(published % 97))
        stack.journal.publish(Message.of([reading]))
        published += 1
        pause.wait(max(0.0, begin + published / rate - time.monotonic()))
    scale = _DAY_SECONDS / (time.monotonic() - begin)
    return {
        name: (process.written_bytes() - before[name]) * scale
        for name, process in processes.items()
    }


@click.command()
@click.option("--size", type=click.IntRange(1), default=2_000_000, show_default=True,
              help="Readings that are stored.")  # fmt: skip
@click.option("--seconds", type=click.FloatRange(0.1), default=60.0, show_default=True,
              help="Duration of each measurement of writes.")  # fmt: skip
@click.option("--rate", multiple=True, type=click.IntRange(1), default=(1, 100),
              show_default=True, help="Readings per second; may be given many times.")  # fmt: skip
def run(size: int, seconds: float, rate: tuple[int, ...]) -> None:
    """Bytes a reading, what rollups add to that, and bytes written in a day."""
    click.echo(f"{describe_machine('redis', 'sqlalchemy')}\n")
    raw_bytes, _ = measure_database(size, False)
    total_bytes, bucket_count = measure_database(size, True)
    click.echo("| the database | bytes each |\n|---|---:|")
    click.echo(
        f"| {size:,} readings of {_SERIES_COUNT} series, one a second each |"
        f" {raw_bytes / size:.1f} |"
    )
    growth_percent = 100 * (total_bytes / raw_bytes - 1)
    click.echo(f"| the same with rollups, {growth_percent:+.1f} % | {total_bytes / size:.1f} |")
    if bucket_count:
        bytes_per_bucket = (total_bytes - raw_bytes) / bucket_count
        click.echo(
            f"| the {bucket_count:,} buckets of the rollups by themselves |"
            f" {bytes_per_bucket:.1f} |"
        )
    click.echo()
    click.echo("| written in a day, MB | the writer | Redis |\n|---|---:|---:|")
    for readings_per_second in rate:
        with TemporaryDirectory() as folder, running_stack(Path(folder)) as stack:
            written = measure_daily_writes(stack, readings_per_second, seconds)
        cells = " | ".join(f"{written[name] / _MEGABYTE:,.0f}" for name in ("writer", "Redis"))
        click.echo(f"| at {readings_per_second} readings/s, one by one | {cells} |")
    click.echo()

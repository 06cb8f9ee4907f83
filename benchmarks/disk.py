"""Bytes on the disk for each reading."""

import sqlite3
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import click

from benchmarks.harness.fresh_process import call_in_fresh_process
from benchmarks.harness.machine import describe_machine
from benchmarks.storage.database import settings_with_data_in
from benchmarks.storage.long_history import fill_database
from services.reading import MICROSECONDS
from services.store import database_path
from services.store.tiers import ROLLUPS

_SERIES_COUNT: Final = 20


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


@click.command()
@click.option("--size", type=click.IntRange(1), default=2_000_000, show_default=True,
              help="Readings that are stored.")  # fmt: skip
def run(size: int) -> None:
    """Bytes a reading, and what rollups add to that."""
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

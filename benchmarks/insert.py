"""Rows per second into the database: the recorder, a loader in C, and SQLAlchemy Core."""

import time
from collections.abc import Callable
from functools import partial
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple

import click
from sqlalchemy.dialects.sqlite import insert

from benchmarks.harness.comparison import (
    Contestant,
    Figures,
    TableRow,
    format_table,
    measure_in_turns,
)
from benchmarks.harness.machine import describe_machine
from benchmarks.storage.database import BenchmarkDatabase, open_database, split_batch
from benchmarks.storage.loader import CLoader
from benchmarks.storage.synthetic_readings import generate_readings, generate_rows
from services.reading import ReadingBatch
from services.store import tables

_ROWS: Final = (TableRow("rate", "rows a second", 0),)


class InsertLoad(NamedTuple):
    """Readings to insert into an empty database, in two forms.

    Attributes:
        rows: Series id, time in microseconds and value of each reading.
        readings: The same readings as a batch.
        series_count: Number of series.
        batch: Number of readings in a transaction.
    """

    rows: list[tuple[int, int, float]]
    readings: ReadingBatch[str]
    series_count: int
    batch: int

    @classmethod
    def generate(cls, series_count: int, reading_count: int, batch: int) -> "InsertLoad":
        """Generate a load. The series get their ids in the order of their names."""
        rows = [
            (series_index + 1, ts, value)
            for series_index, ts, value in generate_rows(series_count, reading_count)
        ]
        readings = ReadingBatch.from_readings(list(generate_readings(series_count, reading_count)))
        return cls(rows, readings, series_count, batch)


def measure_recorder(load: InsertLoad, rollups: bool) -> Figures:
    """Measure the recorder, with or without rollups after every transaction."""

    def fill(database: BenchmarkDatabase) -> None:
        for batch in split_batch(load.readings, load.batch):
            database.commit(batch)
            if rollups:
                database.maintain()

    return _measure(load, fill)


def measure_core(load: InsertLoad) -> Figures:
    """Measure SQLAlchemy Core: an upsert with a list of dictionaries."""
    rows = [{"series_id": series, "ts": ts, "value": value} for series, ts, value in load.rows]
    statement = insert(tables.readings)
    statement = statement.on_conflict_do_update(
        index_elements=["series_id", "ts"], set_={"value": statement.excluded.value}
    )

    def fill(database: BenchmarkDatabase) -> None:
        for start in range(0, len(rows), load.batch):
            with database.engine.begin() as connection:
                connection.execute(statement, rows[start : start + load.batch])

    return _measure(load, fill)


def measure_c_loader(load: InsertLoad, loader: CLoader) -> Figures:
    """Measure a C program with a prepared statement, with the same tables and batches."""
    with TemporaryDirectory() as folder:
        with open_database(Path(folder), load.series_count) as database:
            checkpoint_pages, path = database.checkpoint_pages(), database.path
        return {"rate": len(load.rows) / loader.load(path, load.batch, checkpoint_pages)}


def _measure(load: InsertLoad, fill: Callable[[BenchmarkDatabase], None]) -> Figures:
    with (
        TemporaryDirectory() as folder,
        open_database(Path(folder), load.series_count) as database,
    ):
        begin = time.perf_counter()
        fill(database)
        return {"rate": len(load.rows) / (time.perf_counter() - begin)}


@click.command()
@click.option("--series", multiple=True, type=click.IntRange(1), default=(20, 1_000),
              show_default=True,
              help="Series; may be given many times.")  # fmt: skip
@click.option("--batch", multiple=True, type=click.IntRange(1), default=(1_000, 10_000, 20_000),
              show_default=True,
              help="Readings in a transaction; may be given many times.")  # fmt: skip
@click.option("--size", type=click.IntRange(1), default=200_000, show_default=True,
              help="Readings that are inserted in each measurement.")  # fmt: skip
@click.option("--rounds", type=click.IntRange(1), default=5, show_default=True,
              help="Rounds in which each contestant is measured once.")  # fmt: skip
def run(series: tuple[int, ...], batch: tuple[int, ...], size: int, rounds: int) -> None:
    """Rows into the database, against a C loader and SQLAlchemy Core."""
    click.echo(f"{describe_machine('sqlalchemy')}\n")
    for series_count in series:
        with TemporaryDirectory() as folder:
            load = InsertLoad.generate(series_count, size, 1)
            try:
                loader = CLoader(Path(folder), load.rows)
            except RuntimeError as error:
                click.echo(f"Without the C loader: {error}\n")
                loader = None
            for batch_size, rollups in product(batch, (False, True)):
                title = f"{series_count:,} series, {batch_size:,} a transaction"
                title += ", with rollups" if rollups else ""
                contestants = _contestants(load._replace(batch=batch_size), rollups, loader)
                comparison = measure_in_turns(rounds, contestants, title)
                click.echo("\n".join(format_table(title, _ROWS, comparison)) + "\n")


def _contestants(load: InsertLoad, rollups: bool, loader: CLoader | None) -> list[Contestant]:
    contestants = [Contestant("the recorder", partial(measure_recorder, load, rollups))]
    if loader is not None:
        contestants.append(Contestant("C", partial(measure_c_loader, load, loader)))
    contestants.append(Contestant("Core", partial(measure_core, load)))
    return contestants

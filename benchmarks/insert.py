"""Rows a second into the database: the recorder, a C loader, and SQLAlchemy Core."""

import time
from collections.abc import Callable
from functools import partial
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple

import click
from sqlalchemy.dialects.sqlite import insert

from benchmarks.harness import machine
from benchmarks.harness.comparison import Contestant, Figures, Row, in_turns, table
from benchmarks.storage import made
from benchmarks.storage.database import Database, batches, database
from benchmarks.storage.loader import Loader
from services.reading import ReadingBatch
from services.store import tables

_ROWS: Final = (Row("rate", "rows a second", 0),)


class Load(NamedTuple):
    """What is put into an empty database. rows: the readings, with the id of a series."""

    rows: list[tuple[int, int, float]]
    readings: ReadingBatch[str]
    series: int
    batch: int

    @classmethod
    def of(cls, series: int, size: int, batch: int) -> "Load":
        """So many readings of so many series, which get their ids in the order of their names."""
        rows = [(member + 1, ts, value) for member, ts, value in made.rows(series, size)]
        return cls(
            rows, ReadingBatch.from_readings(list(made.readings(series, size))), series, batch
        )


def ours(load: Load, rollups: bool) -> Figures:
    """The recorder, as the writer uses it; with rollups after every transaction, or none."""

    def fill(database: Database) -> None:
        for batch in batches(load.readings, load.batch):
            database.commit(batch)
            if rollups:
                database.maintain()

    return _measured(load, fill)


def core(load: Load) -> Figures:
    """SQLAlchemy Core's way: an upsert and a list of dictionaries."""
    rows = [{"series_id": member, "ts": ts, "value": value} for member, ts, value in load.rows]
    statement = insert(tables.readings)
    statement = statement.on_conflict_do_update(
        index_elements=["series_id", "ts"], set_={"value": statement.excluded.value}
    )

    def fill(database: Database) -> None:
        for start in range(0, len(rows), load.batch):
            with database.engine.begin() as connection:
                connection.execute(statement, rows[start : start + load.batch])

    return _measured(load, fill)


def c_loader(load: Load, loader: Loader) -> Figures:
    """A C program with a prepared statement, into the same tables in the same batches."""
    with TemporaryDirectory() as folder:
        with database(Path(folder), load.series) as opened:
            pages, path = opened.checkpoint_pages(), opened.path
        return {"rate": len(load.rows) / loader.seconds(path, load.batch, pages)}


def _measured(load: Load, fill: Callable[[Database], None]) -> Figures:
    with TemporaryDirectory() as folder, database(Path(folder), load.series) as opened:
        begin = time.perf_counter()
        fill(opened)
        return {"rate": len(load.rows) / (time.perf_counter() - begin)}


@click.command()
@click.option("--series", multiple=True, type=click.IntRange(1), default=(20, 1_000),
              show_default=True,
              help="Series; may be given several times.")  # fmt: skip
@click.option("--batch", multiple=True, type=click.IntRange(1), default=(1_000, 10_000, 20_000),
              show_default=True,
              help="Readings in a transaction; may be given several times.")  # fmt: skip
@click.option("--size", type=click.IntRange(1), default=200_000, show_default=True,
              help="Readings that are inserted each time.")  # fmt: skip
@click.option("--rounds", type=click.IntRange(1), default=5, show_default=True,
              help="How often each of them is measured.")  # fmt: skip
def run(series: tuple[int, ...], batch: tuple[int, ...], size: int, rounds: int) -> None:
    """Rows into the database, against a C loader and SQLAlchemy Core."""
    click.echo(f"{machine.describe('sqlalchemy')}\n")
    for count in series:
        with TemporaryDirectory() as folder:
            load = Load.of(count, size, 1)
            try:
                loader = Loader(Path(folder), load.rows)
            except RuntimeError as error:
                click.echo(f"Without the C loader: {error}\n")
                loader = None
            for each, rollups in product(batch, (False, True)):
                measured = load._replace(batch=each)
                contestants = [Contestant("the recorder", partial(ours, measured, rollups))]
                if loader is not None:
                    contestants.append(Contestant("C", partial(c_loader, measured, loader)))
                contestants.append(Contestant("Core", partial(core, measured)))
                title = f"{count:,} series, {each:,} a transaction"
                title += ", with rollups" if rollups else ""
                comparison = in_turns(rounds, contestants, title)
                click.echo("\n".join(table(title, _ROWS, comparison)) + "\n")

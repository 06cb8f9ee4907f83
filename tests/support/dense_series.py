"""A database with one dense series, and what must be found in it."""

import math
import shutil
import sqlite3
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from services.command import Command, Delete, Erase
from services.position import Checkpoint, Cursor, EntryId
from services.reading import MICROSECONDS, Reading
from services.retention_policy import RetentionPolicy
from services.settings import Settings
from services.store import (
    BucketColumns,
    RawColumns,
    Reader,
    Recorder,
    TimeRange,
    WriteBatch,
    database_path,
    reading_engine,
)
from services.store.interval import floor
from services.store.retention.purge import PURGE_SECONDS
from services.store.tiers import BLOCK_WIDTH, ROLLUPS
from tests.support.databases import migrated_engine

START = 1_795_342_272 * MICROSECONDS
HOUR = 3_600 * MICROSECONDS
EVERYTHING = RetentionPolicy()
Values = dict[int, float]


class Base:
    """A database with one dense series, and what must be in it."""

    def __init__(self, folder: str | Path, template: Path | None = None) -> None:
        self.settings = Settings.from_environ({"DATA_DIR": str(folder)})
        if template is not None:
            shutil.copy(template, database_path(self.settings))
        self.now = START
        self.engine: Engine = migrated_engine(self.settings)
        self.recorder = self.open()
        self.reader = Reader(reading_engine(self.settings), "readings:journal")
        self.expected: Values = {}
        self._entries = count(1)

    def open(
        self, policy: RetentionPolicy = EVERYTHING, purge_seconds: float = PURGE_SECONDS
    ) -> Recorder:
        """Another hand of a writer."""
        return Recorder(
            self.engine,
            "readings:journal",
            lambda: self.now,
            policy=policy,
            purge_seconds=purge_seconds,
        )

    def record(self, values: Values, name: str = "a") -> None:
        n = next(self._entries)
        readings = [Reading(name, ts, value) for ts, value in values.items()]
        self.recorder.commit(WriteBatch(readings), Checkpoint(Cursor("e", EntryId(n, 0)), n, n))
        if name == "a":
            self.expected |= values

    def correct(self, command: Command) -> None:
        """Have a command carried out, in as many transactions as it takes."""
        n = next(self._entries)
        checkpoint = Checkpoint(Cursor("e", EntryId(n, 0)), n, n)
        while not self.recorder.commit(WriteBatch(command=command), checkpoint).finished:
            pass

    def erase(self, start: int, end: int) -> None:
        self.correct(Erase("a", start, end))
        self.expected = {t: v for t, v in self.expected.items() if not start <= t <= end}

    def delete(self) -> None:
        self.correct(Delete("a"))
        self.expected = {}

    def maintain(self) -> None:
        while self.recorder.maintenance_due and self.recorder.maintain():
            pass

    def mended(self) -> None:
        """A writer that starts mends at once what is stale."""
        self.recorder = self.open()
        self.maintain()

    def rows(self, query: str) -> list[Any]:
        with closing(sqlite3.connect(database_path(self.settings))) as file, file:
            return file.execute(query).fetchall()

    def close(self) -> None:
        self.engine.dispose()


def every(seconds: float, size: int, start: int = START) -> Values:
    step = round(seconds * MICROSECONDS)
    return {start + i * step: math.sin(i / 50) * 10 + i % 7 for i in range(size)}


def summed(values: Values, width: int) -> dict[int, tuple[int, float, float, float, float, float]]:
    """The buckets of these readings: count, sum, min, max, first and last by their start."""
    groups: dict[int, list[float]] = {}
    for ts in sorted(values):
        groups.setdefault(floor(ts, width), []).append(values[ts])
    return {
        start: (len(v), math.fsum(v), min(v), max(v), v[0], v[-1]) for start, v in groups.items()
    }


def check_tiers(base: Base) -> int:
    """Compare every bucket that a tier says it has; returns how many there are."""
    known = base.rows("SELECT id FROM series WHERE name = 'a'")
    if not known:
        return 0
    ((series,),) = known
    of_it = f"WHERE series_id = {series}"
    stale = {start for (start,) in base.rows(f"SELECT start FROM stale {of_it}")}  # noqa: S608
    spans = base.rows(
        f"SELECT tier, from_ts, until_ts FROM coverage {of_it} AND tier <> 'raw'"  # noqa: S608
    )
    total = 0
    for tier in ROLLUPS:
        rows = {
            start: tuple(rest)
            for start, *rest in base.rows(
                "SELECT start, count, sum, min, max, first, last"  # noqa: S608
                f" FROM {tier.table} {of_it}"
            )
        }
        covered = [(start, end) for name, start, end in spans if name == tier.name]
        assert bool(covered) or not rows
        for start, end in covered:
            assert start % tier.width == end % tier.width == 0
            expected = summed(
                {t: v for t, v in base.expected.items() if start <= t < end}, tier.width
            )
            clean = {
                bucket
                for bucket in rows.keys() | expected.keys()
                if not any(
                    quarter < bucket + tier.width and quarter + BLOCK_WIDTH > bucket
                    for quarter in stale
                )
            }
            assert {b: pytest.approx(expected[b], rel=1e-9, abs=1e-6) for b in clean} == {
                b: rows[b] for b in clean
            }
            total += len(clean)
    return total


def check_history(base: Base, start: int, end: int, points: int) -> BucketColumns | RawColumns:
    """Compare an answer with the readings that are there."""
    answer = base.reader.history(["a"], TimeRange(start, end), points, 1).series
    found = answer.get("a", RawColumns(None, [], []))
    inside = {t: v for t, v in base.expected.items() if start <= t <= end}
    assert len(found.t) <= points
    if isinstance(found, RawColumns):
        assert found.t == [t / MICROSECONDS for t in sorted(inside)]
        assert found.value == [inside[t] for t in sorted(inside)]
        return found
    expected = summed(inside, found.bucket_seconds * MICROSECONDS)
    assert [t * MICROSECONDS for t in found.t] == list(expected)
    assert found.counts == [b[0] for b in expected.values()]
    assert found.min == [b[2] for b in expected.values()]
    assert found.max == [b[3] for b in expected.values()]
    assert found.mean == pytest.approx([b[1] / b[0] for b in expected.values()], rel=1e-9, abs=1e-6)
    return found

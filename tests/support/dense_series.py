"""A database with one dense series, and checks of its rollups and its history."""

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
from services.retention_policy import RetentionPolicy, parse_retention_rules
from services.settings import Settings
from services.store import (
    BucketColumns,
    CommitResult,
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
from services.store.tiers import BLOCK_WIDTH, RAW, ROLLUPS, Tier
from tests.support.databases import migrated_engine

START = 1_795_342_272 * MICROSECONDS
HOUR = 3_600 * MICROSECONDS
DAY = 24 * HOUR
KEEP_EVERYTHING = RetentionPolicy()

Values = dict[int, float]
"""Values by time in microseconds."""

Summary = tuple[int, float, float, float, float, float]
"""Count, sum, min, max, first and last of some readings."""


class DenseDatabase:
    """A database whose series `a` is dense enough for rollups.

    Args:
        folder: Folder of the database.
        template: A database to start from; None for an empty one.

    Attributes:
        now: The recorder's time in microseconds.
        expected: Readings that the series `a` must have.
    """

    def __init__(self, folder: str | Path, template: Path | None = None) -> None:
        self.settings = Settings.from_environ({"DATA_DIR": str(folder)})
        if template is not None:
            shutil.copy(template, database_path(self.settings))
        self.now = START
        self.engine: Engine = migrated_engine(self.settings)
        self.recorder = self.open_recorder()
        self.reader = Reader(reading_engine(self.settings), "readings:journal")
        self.expected: Values = {}
        self._sequences = count(1)

    def open_recorder(
        self, policy: RetentionPolicy = KEEP_EVERYTHING, purge_seconds: float = PURGE_SECONDS
    ) -> Recorder:
        """Return a recorder that knows only what the database has, like that of a new writer."""
        return Recorder(
            self.engine,
            "readings:journal",
            lambda: self.now,
            policy=policy,
            purge_seconds=purge_seconds,
        )

    def commit(self, batch: WriteBatch) -> CommitResult:
        """Commit a batch; one with a command may have to be committed again."""
        n = next(self._sequences)
        return self.recorder.commit(batch, Checkpoint(Cursor("e", EntryId(n, 0)), n, n))

    def record(self, values: Values, name: str = "a") -> CommitResult:
        readings = [Reading(name, ts, value) for ts, value in values.items()]
        result = self.commit(WriteBatch(readings))
        if name == "a":
            self.expected |= values
        return result

    def apply(self, command: Command) -> None:
        """Carry out a command, in as many transactions as it takes."""
        while not self.commit(WriteBatch(command=command)).finished:
            pass

    def erase(self, start: int, end: int) -> None:
        self.apply(Erase("a", start, end))
        self.expected = {t: v for t, v in self.expected.items() if not start <= t <= end}

    def delete(self) -> None:
        self.apply(Delete("a"))
        self.expected = {}

    def maintain(self) -> None:
        """Run the recorder's maintenance until nothing is due."""
        while self.recorder.maintenance_due and self.recorder.maintain():
            pass

    def restart(self) -> None:
        """Use a new recorder, which rebuilds dirty blocks without a pause, and maintain."""
        self.recorder = self.open_recorder()
        self.maintain()

    def purge(self, rules: str, max_bytes: int = 0) -> None:
        """Use a new recorder with a retention policy, and maintain.

        Args:
            rules: Retention rules, such as `raw=2d`.
            max_bytes: Size that the database may have, 0 for no limit.
        """
        policy = RetentionPolicy(parse_retention_rules(rules), max_bytes)
        self.recorder = self.open_recorder(policy)
        self.maintain()

    def stored(self, tier: Tier = RAW, name: str = "a") -> tuple[int, int]:
        """Return the number of rows of a series in a tier, and the time of the first one."""
        ((row_count, first),) = self.query(
            f"SELECT count(*), min({tier.key}) FROM {tier.table} JOIN series ON id = series_id"  # noqa: S608
            f" WHERE name = '{name}'"
        )
        return row_count, first

    def query(self, sql: str) -> list[Any]:
        with closing(sqlite3.connect(database_path(self.settings))) as file, file:
            return file.execute(sql).fetchall()

    def buckets(
        self, name: str, max_points: int = 800, start: int = 0, end: int | None = None
    ) -> BucketColumns:
        """Return the history of a series that has too many readings for `max_points`."""
        history = self.reader.history([name], TimeRange(start, end), max_points, 1)
        columns = history.series[name]
        assert isinstance(columns, BucketColumns)
        return columns

    def close(self) -> None:
        self.engine.dispose()


def make_values(step_seconds: float, size: int, start: int = START) -> Values:
    """Return values at equal distances."""
    step = round(step_seconds * MICROSECONDS)
    return {start + i * step: math.sin(i / 50) * 10 + i % 7 for i in range(size)}


def summarize(values: Values, width: int) -> dict[int, Summary]:
    """Return the buckets of some values, by their start."""
    groups: dict[int, list[float]] = {}
    for ts in sorted(values):
        groups.setdefault(floor(ts, width), []).append(values[ts])
    return {
        start: (len(v), math.fsum(v), min(v), max(v), v[0], v[-1]) for start, v in groups.items()
    }


def check_rollups(database: DenseDatabase) -> int:
    """Compare all clean buckets of the series `a` with its readings.

    Returns:
        The number of buckets.
    """
    rows = database.query("SELECT id FROM series WHERE name = 'a'")
    if not rows:
        return 0
    of_series = f"WHERE series_id = {rows[0][0]}"
    blocks = database.query(f"SELECT start FROM stale {of_series}")  # noqa: S608
    dirty_blocks = {start for (start,) in blocks}
    coverage = {
        name: (start, end)
        for name, start, end in database.query(
            f"SELECT tier, from_ts, until_ts FROM coverage {of_series} AND tier <> 'raw'"  # noqa: S608
        )
    }
    bucket_count = 0
    for tier in ROLLUPS:
        stored = {
            start: tuple(summary)
            for start, *summary in database.query(
                "SELECT start, count, sum, min, max, first, last"  # noqa: S608
                f" FROM {tier.table} {of_series}"
            )
        }
        if tier.name not in coverage:
            assert not stored
            continue
        start, end = coverage[tier.name]
        assert start % tier.width == end % tier.width == 0
        covered = {t: v for t, v in database.expected.items() if start <= t < end}
        bucket_count += _check_buckets(tier, stored, covered, dirty_blocks)
    return bucket_count


def _check_buckets(
    tier: Tier, stored: dict[int, tuple[Any, ...]], covered: Values, dirty_blocks: set[int]
) -> int:
    expected = summarize(covered, tier.width)
    clean = {
        start
        for start in stored.keys() | expected.keys()
        if not any(
            block < start + tier.width and block + BLOCK_WIDTH > start for block in dirty_blocks
        )
    }
    assert {start: pytest.approx(expected[start], rel=1e-9, abs=1e-6) for start in clean} == {
        start: stored[start] for start in clean
    }
    return len(clean)


def check_history(
    database: DenseDatabase, start: int, end: int, max_points: int
) -> BucketColumns | RawColumns:
    """Compare the history of the series `a` with its readings, and return it."""
    history = database.reader.history(["a"], TimeRange(start, end), max_points, 1)
    columns = history.series.get("a", RawColumns(None, [], []))
    inside = {t: v for t, v in database.expected.items() if start <= t <= end}
    assert len(columns.t) <= max_points
    if isinstance(columns, RawColumns):
        assert columns.t == [t / MICROSECONDS for t in sorted(inside)]
        assert columns.value == [inside[t] for t in sorted(inside)]
        return columns
    expected = summarize(inside, round(columns.bucket_seconds * MICROSECONDS))
    assert [round(t * MICROSECONDS) for t in columns.t] == list(expected)
    assert columns.counts == [b[0] for b in expected.values()]
    assert columns.min == [b[2] for b in expected.values()]
    assert columns.max == [b[3] for b in expected.values()]
    means = [b[1] / b[0] for b in expected.values()]
    assert columns.mean == pytest.approx(means, rel=1e-9, abs=1e-6)
    return columns

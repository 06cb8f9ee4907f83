"""Copies of the database: what they hold, whether they are sound, and that they are on disk."""

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NamedTuple

from services.errors import StoreUnusableError
from services.store.sqlite.engine import read_only

INSTRUCTIONS: Final = 100_000
"""How many of SQLite's instructions pass between two looks at whether to stop."""

STAMP: Final = "%Y%m%dT%H%M%S"


class RowCounts(NamedTuple):
    """How many rows a database has."""

    series: int
    readings: int
    positions: int

    def all_in(self, other: "RowCounts") -> bool:
        """Whether there are as many in the other one."""
        return all(mine <= theirs for mine, theirs in zip(self, other, strict=True))


def utc_stamp(seconds: int) -> str:
    """A time since 1970 as names of files have it, `20261122T101112Z`."""
    return f"{datetime.fromtimestamp(seconds, UTC):{STAMP}}Z"


def verify(path: Path, stopped: Callable[[], bool] = lambda: False) -> RowCounts:
    """What a copy of the database holds. Raises StoreUnusableError if it is damaged.

    Raises the errors of SQLite for one that can't be read at all.
    """
    with closing(read_only(path)) as copy:
        copy.set_progress_handler(stopped, INSTRUCTIONS)
        verdict = copy.execute("PRAGMA integrity_check(1)").fetchone()[0]
        if verdict != "ok":
            raise StoreUnusableError(
                f"the copy is damaged: {verdict}", "check the disk of the backups"
            )
        return count_rows(copy)


def fsync_path(path: Path) -> None:
    """Have a file, or the names in a folder, outlast a power cut. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def count_rows(database: sqlite3.Connection) -> RowCounts:
    """What a database holds. Raises the errors of SQLite."""
    return RowCounts(
        *database.execute(
            "SELECT (SELECT count(*) FROM series), (SELECT count(*) FROM readings),"
            " (SELECT count(*) FROM journal_position)"
        ).fetchone()
    )


def read_positions(database: sqlite3.Connection) -> list[tuple[object, ...]]:
    """How far a database has taken each journal. Raises the errors of SQLite."""
    return database.execute("SELECT * FROM journal_position ORDER BY journal").fetchall()


def matches_positions(path: Path, positions: list[tuple[object, ...]]) -> bool:
    """Whether a backup is sound and stands where the database does."""
    try:
        verify(path)
        with closing(read_only(path)) as copy:
            return read_positions(copy) == positions
    except (sqlite3.DatabaseError, StoreUnusableError):
        return False

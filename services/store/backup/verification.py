"""Verification of copies of the database: their contents, and that they are intact."""

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NamedTuple

from services.errors import StoreUnusableError
from services.store.sqlite.engine import read_only

INSTRUCTIONS_PER_CHECK: Final = 100_000
"""SQLite's instructions between two checks whether to stop."""

TIMESTAMP_FORMAT: Final = "%Y%m%dT%H%M%S"


class RowCounts(NamedTuple):
    """Numbers of rows in a database."""

    series: int
    readings: int
    positions: int

    def all_in(self, other: "RowCounts") -> bool:
        """Return True if another database has at least as many rows of each kind."""
        return all(mine <= theirs for mine, theirs in zip(self, other, strict=True))


def format_timestamp(seconds: int) -> str:
    """Return a time for the name of a file, such as `20261122T101112Z`.

    Args:
        seconds: Seconds since 1970 UTC.
    """
    return f"{datetime.fromtimestamp(seconds, UTC):{TIMESTAMP_FORMAT}}Z"


def verify(path: Path, stopped: Callable[[], bool] = lambda: False) -> RowCounts:
    """Read every page of a copy, and count its rows.

    Args:
        path: The copy.
        stopped: Called again and again; True ends the verification.

    Raises:
        StoreUnusableError: The copy is damaged.
        sqlite3.Error: The copy can't be read, or the verification was ended.
    """
    with closing(read_only(path)) as copy:
        copy.set_progress_handler(stopped, INSTRUCTIONS_PER_CHECK)
        verdict = copy.execute("PRAGMA integrity_check(1)").fetchone()[0]
        if verdict != "ok":
            raise StoreUnusableError(
                f"the copy is damaged: {verdict}", "check the disk of the backups"
            )
        return count_rows(copy)


def fsync_path(path: Path) -> None:
    """Write a file, or the names in a folder, to the disk, so that they outlast a power cut.

    Raises:
        OSError: That failed.
    """
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def count_rows(database: sqlite3.Connection) -> RowCounts:
    """Count the rows of a database.

    Raises:
        sqlite3.Error: The database can't be read.
    """
    return RowCounts(
        *database.execute(
            "SELECT (SELECT count(*) FROM series), (SELECT count(*) FROM readings),"
            " (SELECT count(*) FROM journal_position)"
        ).fetchone()
    )


def read_positions(database: sqlite3.Connection) -> list[tuple[object, ...]]:
    """Return the rows of `journal_position`, which tell how much a database holds.

    Raises:
        sqlite3.Error: The database can't be read.
    """
    return database.execute("SELECT * FROM journal_position ORDER BY journal").fetchall()


def matches_positions(path: Path, positions: list[tuple[object, ...]]) -> bool:
    """Return True if a copy is intact, and holds as much as a database with these positions."""
    try:
        verify(path)
        with closing(read_only(path)) as copy:
            return read_positions(copy) == positions
    except (sqlite3.DatabaseError, StoreUnusableError):
        return False

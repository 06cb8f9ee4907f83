"""Helpers of the commands about access: they read the database, and print times and counts."""

from collections.abc import Iterable
from datetime import UTC, datetime

from services.cli.fresh_database import settings_of_fresh_database
from services.errors import MalformedError
from services.reading import ts_to_seconds
from services.store import AccessReader, reading_engine


def open_access() -> AccessReader:
    """Open a reader of the database after it has what the journal had."""
    return AccessReader(reading_engine(settings_of_fresh_database()))


def check(fault: str | None) -> None:
    """Raise a MalformedError if there is a fault."""
    if fault is not None:
        raise MalformedError(fault)


def time_text(ts: int) -> str:
    """Return a time in microseconds as people read it, in UTC."""
    return f"{datetime.fromtimestamp(ts_to_seconds(ts), UTC):%Y-%m-%d %H:%M:%SZ}"


def count_text(items: Iterable[object], noun: str) -> str:
    """Return a number with its noun, such as "2 users"."""
    count = len(list(items))
    return f"{count} {noun}{'' if count == 1 else 's'}"

"""Queries for missing data: gaps, and refused readings."""

from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Connection, Row, func, literal_column, select

from services.reading import END_OF_TIME
from services.store import tables
from services.store.sqlite.direct_queries import fetch_all

MAX_GAPS: Final = 100
"""Gaps in one answer, the newest ones."""

_GAPS: Final = """
    SELECT from_ts, to_ts, count, reason, noted_at FROM gaps
    WHERE coalesce(to_ts, noted_at) >= ? AND coalesce(from_ts, 0) <= ?
    ORDER BY rowid DESC LIMIT ?
"""

_rowid: ColumnElement[int] = literal_column("rowid")


class RecordedGap(NamedTuple):
    """A gap as it is recorded in the database. Times are in microseconds.

    Attributes:
        start: Time from which readings are missing, None if unknown.
        end: Time up to which readings are missing, None if unknown.
        lost_count: Number of missing readings, None if unknown.
        reason: Description of the loss and its cause, for people.
        recorded_at: Time at which the gap was noticed.
    """

    start: int | None
    end: int | None
    lost_count: int | None
    reason: str
    recorded_at: int


class LossSummary(NamedTuple):
    """Summary of the missing data that was recorded since a given time.

    Attributes:
        gap_count: Number of gaps.
        newest_gap: The newest of them, None without gaps.
        refused_count: Number of refused readings.
    """

    gap_count: int
    newest_gap: RecordedGap | None
    refused_count: int


def read_gaps(connection: Connection, start: int, end: int | None) -> tuple[RecordedGap, ...]:
    """Return the gaps that overlap a range, at most the newest 100, ordered by time.

    Args:
        connection: A connection in a transaction.
        start: First time in microseconds.
        end: Last time in microseconds, None for no end.
    """
    last = END_OF_TIME if end is None else end
    newest = [RecordedGap(*row) for row in fetch_all(connection, _GAPS, (start, last, MAX_GAPS))]
    return tuple(sorted(newest, key=lambda gap: (gap.start or 0, gap.recorded_at)))


def read_loss_summary(connection: Connection, since: int) -> LossSummary:
    """Summarize missing data that was recorded at a time in microseconds or later."""
    gaps, refused = tables.gaps, tables.refused
    recent = select(gaps).where(gaps.c.noted_at >= since)
    gap_count = connection.execute(select(func.count()).select_from(recent.subquery())).scalar_one()
    newest = connection.execute(recent.order_by(_rowid.desc()).limit(1)).first()
    refused_count = connection.execute(
        select(func.count()).select_from(refused).where(refused.c.at >= since)
    ).scalar_one()
    newest_gap = None if newest is None else _recorded_gap(newest)
    return LossSummary(gap_count, newest_gap, refused_count)


def _recorded_gap(row: Row[Any]) -> RecordedGap:
    return RecordedGap(*tuple(row))

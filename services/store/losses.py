"""Rows about readings that the database does not have: gaps, and refused readings."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import ColumnElement, Connection, delete, func, insert, literal_column, select

from services.position import Gap
from services.reading import ReadingBatch
from services.store import tables

MAX_REFUSED_ROWS: Final = 10_000
"""Rows that `refused` keeps, the newest ones."""


def record_gaps(connection: Connection, gaps: Sequence[Gap], now: int) -> None:
    """Record gaps in the journal.

    Args:
        connection: A connection in a transaction.
        gaps: The gaps, also none.
        now: Time in microseconds.
    """
    if not gaps:
        return
    rows = []
    for gap in gaps:
        start, end = gap.start, gap.end
        # A clock that was set back can put the end of a gap before its start.
        if start is not None and end is not None and end < start:
            start, end = end, start
        rows.append(
            {
                "from_ts": start,
                "to_ts": end,
                "count": gap.lost_count,
                "reason": gap.reason,
                "noted_at": now,
            }
        )
    connection.execute(insert(tables.gaps), rows)


def record_refused(
    connection: Connection, readings: ReadingBatch[str], reason: str, now: int
) -> None:
    """Record readings that are not stored, at most the newest 10,000.

    Args:
        connection: A connection in a transaction.
        readings: The readings, at least one.
        reason: Why they were refused, for people.
        now: Time in microseconds.
    """
    newest = slice(-MAX_REFUSED_ROWS, None)
    columns = (readings.series[newest], readings.ts[newest], readings.value[newest])
    connection.execute(
        insert(tables.refused),
        [
            {"at": now, "series": series, "ts": ts, "value": value, "reason": reason}
            for series, ts, value in zip(*columns, strict=True)
        ],
    )
    rowid: ColumnElement[int] = literal_column("rowid")
    last = select(func.max(rowid)).select_from(tables.refused).scalar_subquery()
    connection.execute(delete(tables.refused).where(rowid <= last - MAX_REFUSED_ROWS))

"""Rows about readings that the database does not have: gaps, and refused readings."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    delete,
    func,
    insert,
    literal_column,
    select,
    update,
)

from services.position import Gap
from services.reading import MICROSECONDS, ReadingBatch
from services.store import tables

MAX_REFUSED_ROWS: Final = 10_000
"""Rows that `refused` keeps, the newest ones."""

_MAX_PAUSE_MICROSECONDS: Final = 60 * MICROSECONDS
"""Time between two losses up to which the later one continues the earlier one."""

_rowid: ColumnElement[int] = literal_column("rowid")


def record_gaps(connection: Connection, gaps: Sequence[Gap], now: int) -> None:
    """Record gaps. A gap of unknown size that continues the newest one extends it.

    So a fault that lasts, or that comes back each second, does not fill the table.

    Args:
        connection: A connection in a transaction.
        gaps: The gaps, also none.
        now: Time in microseconds.
    """
    for gap in gaps:
        start, end = gap.start, gap.end
        # A clock that was set back can put the end of a gap before its start.
        if start is not None and end is not None and end < start:
            start, end = end, start
        row = {
            "from_ts": start,
            "to_ts": end,
            "count": gap.lost_count,
            "reason": gap.reason,
            "noted_at": now,
        }
        if not _extend_newest(connection, row):
            connection.execute(insert(tables.gaps), row)


def _extend_newest(connection: Connection, row: dict[str, Any]) -> bool:
    """Extend the newest gap by one that continues it. Returns False if it does not."""
    gaps = tables.gaps
    newest = connection.execute(select(_rowid, gaps).order_by(_rowid.desc()).limit(1)).first()
    if newest is None or row["to_ts"] is None or newest.to_ts is None:
        return False
    is_same_loss = newest.reason == row["reason"] and newest.count is row["count"] is None
    start = row["to_ts"] if row["from_ts"] is None else row["from_ts"]
    latest = newest.to_ts + _MAX_PAUSE_MICROSECONDS
    if not is_same_loss or not (newest.from_ts or 0) <= start <= latest:
        return False
    changes = {"to_ts": max(row["to_ts"], newest.to_ts), "noted_at": row["noted_at"]}
    connection.execute(update(gaps).where(_rowid == newest[0]).values(changes))
    return True


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
    last = select(func.max(_rowid)).select_from(tables.refused).scalar_subquery()
    connection.execute(delete(tables.refused).where(_rowid <= last - MAX_REFUSED_ROWS))

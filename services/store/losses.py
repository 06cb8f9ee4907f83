"""Rows about readings that the database does not have: gaps, and refused readings."""

from collections.abc import Sequence
from typing import Final

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
"""Time between two losses of the same kind up to which the later one continues the earlier one."""

_rowid: ColumnElement[int] = literal_column("rowid")


def record_gaps(connection: Connection, gaps: Sequence[Gap], now: int) -> None:
    """Record gaps. A gap of an outage extends the newest one if that is a part of the outage.

    So an outage that lasts, or that comes back each second, does not fill the table.

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
        if gap.is_outage and _extend_newest(connection, gap._replace(start=start, end=end), now):
            continue
        row = {
            "from_ts": start,
            "to_ts": end,
            "count": gap.lost_count,
            "reason": gap.reason,
            "noted_at": now,
        }
        connection.execute(insert(tables.gaps), row)


def _extend_newest(connection: Connection, gap: Gap, now: int) -> bool:
    """Extend the newest gap by one of the same outage. Returns False if it is of another one."""
    gaps = tables.gaps
    columns = (_rowid, gaps.c.from_ts, gaps.c.to_ts, gaps.c["count"], gaps.c.reason)
    newest = connection.execute(select(*columns).order_by(_rowid.desc()).limit(1)).first()
    if newest is None or gap.start is None or gap.end is None:
        return False
    rowid, start, end, lost_count, reason = newest
    if lost_count is not None or end is None:
        return False
    # The fault that lost the journal has also cut the bridge off, so one reason is enough.
    max_pause = _MAX_PAUSE_MICROSECONDS if reason == gap.reason else 0
    if not (start or 0) <= gap.start <= end + max_pause:
        return False
    changes = {"to_ts": max(gap.end, end), "noted_at": now}
    connection.execute(update(gaps).where(_rowid == rowid).values(changes))
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

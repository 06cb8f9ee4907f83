"""Query for the last value of a series before a time, which a state still has at that time."""

from typing import Final, NamedTuple

from sqlalchemy import Connection

from services.store.interval import ALL_TIME, Interval, floor
from services.store.rollup.coverage import read_coverage
from services.store.sqlite.direct_queries import fetch_all
from services.store.tiers import Tier

_LAST_READING: Final = (
    "SELECT ts, value FROM readings WHERE series_id = ? AND ts < ? ORDER BY ts DESC LIMIT 1"
)
_LAST_BUCKET: Final = (
    "SELECT start, last FROM {table} WHERE series_id = ? AND start <= ? ORDER BY start DESC LIMIT 1"
)


class TimedValue(NamedTuple):
    """A value at a time in microseconds."""

    ts: int
    value: float


def read_previous_value(
    connection: Connection, series_id: int, ts: int, visible: Interval = ALL_TIME
) -> TimedValue | None:
    """Return the last reading of a series before a time, None if there is none.

    If it was purged, it is the last value of the newest whole bucket before the time, with the
    start of that bucket.

    Args:
        connection: A connection in a transaction.
        series_id: The series.
        ts: Time in microseconds.
        visible: The interval that may be read.
    """
    found = _read_last(connection, series_id, ts)
    return found if found is not None and found.ts >= visible.start else None


def _read_last(connection: Connection, series_id: int, ts: int) -> TimedValue | None:
    rows = fetch_all(connection, _LAST_READING, (series_id, ts))
    if rows:
        return TimedValue(*rows[0])
    coverage = read_coverage(connection, series_id)
    end = min(ts, coverage.purge_floor)
    for tier, covered in coverage.rollups.items():
        # A rollup that ended earlier, because the series became too sparse, may lack the last one.
        if covered.end >= floor(end, tier.width):
            found = _read_last_bucket(connection, series_id, tier, end)
            if found is not None:
                return found
    return None


def _read_last_bucket(
    connection: Connection, series_id: int, tier: Tier, end: int
) -> TimedValue | None:
    query = _LAST_BUCKET.format(table=tier.table)
    rows = fetch_all(connection, query, (series_id, end - tier.width))
    return TimedValue(*rows[0]) if rows else None

"""Integrals of a series over time: of a line between readings, and of a state that holds."""

from itertools import pairwise
from typing import Final

from sqlalchemy import Connection

from services.reading import MICROSECONDS
from services.store.interval import ALL_TIME, Interval
from services.store.query.downsampling import RawColumns, TimeRange, downsample
from services.store.query.previous_value import TimedValue, read_previous_value
from services.store.sqlite.direct_queries import fetch_all, fetch_value

_MAX_BUCKETS: Final = 5_000

# Finding the next reading in the primary key takes half as long as a window function, which copies
# each row into a temporary table.
_AREA: Final = """
    SELECT total((SELECT (r.value + next.value) / 2.0 * (next.ts - r.ts) FROM readings AS next
                  WHERE next.series_id = :series AND next.ts > r.ts AND next.ts < :end
                  ORDER BY next.ts LIMIT 1))
    FROM readings AS r WHERE r.series_id = :series AND r.ts >= :start AND r.ts < :end
"""
_DURATIONS: Final = """
    SELECT value, sum(max(0, min(next, :end) - ts))
    FROM (SELECT ts, value, lead(ts, 1, :end) OVER (ORDER BY ts) AS next
          FROM readings WHERE series_id = :series AND ts >= :start AND ts < :end)
    GROUP BY value ORDER BY value
"""
_FIRST: Final = "SELECT ts, value FROM readings WHERE series_id = ? AND ts >= ? ORDER BY ts LIMIT 1"


def integrate_readings(
    connection: Connection, series_id: int, interval: Interval, visible: Interval = ALL_TIME
) -> float:
    """Return the area under the line through the readings, in value times seconds.

    At an edge of the interval the line goes on to the next reading outside, if there is one.

    Args:
        connection: A connection in a transaction.
        series_id: The series.
        interval: The interval. It ends with its last microsecond.
        visible: The interval that may be read.
    """
    parameters = {"series": series_id, "start": interval.start, "end": interval.end}
    area: float = fetch_value(connection, _AREA, parameters) or 0.0
    start, end = interval.start, interval.end - 1
    first = _first_from(connection, series_id, start)
    last = read_previous_value(connection, series_id, interval.end)
    before = read_previous_value(connection, series_id, start, visible)
    after = _first_from(connection, series_id, interval.end)
    if after is not None and after.ts >= visible.end:
        after = None
    if before is not None and first is not None and first.ts <= end:
        area += _area_within(before, first, start, first.ts)
    if after is not None and last is not None and last.ts >= start:
        area += _area_within(last, after, last.ts, end)
    return area / MICROSECONDS


def integrate_buckets(
    connection: Connection, series_id: int, interval: Interval, visible: Interval = ALL_TIME
) -> float:
    """Return the area under the means of buckets, which hold until the next bucket.

    Args:
        connection: A connection in a transaction.
        series_id: The series.
        interval: The interval.
        visible: The interval that may be read.
    """
    time_range = TimeRange(interval.start, interval.end - 1)
    columns = downsample(connection, series_id, None, time_range, _MAX_BUCKETS, visible=visible)
    values = columns.value if isinstance(columns, RawColumns) else columns.mean
    start, end = interval.start / MICROSECONDS, interval.end / MICROSECONDS
    times = [max(t, start) for t in columns.t]
    return sum(
        value * (after - t)
        for value, (t, after) in zip(values, pairwise([*times, end]), strict=True)
        if value is not None
    )


def read_durations(
    connection: Connection, series_id: int, interval: Interval, held: TimedValue | None
) -> dict[float, float]:
    """Return for how many seconds a state had each of its values.

    Args:
        connection: A connection in a transaction.
        series_id: The series.
        interval: The interval. The last value holds until its end.
        held: The last reading before it, None if there is none.
    """
    parameters = {"series": series_id, "start": interval.start, "end": interval.end}
    rows = fetch_all(connection, _DURATIONS, parameters)
    durations = {value: duration / MICROSECONDS for value, duration in rows}
    if held is not None:
        first = _first_from(connection, series_id, interval.start)
        until = interval.end if first is None else min(first.ts, interval.end)
        seconds = (until - interval.start) / MICROSECONDS
        if seconds > 0:
            durations[held.value] = durations.get(held.value, 0.0) + seconds
    return durations


def _first_from(connection: Connection, series_id: int, ts: int) -> TimedValue | None:
    rows = fetch_all(connection, _FIRST, (series_id, ts))
    return TimedValue(*rows[0]) if rows else None


def _area_within(one: TimedValue, other: TimedValue, start: int, end: int) -> float:
    """Return the area under the line between two readings, from one time to another."""
    slope = (other.value - one.value) / (other.ts - one.ts)
    middle = (start + end) / 2
    return (one.value + slope * (middle - one.ts)) * (end - start)

"""Buckets: summaries of readings over intervals of equal width, for a query or for a rollup.

The table `steps` counts the buckets, which therefore come in order. Otherwise SQLite would sort all
readings first, which takes as long again as reading them.
"""

from collections.abc import Iterator, Sequence
from math import isfinite
from typing import Final, NamedTuple, TypeAlias

from sqlalchemy import Connection

from services.store.interval import Interval, floor
from services.store.rollup.coverage import Segment
from services.store.sqlite.direct_queries import fetch_all, fetch_value
from services.store.tiers import TIERS, Tier

_BUCKETS_PER_QUERY: Final = 1_000
"""Rows of the table `steps`."""

_STEP: Final = """
    FROM steps CROSS JOIN {table} AS r ON r.series_id = :series
        AND r.{key} >= max(:start, :base + n * :width)
        AND r.{key} < min(:end, :base + n * :width + :width)
    WHERE n < :steps GROUP BY n
"""
_EDGE: Final = """
    (SELECT {column} FROM {table} AS e WHERE e.series_id = :series
        AND e.{key} >= :base + n * :width AND e.{key} < :base + n * :width + :width
     ORDER BY e.{key} {order} LIMIT 1)
"""
_FIRST_TS: Final = """
    SELECT min({key}) FROM {table} WHERE series_id = :series AND {key} >= :start AND {key} < :end
"""
_LAST_TS: Final = """
    SELECT max({key}) FROM {table} WHERE series_id = :series AND {key} >= :start AND {key} < :end
"""
_SELECT: Final = "SELECT :base + n * :width, {aggregates} {step}"
_ROWS: Final = """
    SELECT start, count, sum, min, max FROM {table}
    WHERE series_id = ? AND start >= ? AND start < ? ORDER BY start
"""
_FILL: Final = """
    INSERT INTO {{into}} (series_id, start, count, sum, min, max, first, last)
    SELECT :series, :base + n * :width, {aggregates}, {first}, {last} {step}
"""
_CLEAR: Final = "DELETE FROM {into} WHERE series_id = ? AND start >= ? AND start < ?"

Bucket: TypeAlias = tuple[int, int, float | None, float, float]
"""Start in microseconds, count, sum, min and max of some readings.

The sum is None, infinite or not a number if it is too large for a number.

A plain tuple, because a long answer has many."""


def merge_buckets(one: Bucket, other: Bucket) -> Bucket:
    """Merge two parts of one bucket."""
    start, count, total, minimum, maximum = one
    _, other_count, other_total, other_minimum, other_maximum = other
    merged_total = None if total is None or other_total is None else total + other_total
    return (
        start,
        count + other_count,
        merged_total,
        min(minimum, other_minimum),
        max(maximum, other_maximum),
    )


def compute_means(totals: Sequence[float | None], counts: Sequence[int]) -> list[float | None]:
    """Return the mean of each bucket, None where the sum is too large for a number."""
    return [
        total / count if total is not None and isfinite(total) else None
        for total, count in zip(totals, counts, strict=True)
    ]


class _Queries(NamedTuple):
    """The SQL that reads one tier."""

    first_ts: str
    last_ts: str
    select: str
    fill: str


def _queries(tier: Tier) -> _Queries:
    table, key = tier.table, tier.key
    step = _STEP.format(table=table, key=key)
    return _Queries(
        _FIRST_TS.format(table=table, key=key),
        _LAST_TS.format(table=table, key=key),
        _SELECT.format(aggregates=tier.quick_aggregates, step=step),
        _FILL.format(
            aggregates=tier.aggregates,
            first=_EDGE.format(column=tier.first, table=table, key=key, order="ASC"),
            last=_EDGE.format(column=tier.last, table=table, key=key, order="DESC"),
            step=step,
        ),
    )


_QUERIES: Final = {tier: _queries(tier) for tier in TIERS}


def read_buckets(
    connection: Connection, series_id: int, segment: Segment, width: int
) -> Iterator[list[Bucket]]:
    """Read the buckets of a segment, in order and in parts; empty buckets are left out.

    A bucket at the edge of the segment can also have readings in the next one: merge the two.

    Args:
        connection: A connection in a transaction.
        series_id: The series.
        segment: The interval to read, and the tier to read it from.
        width: Width of the buckets in microseconds.
    """
    if segment.tier.width == width:
        # Its rows are the buckets, so that there is nothing to group.
        query = _ROWS.format(table=segment.tier.table)
        yield fetch_all(connection, query, (series_id, *segment.interval))
        return
    queries = _QUERIES[segment.tier]
    for parameters in _query_parameters(connection, queries, series_id, segment.interval, width):
        yield fetch_all(connection, queries.select, parameters)


def fill_buckets(
    connection: Connection, series_id: int, rollup: Tier, source: Tier, interval: Interval
) -> None:
    """Make the buckets of a rollup for an interval in which it has none.

    Args:
        connection: A connection in a transaction.
        series_id: The series.
        rollup: The rollup to fill.
        source: The tier to make the buckets from.
        interval: An interval of whole buckets.
    """
    queries = _QUERIES[source]
    statement = queries.fill.format(into=rollup.table)
    for parameters in _query_parameters(connection, queries, series_id, interval, rollup.width):
        connection.exec_driver_sql(statement, parameters)


def clear_buckets(connection: Connection, series_id: int, rollup: Tier, interval: Interval) -> None:
    """Delete the buckets of a rollup that start in an interval."""
    statement = _CLEAR.format(into=rollup.table)
    connection.exec_driver_sql(statement, (series_id, interval.start, interval.end))


def first_ts(connection: Connection, series_id: int, tier: Tier, interval: Interval) -> int | None:
    """Return the time of the first row of a tier in an interval, None if there is no row."""
    return _find_ts(connection, _QUERIES[tier].first_ts, series_id, interval)


def last_ts(connection: Connection, series_id: int, tier: Tier, interval: Interval) -> int | None:
    """Return the time of the last row of a tier in an interval, None if there is no row."""
    return _find_ts(connection, _QUERIES[tier].last_ts, series_id, interval)


def _find_ts(connection: Connection, query: str, series_id: int, interval: Interval) -> int | None:
    parameters = {"series": series_id, "start": interval.start, "end": interval.end}
    ts: int | None = fetch_value(connection, query, parameters)
    return ts


def _query_parameters(
    connection: Connection, queries: _Queries, series_id: int, interval: Interval, width: int
) -> Iterator[dict[str, int]]:
    """Yield the parameters for one part of an interval after the other, without empty parts."""
    start, end = interval
    while start < end:
        first = _find_ts(connection, queries.first_ts, series_id, Interval(start, end))
        if first is None:
            return
        start = max(start, first)
        base = floor(start, width)
        steps = min(_BUCKETS_PER_QUERY, -(-(end - base) // width))
        yield {
            "series": series_id,
            "start": start,
            "end": end,
            "base": base,
            "width": width,
            "steps": steps,
        }
        start = base + steps * width

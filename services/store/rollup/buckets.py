"""Readings summed up in buckets of equal width: by a query, or into a tier.

The buckets are counted by the table `steps`, and so come in order: SQLite would else sort all
readings first, which takes as long again as reading them.
"""

from collections.abc import Iterator, Sequence
from math import isfinite
from typing import Final, NamedTuple, TypeAlias

from sqlalchemy import Connection

from services.store.rollup.coverage import Interval, Segment
from services.store.tiers import TIERS, Tier, floor

_STEPS: Final = 1_000

# The readings, or the buckets of a tier, that are in one step.
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
_NEXT: Final = """
    SELECT min({key}) FROM {table} WHERE series_id = :series AND {key} >= :start AND {key} < :end
"""
_LAST: Final = """
    SELECT max({key}) FROM {table} WHERE series_id = :series AND {key} >= :start AND {key} < :end
"""
_SELECT: Final = "SELECT :base + n * :width, {sums} {step}"
_FILL: Final = """
    INSERT INTO {{into}} (series_id, start, count, sum, min, max, first, last)
    SELECT :series, :base + n * :width, {sums}, {first}, {last} {step}
"""
_CLEAR: Final = "DELETE FROM {into} WHERE series_id = ? AND start >= ? AND start < ?"
_SUMS_OF_READINGS: Final = "count(*), sum(r.value), min(r.value), max(r.value)"
# The sum of a bucket is null where it is no number: infinities of both signs were added.
_SUMS_OF_BUCKETS: Final = (
    "sum(r.count), CASE WHEN count(r.sum) = count(*) THEN sum(r.sum) END, min(r.min), max(r.max)"
)


Bucket: TypeAlias = tuple[int, int, float | None, float, float]
"""The readings of one stretch of time: its start in microseconds, how many they are, their sum if
it is a number, the least and the most. A plain row: a long answer has many."""


def merge_buckets(one: Bucket, other: Bucket) -> Bucket:
    """Two parts of one bucket."""
    start, size, total, least, most = one
    _, more, rest, lower, higher = other
    together = None if total is None or rest is None else total + rest
    return start, size + more, together, min(least, lower), max(most, higher)


def means(totals: Sequence[float | None], sizes: Sequence[int]) -> list[float | None]:
    """The mean of each bucket, if the sum is within what a number can hold."""
    return [
        total / size if total is not None and isfinite(total) else None
        for total, size in zip(totals, sizes, strict=True)
    ]


class _Source(NamedTuple):
    """The SQL to read the buckets of a width from one table."""

    next_key: str
    last_key: str
    select: str
    fill: str


def _source(tier: Tier | None) -> _Source:
    table, key = ("readings", "ts") if tier is None else (tier.table, "start")
    sums = _SUMS_OF_READINGS if tier is None else _SUMS_OF_BUCKETS
    first, last = ("value", "value") if tier is None else ("first", "last")
    step = _STEP.format(table=table, key=key)
    return _Source(
        _NEXT.format(table=table, key=key),
        _LAST.format(table=table, key=key),
        _SELECT.format(sums=sums, step=step),
        _FILL.format(
            sums=sums,
            first=_EDGE.format(column=first, table=table, key=key, order="ASC"),
            last=_EDGE.format(column=last, table=table, key=key, order="DESC"),
            step=step,
        ),
    )


_SOURCES: Final = {tier: _source(tier) for tier in (None, *TIERS)}


def read_buckets(
    connection: Connection, series: int, piece: Segment, width: int
) -> Iterator[list[Bucket]]:
    """The buckets of this width in microseconds that hold any readings of a piece, in order.

    Part by part; the last bucket of one may be the first of another piece's.
    """
    source = _SOURCES[piece.tier]
    for step in _steps(connection, source, series, Interval(piece.start, piece.end), width):
        yield list(map(tuple, connection.exec_driver_sql(source.select, step).all()))


def fill_buckets(
    connection: Connection, series: int, into: Tier, source: Tier | None, during: Interval
) -> None:
    """Make the buckets of a tier, in whose place there are none. source: where to read from.

    during: a stretch of whole buckets.
    """
    read = _SOURCES[source]
    statement = read.fill.format(into=into.table)
    for step in _steps(connection, read, series, during, into.width):
        connection.exec_driver_sql(statement, step)


def clear_buckets(connection: Connection, series: int, tier: Tier, during: Interval) -> None:
    """Delete the buckets of a tier that start in a stretch of time."""
    connection.exec_driver_sql(
        _CLEAR.format(into=tier.table),
        (series, during.start, during.end),
    )


def next_key(
    connection: Connection, series: int, tier: Tier | None, during: Interval
) -> int | None:
    """The first time in a stretch at which a tier, or for None the readings, have something."""
    return _key(connection, _SOURCES[tier].next_key, series, during)


def last_key(
    connection: Connection, series: int, tier: Tier | None, during: Interval
) -> int | None:
    """The last time in a stretch at which a tier, or for None the readings, have something."""
    return _key(connection, _SOURCES[tier].last_key, series, during)


def _key(connection: Connection, query: str, series: int, during: Interval) -> int | None:
    parameters = {"series": series, "start": during.start, "end": during.end}
    found: int | None = connection.exec_driver_sql(query, parameters).scalar_one()
    return found


def _steps(
    connection: Connection, source: _Source, series: int, during: Interval, width: int
) -> Iterator[dict[str, int]]:
    """The parameters for one part of a stretch after the other; parts without rows are left out."""
    start, end = during
    while start < end:
        there = _key(connection, source.next_key, series, Interval(start, end))
        if there is None:
            return
        start = max(start, there)
        base = floor(start, width)
        steps = min(_STEPS, -(-(end - base) // width))
        yield {
            "series": series,
            "start": start,
            "end": end,
            "base": base,
            "width": width,
            "steps": steps,
        }
        start = base + steps * width

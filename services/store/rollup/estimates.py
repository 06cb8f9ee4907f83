"""How many readings and buckets a series has, told by its rollups, without counting all of them.

A bucket says how many readings are in it, and so how many narrower buckets there can be at most;
with the density that a tier needs they are nearly all there.
"""

from collections.abc import Iterator
from typing import Final

from sqlalchemy import Connection

from services.store.rollup.coverage import Coverage, Interval, Segment
from services.store.tiers import QUARTER, TIERS, WIDEST, Tier

_MOST_READINGS: Final = 20_000
"""Readings of one stretch that are counted; what is longer is taken to go on like that."""

_ANY: Final = 1 << 62

_COUNT: Final = """
    SELECT start - start % ?, total(min(count, ?)) FROM {table}
    WHERE series_id = ? AND start >= ? AND start < ? GROUP BY 1
"""
_IN_TIER: Final = {tier: _COUNT.format(table=tier.table) for tier in TIERS}
_FIRST: Final = """
    SELECT ts - ts % ?, count(*), min(ts), max(ts) FROM (
        SELECT ts FROM readings WHERE series_id = ? AND ts >= ? AND ts < ? ORDER BY ts LIMIT ?
    ) GROUP BY 1
"""
_LAST: Final = "SELECT max(ts) FROM readings WHERE series_id = ? AND ts >= ? AND ts < ?"


def estimate_readings(
    connection: Connection, series: int, coverage: Coverage, during: Interval, *, step: int = _ANY
) -> Iterator[tuple[int, float]]:
    """About how many readings there are in a stretch; those that were purged do not count.

    Yields times and numbers, that together are right for each stretch of `step` microseconds.
    """
    start = max(during.start, coverage.floor)
    for piece in coverage.pieces(start, during.end, WIDEST):
        if piece.tier is not None:
            stretch = (step, _ANY, series, piece.start, piece.end)
            yield from connection.exec_driver_sql(_IN_TIER[piece.tier], stretch)
        else:
            yield from _count_one_by_one(connection, series, piece, step)


def estimate_buckets(
    connection: Connection,
    series: int,
    coverage: Coverage,
    what: Tier,
    during: Interval,
    *,
    step: int,
) -> Iterator[tuple[int, float]]:
    """About how many buckets of a tier there are in a stretch; those that were purged do not count.

    Yields times and numbers, that together are right for each stretch of `step` microseconds.
    """
    span = coverage.tiers[what]
    start, end = max(during.start, span.start), min(during.end, span.end)
    wider = {tier: there for tier, there in coverage.tiers.items() if tier.width >= what.width}
    # Readings may come in bursts: what is much wider would tell too little of them.
    width = QUARTER if what.width < QUARTER else WIDEST
    for piece in Coverage(wider).pieces(start, end, width):
        if piece.tier is not None:
            stretch = (step, piece.tier.width // what.width, series, piece.start, piece.end)
            yield from connection.exec_driver_sql(_IN_TIER[piece.tier], stretch)


def _count_one_by_one(
    connection: Connection, series: int, piece: Segment, step: int
) -> Iterator[tuple[int, float]]:
    stretch = (series, piece.start, piece.end)
    found = connection.exec_driver_sql(_FIRST, (step, *stretch, _MOST_READINGS)).all()
    for start, count, *_ in found:
        yield start, count
    total = sum(count for _, count, *_ in found)
    if total == _MOST_READINGS:
        last = connection.exec_driver_sql(_LAST, stretch).scalar_one()
        (_, _, first, _), (start, _, _, until) = found[0], found[-1]
        yield start, total * (last - until) / (until - first)

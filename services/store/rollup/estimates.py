"""Estimates of the number of rows of a tier, made from rollups without counting all rows.

A bucket holds the number of its readings, and so the largest possible number of narrower buckets.
With the density that a rollup requires, nearly all of these exist.
"""

from collections.abc import Iterator
from typing import Final

from sqlalchemy import Connection

from services.reading import END_OF_TIME
from services.store.interval import Interval
from services.store.rollup.coverage import Coverage
from services.store.tiers import BLOCK_WIDTH, RAW, ROLLUPS, WIDEST_BUCKET, Tier

_MAX_COUNTED_READINGS: Final = 20_000
"""Readings of one segment that are counted. A longer segment is extrapolated from them."""

_NO_LIMIT: Final = END_OF_TIME

_COUNT: Final = """
    SELECT start - start % ?, total(min(count, ?)) FROM {table}
    WHERE series_id = ? AND start >= ? AND start < ? GROUP BY 1
"""
_COUNT_IN_ROLLUP: Final = {tier: _COUNT.format(table=tier.table) for tier in ROLLUPS}
_COUNT_FIRST_READINGS: Final = """
    SELECT ts - ts % ?, count(*), min(ts), max(ts) FROM (
        SELECT ts FROM readings WHERE series_id = ? AND ts >= ? AND ts < ? ORDER BY ts LIMIT ?
    ) GROUP BY 1
"""
_LAST_TS: Final = "SELECT max(ts) FROM readings WHERE series_id = ? AND ts >= ? AND ts < ?"


def estimate_rows(
    connection: Connection,
    series_id: int,
    coverage: Coverage,
    tier: Tier,
    interval: Interval,
    *,
    step: int = END_OF_TIME,
) -> Iterator[tuple[int, float]]:
    """Estimate the number of rows of a tier in an interval, without purged ones.

    Args:
        connection: A connection in a transaction.
        series_id: The series.
        coverage: Its coverage, which includes the tier.
        tier: The tier whose rows are counted.
        interval: The interval to count.
        step: Width in microseconds of the parts to count separately; one part by default.

    Yields:
        Start of a part in microseconds, and a number of rows. A part can come more than once; its
        numbers add up.
    """
    if tier is RAW:
        usable, width = coverage, WIDEST_BUCKET
        stored = Interval(coverage.purge_floor, END_OF_TIME)
    else:
        # Readings can come in bursts, so that much wider buckets would say too little about them.
        width = BLOCK_WIDTH if tier.width < BLOCK_WIDTH else WIDEST_BUCKET
        coarser = [(t, covered) for t, covered in coverage.rollups.items() if t.width >= tier.width]
        usable = Coverage(dict(coarser))
        stored = coverage.rollups[tier]
    for segment in usable.segments(interval.overlap(stored), width):
        if segment.tier is not RAW:
            max_rows = _NO_LIMIT if tier is RAW else segment.tier.width // tier.width
            parameters = (step, max_rows, series_id, *segment.interval)
            yield from connection.exec_driver_sql(_COUNT_IN_ROLLUP[segment.tier], parameters)
        elif tier is RAW:
            yield from _count_readings(connection, series_id, segment.interval, step)


def _count_readings(
    connection: Connection, series_id: int, interval: Interval, step: int
) -> Iterator[tuple[int, float]]:
    """Count the first readings of an interval, and extrapolate if there are more."""
    limit = _MAX_COUNTED_READINGS
    parameters = (step, series_id, *interval, limit)
    parts = connection.exec_driver_sql(_COUNT_FIRST_READINGS, parameters).all()
    for start, count, *_ in parts:
        yield start, count
    total = sum(count for _, count, *_ in parts)
    if total == limit:
        last_ts = connection.exec_driver_sql(_LAST_TS, (series_id, *interval)).scalar_one()
        (_, _, first_counted, _), (start, _, _, last_counted) = parts[0], parts[-1]
        yield start, total * (last_ts - last_counted) / (last_counted - first_counted)

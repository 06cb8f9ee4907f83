"""Extension of rollups: makes the buckets that were closed since the last time."""

from typing import Final

from sqlalchemy import Connection

from services.reading import END_OF_TIME, MICROSECONDS
from services.store.interval import Interval, floor
from services.store.rollup.buckets import fill_buckets, first_ts
from services.store.rollup.coverage import Coverage, read_coverage, source_tier, write_coverage
from services.store.tiers import RAW, ROLLUPS, Tier

READINGS_PER_CHUNK: Final = 20_000
"""Readings that are rolled up at a time, approximately."""

_SAMPLE_READINGS: Final = 500
"""The newest readings, from which the density of a series is estimated.

A series with fewer readings has no rollups."""

_MIN_READINGS_TO_START: Final = 16
_MIN_READINGS_TO_CONTINUE: Final = 4
"""Readings per bucket from which a rollup saves work, and below which it is not continued."""

_ALLOWED_LATENESS: Final = 10 * MICROSECONDS
"""Time in microseconds between the end of a bucket and its closing, because readings may overtake
each other."""

_NTH_NEWEST: Final = "SELECT ts FROM readings WHERE series_id = ? ORDER BY ts DESC LIMIT 1 OFFSET ?"
_NTH_WITHIN: Final = (
    "SELECT ts FROM readings WHERE series_id = ? AND ts >= ? AND ts < ?"
    " ORDER BY ts LIMIT 1 OFFSET ?"
)


def extend_rollups(connection: Connection, series_id: int) -> tuple[int, bool]:
    """Roll up the closed buckets of the next chunk of a series.

    Args:
        connection: A connection in a transaction.
        series_id: The series.

    Returns:
        The new end of the rollups in microseconds, 0 if nothing was rolled up; and True if all
        closed buckets are made.
    """
    newest = _nth_newest_ts(connection, series_id, 0)
    oldest_of_sample = _nth_newest_ts(connection, series_id, _SAMPLE_READINGS - 1)
    if newest is None or oldest_of_sample is None:
        return 0, True
    coverage = read_coverage(connection, series_id)
    active = _dense_enough(coverage, newest - oldest_of_sample)
    if not active:
        return 0, True
    rollups = _started(connection, series_id, coverage, active)
    start, width = rollups[active[0]].end, active[0].width
    closed = floor(newest - _ALLOWED_LATENESS, width)
    chunk_end = nth_ts_within(connection, series_id, Interval(start, closed), READINGS_PER_CHUNK)
    end = closed if chunk_end is None else min(closed, max(floor(chunk_end, width), start + width))
    for tier in active:
        new = Interval(rollups[tier].end, floor(end, tier.width))
        if not new.is_empty:
            fill_buckets(connection, series_id, tier, source_tier(rollups, tier, new), new)
            rollups[tier] = Interval(rollups[tier].start, new.end)
    write_coverage(connection, series_id, rollups)
    return end, end >= closed


def nth_ts_within(connection: Connection, series_id: int, interval: Interval, n: int) -> int | None:
    """Return the time of the reading `n` readings after the first one of an interval.

    Returns:
        None if the interval does not have as many readings.
    """
    parameters = (series_id, interval.start, interval.end, n)
    ts: int | None = connection.exec_driver_sql(_NTH_WITHIN, parameters).scalar_one_or_none()
    return ts


def _nth_newest_ts(connection: Connection, series_id: int, n: int) -> int | None:
    """Return the time of the nth-newest reading (0 = newest), None if there are fewer."""
    parameters = (series_id, n)
    ts: int | None = connection.exec_driver_sql(_NTH_NEWEST, parameters).scalar_one_or_none()
    return ts


def _dense_enough(coverage: Coverage, sample_duration: int) -> list[Tier]:
    """Return the rollups to start or to continue.

    Args:
        coverage: The coverage of the series.
        sample_duration: Microseconds between the first and the last reading of the sample.
    """
    return [
        tier
        for tier in ROLLUPS
        if (_SAMPLE_READINGS - 1) * tier.width
        >= max(1, sample_duration)
        * (_MIN_READINGS_TO_CONTINUE if tier in coverage.rollups else _MIN_READINGS_TO_START)
        # The readings after a rollup's end must not have been purged.
        and coverage.purge_floor
        <= coverage.rollups.get(tier, Interval(0, coverage.purge_floor)).end
    ]


def _started(
    connection: Connection, series_id: int, coverage: Coverage, active: list[Tier]
) -> dict[Tier, Interval]:
    """Return the intervals of active rollups; those of new ones are still empty.

    The first rollups of a series start at its first reading, later ones where the others end.
    """
    rollups = {tier: coverage.rollups[tier] for tier in active if tier in coverage.rollups}
    if len(rollups) == len(active):
        return rollups
    if coverage.rollups:
        start = coverage.end
        return {tier: rollups.get(tier, Interval(start, start)) for tier in active}
    first = first_ts(connection, series_id, RAW, Interval(0, END_OF_TIME)) or 0
    return {tier: Interval(0, floor(first, tier.width)) for tier in active}

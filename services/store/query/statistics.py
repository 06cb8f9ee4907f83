"""Statistics of one series in a range: extremes, mean, difference, slope and integral.

Extremes, count and mean come from rollups, which give them exactly. What depends on the times of
readings comes from the readings, of which it reads a bounded number, otherwise from buckets.
"""

from collections.abc import Mapping
from math import isfinite
from typing import Final, NamedTuple

from sqlalchemy import Connection

from services.concurrency import Interrupt
from services.reading import MICROSECONDS
from services.series_settings import SeriesKind
from services.store.interval import ALL_TIME, Interval
from services.store.query.increase import read_increases
from services.store.query.integral import (
    integrate_buckets,
    integrate_readings,
    read_durations,
)
from services.store.query.previous_value import TimedValue, read_previous_value
from services.store.query.selection import SelectedSeries
from services.store.rollup.coverage import Coverage, read_coverage
from services.store.sqlite.direct_queries import fetch_all
from services.store.tiers import RAW, TIERS, WIDEST_BUCKET, Tier

_MAX_EXACT_READINGS: Final = 200_000
"""Readings above which times come from buckets. So many take a tenth of a second."""

_SUMMARY: Final = {
    tier: f"SELECT {tier.quick_aggregates} FROM {tier.table} AS r"  # noqa: S608
    f" WHERE r.series_id = ? AND r.{tier.key} >= ? AND r.{tier.key} < ?"
    for tier in TIERS
}
_EDGE: Final = (
    "SELECT {key}, {value} FROM {table} WHERE series_id = ? AND {key} >= ? AND {key} < ?"
    " ORDER BY {key} {order} LIMIT 1"
)


class SeriesStatistics(NamedTuple):
    """Statistics of one series. What the range does not give is None.

    Attributes:
        unit: Unit of the series.
        kind: Its kind.
        reading_count: Number of readings.
        min: Lowest value.
        max: Highest value.
        mean: Mean of the readings; of a state, weighted by time.
        first: The first reading.
        last: The last reading.
        difference: Last value minus first value; of a counter, its increase.
        slope: Difference per second.
        integral: Value times seconds; of a counter None.
        durations: Seconds of each value of a state.
    """

    unit: str | None
    kind: SeriesKind
    reading_count: int
    min: float | None
    max: float | None
    mean: float | None
    first: TimedValue | None
    last: TimedValue | None
    difference: float | None
    slope: float | None
    integral: float | None
    durations: Mapping[float, float] | None


class _Summary(NamedTuple):
    """Count, mean, extremes and edges of the readings in an interval."""

    reading_count: int
    mean: float | None
    min: float | None
    max: float | None
    first: TimedValue | None
    last: TimedValue | None


def read_statistics(
    connection: Connection,
    series: SelectedSeries,
    kind: SeriesKind,
    interval: Interval,
    now: int,
    *,
    interrupt: Interrupt | None = None,
    visible: Interval = ALL_TIME,
) -> SeriesStatistics:
    """Read the statistics of a series.

    Args:
        connection: A connection in a transaction.
        series: The series.
        kind: Its kind.
        interval: The range. It ends with its last microsecond.
        now: Time in microseconds until which a state holds its last value at most.
        interrupt: Ends the query when it is due.
        visible: The interval that may be read.

    Raises:
        QueryInterruptedError: The interrupt was due.
    """
    coverage = read_coverage(connection, series.id, interval, visible)
    summary = _summarize(connection, series.id, coverage, interval)
    if kind == "counter":
        return _of_counter(
            connection, series, summary, interval, interrupt=interrupt, visible=visible
        )
    is_exact = (
        summary.reading_count <= _MAX_EXACT_READINGS and interval.start >= coverage.purge_floor
    )
    if kind == "state":
        held = Interval(interval.start, min(interval.end - 1, now))
        return _of_state(connection, series, summary, held, visible, is_exact=is_exact)
    integral = None
    if summary.reading_count:
        integrate = integrate_readings if is_exact else integrate_buckets
        integral = integrate(connection, series.id, interval, visible)
    difference = _difference(summary)
    return SeriesStatistics(
        unit=series.unit,
        kind="measure",
        **summary._asdict(),
        difference=difference,
        slope=_slope(difference, summary.first, summary.last),
        integral=integral,
        durations=None,
    )


def no_statistics(series: SelectedSeries, kind: SeriesKind) -> SeriesStatistics:
    """Return the statistics of a range of which nothing may be read."""
    nothing = (None,) * 9
    return SeriesStatistics(series.unit, kind, 0, *nothing)


def _of_counter(
    connection: Connection,
    series: SelectedSeries,
    summary: _Summary,
    interval: Interval,
    *,
    interrupt: Interrupt | None,
    visible: Interval,
) -> SeriesStatistics:
    edges = (interval.start, interval.end - 1)
    increase = None
    if summary.reading_count:
        is_instant = edges[0] == edges[1]
        increase = (
            0.0
            if is_instant
            else read_increases(connection, series.id, edges, interrupt, visible)[0]
        )
    base = read_previous_value(connection, series.id, interval.start + 1, visible) or summary.first
    return SeriesStatistics(
        unit=series.unit,
        kind="counter",
        **summary._replace(mean=None)._asdict(),
        difference=increase,
        slope=_slope(increase, base, summary.last),
        integral=None,
        durations=None,
    )


def _of_state(
    connection: Connection,
    series: SelectedSeries,
    summary: _Summary,
    interval: Interval,
    visible: Interval,
    *,
    is_exact: bool,
) -> SeriesStatistics:
    held = read_previous_value(connection, series.id, interval.start, visible)
    values = [
        value for value in (summary.min, summary.max, held and held.value) if value is not None
    ]
    durations = None
    if is_exact and not interval.is_empty:
        durations = read_durations(connection, series.id, interval, held)
        seconds = sum(durations.values())
        integral = sum(value * duration for value, duration in durations.items())
    else:
        integral = integrate_buckets(connection, series.id, interval, visible)
        seconds = (interval.end - interval.start) / MICROSECONDS
    held_summary = summary._replace(
        min=min(values, default=None),
        max=max(values, default=None),
        mean=integral / seconds if seconds and values else None,
    )
    return SeriesStatistics(
        unit=series.unit,
        kind="state",
        **held_summary._asdict(),
        difference=_difference(summary),
        slope=None,
        integral=integral if values else None,
        durations=durations,
    )


def _difference(summary: _Summary) -> float | None:
    if summary.first is None or summary.last is None:
        return None
    return summary.last.value - summary.first.value


def _slope(
    difference: float | None, first: TimedValue | None, last: TimedValue | None
) -> float | None:
    if difference is None or first is None or last is None or last.ts <= first.ts:
        return None
    return difference / (last.ts - first.ts) * MICROSECONDS


def _summarize(
    connection: Connection, series_id: int, coverage: Coverage, interval: Interval
) -> _Summary:
    count, total = 0, 0.0
    extremes: list[float] = []
    for tier, part in coverage.segments(interval, WIDEST_BUCKET):
        ((number, part_sum, *part_extremes),) = fetch_all(
            connection, _SUMMARY[tier], (series_id, *part)
        )
        if number:
            count += number
            total += part_sum
            extremes += part_extremes
    first, last = (
        _find_edge(connection, series_id, coverage, interval, order=order)
        for order in ("ASC", "DESC")
    )
    mean = total / count if count and isfinite(total) else None
    return _Summary(
        count, mean, min(extremes, default=None), max(extremes, default=None), first, last
    )


def _find_edge(
    connection: Connection, series_id: int, coverage: Coverage, interval: Interval, *, order: str
) -> TimedValue | None:
    """Return the first or the last reading, or what a bucket has of it if it was purged."""
    found = [_read_edge(connection, series_id, RAW, interval, order)]
    purged = Interval(interval.start, min(interval.end, coverage.purge_floor))
    if not purged.is_empty:
        found += [
            _read_edge(
                connection,
                series_id,
                tier,
                coverage.whole_buckets(purged, tier),
                order,
            )
            for tier in coverage.rollups
        ]
    choose = min if order == "ASC" else max
    # A bucket's start says less than a reading's time.
    return choose(filter(None, found), key=lambda value: value.ts, default=None)


def _read_edge(
    connection: Connection, series_id: int, tier: Tier, interval: Interval, order: str
) -> TimedValue | None:
    value = tier.first if order == "ASC" else tier.last
    query = _EDGE.format(key=tier.key, value=value, table=tier.table, order=order)
    rows = fetch_all(connection, query, (series_id, *interval))
    return TimedValue(*rows[0]) if rows else None

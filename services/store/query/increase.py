"""The increase of a counter between times, with restarts at zero.

A fall by more than a tenth is a restart: the counter has counted from zero to its new value. A
smaller fall is a correction, which counts as it is. So a bucket whose minimum is close to its
maximum has no restart, and its rollup gives the exact increase. Of other buckets the finer rollups
are read, and at last the readings.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from sqlalchemy import Connection

from services.concurrency import Interrupt
from services.store.interval import ALL_TIME, Interval
from services.store.query.previous_value import read_previous_value
from services.store.rollup.coverage import Coverage, Segment, read_coverage
from services.store.sqlite.direct_queries import fetch_all
from services.store.sqlite.error_translation import interrupted_error
from services.store.tiers import RAW, WIDEST_BUCKET, Tier

RESTART_SHARE: Final = 0.9
"""A counter below this share of its value before has started again."""

_BUCKETS: Final = """
    SELECT start, count, min, max, first, last FROM {table}
    WHERE series_id = ? AND start >= ? AND start < ? ORDER BY start
"""
_READINGS: Final = f"""
    SELECT count(*), total(
        CASE WHEN before IS NULL THEN 0.0
             WHEN value >= 0 AND value < before * {RESTART_SHARE} THEN value
             ELSE value - before END
    ), (SELECT value FROM readings
        WHERE series_id = :series AND ts >= :start AND ts < :end ORDER BY ts DESC LIMIT 1)
    FROM (SELECT value, coalesce(lag(value) OVER (ORDER BY ts), :previous) AS before
          FROM readings WHERE series_id = :series AND ts >= :start AND ts < :end)
"""  # noqa: S608 (a number of ours)
_READING_AT: Final = "SELECT value FROM readings WHERE series_id = ? AND ts = ?"


def read_increases(
    connection: Connection,
    series_id: int,
    edges: Sequence[int],
    interrupt: Interrupt | None = None,
    visible: Interval = ALL_TIME,
) -> list[float | None]:
    """Return the increase of a counter in each period between two edges.

    A period includes its end, not its start. It counts from the last reading at or before its
    start; without one, from its first reading.

    Args:
        connection: A connection in a transaction.
        series_id: The series.
        edges: Times in microseconds, ascending.
        interrupt: Ends the query when it is due.
        visible: The interval that may be read.

    Returns:
        The increases, None for a period without readings.

    Raises:
        QueryInterruptedError: The interrupt was due.
    """
    coverage = read_coverage(connection, series_id, Interval(edges[0], edges[-1] + 1), visible)
    counter = _Counter(connection, series_id, coverage, edges[0])
    increases = []
    for start, end in pairwise(edges):
        if interrupt is not None and interrupt.check():
            raise interrupted_error()
        increases.append(counter.read_period(start, end))
    return increases


def step(before: float | None, value: float) -> float:
    """Return the increase from one value of a counter to the next one."""
    if before is None:
        return 0.0
    return value if 0 <= value < before * RESTART_SHARE else value - before


class _Counter:
    """Reads one counter, period after period."""

    def __init__(
        self, connection: Connection, series_id: int, coverage: Coverage, start: int
    ) -> None:
        self._connection = connection
        self._series_id = series_id
        self._coverage = coverage
        previous = read_previous_value(connection, series_id, start + 1, coverage.visible)
        self._value = None if previous is None else previous.value
        self._is_edge_counted = previous is not None and previous.ts == start
        self._until = 0
        self._count = 0
        self._increase = 0.0

    def read_period(self, start: int, end: int) -> float | None:
        """Return the increase of a period, None if it has no readings."""
        # The reading at the start belongs to the period before.
        self._count = -1 if self._is_edge_counted else 0
        self._increase = 0.0
        for segment in self._coverage.segments(Interval(start, end), WIDEST_BUCKET):
            self._read_segment(segment, self._coverage)
        rows = fetch_all(self._connection, _READING_AT, (self._series_id, end))
        self._is_edge_counted = bool(rows)
        for (value,) in rows:
            self._add(value)
            self._count += 1
        return self._increase if self._count > 0 else None

    def _read_segment(self, segment: Segment, coverage: Coverage) -> None:
        if segment.tier is RAW:
            self._read_readings(segment.interval)
            return
        query = _BUCKETS.format(table=segment.tier.table)
        rows = fetch_all(self._connection, query, (self._series_id, *segment.interval))
        for start, count, minimum, maximum, first, last in rows:
            # Where readings were purged, two periods may share a bucket.
            if start < self._until:
                continue
            bucket = Interval(start, start + segment.tier.width)
            may_restart = minimum < maximum * RESTART_SHARE and maximum > 0
            if not may_restart or not self._read_finer(segment.tier, bucket, coverage):
                self._count += count
                for value in (first, maximum, last) if may_restart else (first, last):
                    self._add(value)
            self._until = bucket.end

    def _read_finer(self, tier: Tier, bucket: Interval, coverage: Coverage) -> bool:
        """Read a bucket from finer tiers. Returns False if there are none any more."""
        finer = {
            other: covered
            for other, covered in coverage.rollups.items()
            if other.width < tier.width
        }
        rest = coverage._replace(rollups=finer)
        segments = rest.segments(bucket, WIDEST_BUCKET)
        floor = coverage.purge_floor
        if any(part.tier is RAW and part.interval.start < floor for part in segments):
            return False
        for part in segments:
            self._read_segment(part, rest)
        return True

    def _read_readings(self, interval: Interval) -> None:
        parameters = {
            "series": self._series_id,
            "start": interval.start,
            "end": interval.end,
            "previous": self._value,
        }
        ((count, increase, last),) = fetch_all(self._connection, _READINGS, parameters)
        if count:
            self._count += count
            self._increase += increase
            self._value = last

    def _add(self, value: float) -> None:
        self._increase += step(self._value, value)
        self._value = value

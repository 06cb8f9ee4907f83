"""Downsampling: the readings of one series in a range, or as many buckets as fit on the screen.

Buckets are read from the coarsest tier that gives them. Where none does, finer tiers and the
readings are read instead, so that a reading stored a moment ago is included.
"""

from typing import Final, NamedTuple, TypeAlias

from sqlalchemy import Connection

from services.reading import END_OF_TIME, MICROSECONDS
from services.store.interval import ALL_TIME, Interval
from services.store.rollup.buckets import (
    Bucket,
    compute_means,
    first_ts,
    last_ts,
    merge_buckets,
    read_buckets,
)
from services.store.rollup.coverage import Coverage, read_coverage
from services.store.sqlite.direct_queries import fetch_all, fetch_value
from services.store.tiers import RAW, TIERS, Tier

_BUCKET_SECONDS: Final = (
    1, 2, 5, 10, 15, 30, 60, 120, 300, 900, 1_800, 3_600, 14_400, 43_200, 86_400,
)  # fmt: skip
_BUCKET_WIDTHS: Final[tuple[int, ...]] = (
    *(digit * 10**power for power in range(6) for digit in (1, 2, 5)),
    *(seconds * MICROSECONDS for seconds in _BUCKET_SECONDS),
)
"""Widths of buckets in microseconds that people find natural, from a microsecond to a day.

From 5 s on, each is a small multiple of a rollup's width."""

_DAY: Final = 86_400 * MICROSECONDS

_MIN_BUCKETS: Final = 150
_MAX_SCANNED_READINGS: Final = 20_000
"""An answer may have as few as 150 buckets if more would require a scan of 20,000 readings."""

_READINGS: Final = (
    "SELECT ts, value FROM readings"
    " WHERE series_id = :series AND ts >= :start AND ts < :end ORDER BY ts"
)
_NTH_READING: Final = (
    "SELECT ts FROM readings"
    " WHERE series_id = :series AND ts >= :start AND ts < :end ORDER BY ts LIMIT 1 OFFSET :count"
)


class TimeRange(NamedTuple):
    """The time range of a query in microseconds; both ends are included.

    Attributes:
        start: First time.
        end: Last time, None for no end.
    """

    start: int
    end: int | None

    def bucket_width(self, newest_ts: int, max_buckets: int) -> int:
        """Return the width of the shortest buckets of which few enough cover the range.

        Args:
            newest_ts: Time in microseconds at which the range ends at the latest.
            max_buckets: Number of buckets to return at most.

        Returns:
            The width in microseconds.
        """
        end = newest_ts if self.end is None else min(self.end, newest_ts)
        for width in _BUCKET_WIDTHS:
            if self._bucket_count(end, width) <= max_buckets:
                return width
        days = -(-(end - self.start) // (max_buckets * _DAY))
        while self._bucket_count(end, days * _DAY) > max_buckets:
            days += 1
        return days * _DAY

    def _bucket_count(self, end: int, width: int) -> int:
        return end // width - self.start // width + 1


class RawColumns(NamedTuple):
    """Readings of one series in columns.

    Attributes:
        unit: Unit of the series, None if it has none.
        t: Times in seconds.
        value: Values.
    """

    unit: str | None
    t: list[float]
    value: list[float]


class BucketColumns(NamedTuple):
    """Buckets of one series in columns.

    Attributes:
        unit: Unit of the series, None if it has none.
        tier: Name of the coarsest tier that was read.
        bucket_seconds: Width of the buckets, maybe a fraction of a second.
        t: Starts of the buckets in seconds.
        min: Lowest values.
        max: Highest values.
        mean: Means, None where the sum is too large for a number.
        counts: Numbers of readings.
    """

    unit: str | None
    tier: str
    bucket_seconds: float
    t: list[float]
    min: list[float]
    max: list[float]
    mean: list[float | None]
    counts: list[int]


SeriesData: TypeAlias = RawColumns | BucketColumns


def downsample(
    connection: Connection,
    series_id: int,
    unit: str | None,
    time_range: TimeRange,
    max_points: int,
    *,
    visible: Interval = ALL_TIME,
) -> SeriesData:
    """Return the readings of a series in a range, or buckets if there are too many readings.

    Args:
        connection: A connection in a transaction.
        series_id: The series.
        unit: Its unit, which is passed on.
        time_range: The range.
        max_points: Number of readings or buckets to return at most.
        visible: The interval that may be read.
    """
    end = END_OF_TIME if time_range.end is None else time_range.end + 1
    interval = Interval(time_range.start, end)
    coverage = read_coverage(connection, series_id, interval, visible)
    reader = _SeriesReader(connection, series_id, coverage, interval)
    if interval.start >= coverage.purge_floor and not reader.has_more_readings_than(max_points):
        return reader.read_readings(unit)
    stored = reader.find_stored_interval()
    if stored is None:
        return RawColumns(unit, [], [])
    reader = _SeriesReader(connection, series_id, coverage, stored)
    return reader.read_buckets(unit, reader.choose_bucket_width(max_points))


class _SeriesReader:
    """Reads one series in one interval."""

    def __init__(
        self, connection: Connection, series_id: int, coverage: Coverage, interval: Interval
    ) -> None:
        self._connection = connection
        self._series_id = series_id
        self._coverage = coverage
        self._interval = interval
        self._parameters = {"series": series_id, "start": interval.start, "end": interval.end}

    def has_more_readings_than(self, count: int) -> bool:
        """Return True if the interval has more than `count` readings."""
        parameters = self._parameters | {"count": count}
        return fetch_value(self._connection, _NTH_READING, parameters) is not None

    def read_readings(self, unit: str | None) -> RawColumns:
        """Read all readings."""
        rows = fetch_all(self._connection, _READINGS, self._parameters)
        return RawColumns(unit, [ts / MICROSECONDS for ts, _ in rows], [value for _, value in rows])

    def find_stored_interval(self) -> Interval | None:
        """Return the interval from the first to the last row of any tier, None without rows."""
        interval = self._interval
        times = self._first_and_last_ts(RAW, interval)
        purged = Interval(interval.start, min(interval.end, self._coverage.purge_floor))
        for tier in () if purged.is_empty else self._coverage.rollups:
            touched = self._coverage.whole_buckets(purged, tier)
            starts = self._first_and_last_ts(tier, touched)
            if starts:
                times.append(max(starts[0], purged.start))
                times.append(min(starts[1] + tier.width, purged.end) - 1)
        return Interval(min(times), max(times) + 1) if times else None

    def _first_and_last_ts(self, tier: Tier, interval: Interval) -> list[int]:
        first = first_ts(self._connection, self._series_id, tier, interval)
        last = last_ts(self._connection, self._series_id, tier, interval)
        return [ts for ts in (first, last) if ts is not None]

    def choose_bucket_width(self, max_points: int) -> int:
        """Return the width of the shortest buckets that can be read, and quickly enough.

        Args:
            max_points: Number of buckets to read at most.

        Returns:
            The width in microseconds.
        """
        start, end = self._interval
        width = TimeRange(start, end - 1).bucket_width(end - 1, max_points)
        finest_of_purged = self._coverage.finest_rollup_of_purged(self._interval)
        if finest_of_purged is not None:
            return max(width, finest_of_purged.width)
        finest = next(iter(self._coverage.rollups), None)
        if (
            finest is not None
            and finest.width > width
            and end - start >= _MIN_BUCKETS * finest.width
            and self.has_more_readings_than(_MAX_SCANNED_READINGS)
        ):
            return finest.width
        return width

    def read_buckets(self, unit: str | None, width: int) -> BucketColumns:
        """Read all buckets of a width in microseconds."""
        buckets: list[Bucket] = []
        used_tiers = set()
        for segment in self._coverage.segments(self._interval, width):
            used_tiers.add(segment.tier)
            for part in read_buckets(self._connection, self._series_id, segment, width):
                if buckets and part and buckets[-1][0] == part[0][0]:
                    part[0] = merge_buckets(buckets.pop(), part[0])
                buckets += part
        starts, counts, totals, minima, maxima = (
            zip(*buckets, strict=True) if buckets else ((),) * 5
        )
        # An integer is shorter in JSON.
        is_whole = width % MICROSECONDS == 0
        coarsest = next((tier for tier in reversed(TIERS) if tier in used_tiers), RAW)
        return BucketColumns(
            unit,
            coarsest.name,
            width // MICROSECONDS if is_whole else width / MICROSECONDS,
            t=[start // MICROSECONDS if is_whole else start / MICROSECONDS for start in starts],
            min=list(minima),
            max=list(maxima),
            mean=compute_means(totals, counts),
            counts=list(counts),
        )

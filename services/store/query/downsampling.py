"""One series in a range: its readings, or as many buckets as there is room for.

The buckets are put together from the coarsest tier that gives them, and where none does from
finer ones and the readings, so that what was stored a moment ago is in them too.
"""

from typing import Final, NamedTuple, TypeAlias

from sqlalchemy import Connection

from services.reading import MICROSECONDS
from services.store.rollup.buckets import (
    Bucket,
    last_key,
    means,
    merge_buckets,
    next_key,
    read_buckets,
)
from services.store.rollup.coverage import Coverage, Interval, read_coverage
from services.store.tiers import RAW, TIERS, Tier, floor

# Steps that people count time in, in seconds: a bucket is the first that gives few enough. Each
# is a small multiple of a tier's width.
_STEPS: Final = (1, 2, 5, 10, 15, 30, 60, 120, 300, 900, 1_800, 3_600, 14_400, 43_200, 86_400)
_DAY: Final = 86_400

# So many buckets are enough where more would have to be read from a flood of readings.
_ENOUGH: Final = 150
_FLOOD: Final = 20_000

_READINGS: Final = (
    "SELECT ts, value FROM readings"
    " WHERE series_id = :series AND ts >= :start AND ts < :end ORDER BY ts"
)
_BEYOND: Final = (
    "SELECT ts FROM readings"
    " WHERE series_id = :series AND ts >= :start AND ts < :end ORDER BY ts LIMIT 1 OFFSET :count"
)
_FOREVER: Final = 1 << 62


class TimeRange(NamedTuple):
    """From a time on, up to another one or without an end; both in microseconds, inclusive."""

    start: int
    end: int | None

    def bucket_seconds(self, newest: int, points: int) -> int:
        """The shortest bucket of which this range, up to `newest`, holds at most `points`."""
        end = newest if self.end is None else min(self.end, newest)
        for seconds in _STEPS:
            if self._buckets(end, seconds) <= points:
                return seconds
        days = -(-(end - self.start) // (points * _DAY * MICROSECONDS))
        while self._buckets(end, days * _DAY) > points:
            days += 1
        return days * _DAY

    def _buckets(self, end: int, seconds: int) -> int:
        width = seconds * MICROSECONDS
        return end // width - self.start // width + 1


class RawColumns(NamedTuple):
    """The readings of one series in a range, in columns. t: seconds."""

    unit: str | None
    t: list[float]
    value: list[float]


class BucketColumns(NamedTuple):
    """The buckets of one series in a range, in columns.

    tier: the coarsest one that they were read from. width, t: seconds. mean: None where the sum
    is beyond what a number can hold.
    """

    unit: str | None
    tier: str
    bucket_seconds: int
    t: list[int]
    min: list[float]
    max: list[float]
    mean: list[float | None]
    size: list[int]


SeriesData: TypeAlias = RawColumns | BucketColumns


def downsample(
    connection: Connection, series: int, unit: str | None, during: TimeRange, points: int
) -> SeriesData:
    """At most `points` readings or buckets of a series in a range."""
    span = Interval(during.start, _FOREVER if during.end is None else during.end + 1)
    asked = _SeriesReader(connection, series, read_coverage(connection, series, span), span)
    if span.start >= asked.coverage.floor and not asked.has_more_than(points):
        return asked.readings(unit)
    held = asked.held()
    if held is None:
        return RawColumns(unit, [], [])
    return held.in_buckets(unit, held.bucket(points))


class _SeriesReader(NamedTuple):
    """A stretch of one series, and what covers it."""

    connection: Connection
    series: int
    coverage: Coverage
    span: Interval

    def has_more_than(self, count: int) -> bool:
        """Whether there are more readings than that."""
        parameters = self._parameters() | {"count": count}
        return self.connection.exec_driver_sql(_BEYOND, parameters).first() is not None

    def readings(self, unit: str | None) -> RawColumns:
        """All readings."""
        rows = self.connection.exec_driver_sql(_READINGS, self._parameters()).all()
        return RawColumns(unit, [ts / MICROSECONDS for ts, _ in rows], [value for _, value in rows])

    def _parameters(self) -> dict[str, int]:
        return {"series": self.series, "start": self.span.start, "end": self.span.end}

    def held(self) -> "_SeriesReader | None":
        """The part from the first to the last time that something is known of."""
        found = self._ends(None, self.span)
        purged = Interval(self.span.start, min(self.span.end, self.coverage.floor))
        for tier in self.coverage.tiers if purged.start < purged.end else ():
            kept = self._ends(tier, Interval(floor(purged.start, tier.width), purged.end))
            if kept:
                found += [max(kept[0], purged.start), min(kept[1] + tier.width, purged.end) - 1]
        return self._replace(span=Interval(min(found), max(found) + 1)) if found else None

    def _ends(self, tier: Tier | None, span: Interval) -> list[int]:
        first = next_key(self.connection, self.series, tier, span)
        last = last_key(self.connection, self.series, tier, span)
        return [ts for ts in (first, last) if ts is not None]

    def bucket(self, points: int) -> int:
        """The seconds of the shortest bucket that is good for at most so many points."""
        start, end = self.span
        seconds = TimeRange(start, end - 1).bucket_seconds(end - 1, points)
        left = self.coverage.finest_left(self.span)
        if left is not None:
            return max(seconds, left.seconds)
        finest = next(iter(self.coverage.tiers), None)
        if (
            finest is not None
            and finest.seconds > seconds
            and end - start >= _ENOUGH * finest.width
            and self.has_more_than(_FLOOD)
        ):
            return finest.seconds
        return seconds

    def in_buckets(self, unit: str | None, seconds: int) -> SeriesData:
        """The buckets of this width."""
        width = seconds * MICROSECONDS
        buckets: list[Bucket] = []
        used = set()
        for piece in self.coverage.pieces(*self.span, width):
            used.add(piece.tier)
            for part in read_buckets(self.connection, self.series, piece, width):
                if buckets and part and buckets[-1][0] == part[0][0]:
                    part[0] = merge_buckets(buckets.pop(), part[0])
                buckets += part
        starts, sizes, totals, least, most = zip(*buckets, strict=True) if buckets else ((),) * 5
        coarsest = next((tier.name for tier in reversed(TIERS) if tier in used), RAW)
        return BucketColumns(
            unit,
            coarsest,
            seconds,
            t=[start // MICROSECONDS for start in starts],
            min=list(least),
            max=list(most),
            mean=means(totals, sizes),
            size=list(sizes),
        )

"""Intervals of time, and times aligned to the edges of buckets."""

from typing import Final, NamedTuple, Self

from services.reading import END_OF_TIME
from services.restriction import Restriction


class Interval(NamedTuple):
    """An interval of time in microseconds, from `start` up to but not including `end`."""

    start: int
    end: int

    @classmethod
    def of_restriction(cls, restriction: Restriction) -> Self:
        """Return the interval that a restriction leaves visible."""
        return cls(restriction.start, restriction.end + 1)

    @property
    def is_empty(self) -> bool:
        """True if no time is in the interval."""
        return self.start >= self.end

    def overlap(self, other: Self) -> Self:
        """Return the part that both intervals have in common, which may be empty."""
        return type(self)(max(self.start, other.start), min(self.end, other.end))

    def contains(self, other: Self) -> bool:
        """Return True if all of another interval is in this one."""
        return self.start <= other.start and other.end <= self.end

    def widened(self, width: int) -> Self:
        """Return the interval with all buckets of this width that it touches."""
        return type(self)(floor(self.start, width), ceiling(self.end, width))

    def narrowed(self, width: int) -> Self:
        """Return the buckets of this width that are wholly in the interval, maybe none."""
        return type(self)(ceiling(self.start, width), floor(self.end, width))


ALL_TIME: Final = Interval(-END_OF_TIME, END_OF_TIME)
"""An interval with all readings."""


def floor(ts: int, width: int) -> int:
    """Return the start of the bucket that contains a time. All are in microseconds."""
    return ts - ts % width


def ceiling(ts: int, width: int) -> int:
    """Return the first start of a bucket at a time or after it. All are in microseconds."""
    return -(-ts // width) * width

"""The tiers: tables of closed buckets that stand for the readings in them.

A tier is complete for a series between two times that stand in `coverage`, but for the stretches
of a quarter of an hour that stand in `stale`: there readings came, changed or went after the
buckets were made. What a tier does not cover is read from a finer one, and at last from `readings`.
"""

from typing import Final, NamedTuple

from services.reading import MICROSECONDS

RAW: Final = "raw"
"""What stands for the readings themselves, where others have the name of a tier."""


class Tier(NamedTuple):
    """Buckets of one width in microseconds, aligned to 1970 UTC."""

    name: str
    width: int

    @property
    def table(self) -> str:
        """Where its buckets stand."""
        return f"rollup_{self.name}"

    @property
    def seconds(self) -> int:
        """Its width in seconds."""
        return self.width // MICROSECONDS


TIERS: Final = (
    Tier("5s", 5 * MICROSECONDS),
    Tier("1min", 60 * MICROSECONDS),
    Tier("15min", 900 * MICROSECONDS),
    Tier("4h", 14_400 * MICROSECONDS),
)
"""All tiers, the finest first. Each width is a multiple of those before it."""

QUARTER: Final = TIERS[2].width
"""What is marked as stale at once: a quarter of an hour, in microseconds."""

WIDEST: Final = TIERS[-1].width
"""A multiple of all widths, in microseconds."""


def floor(ts: int, width: int) -> int:
    """The start of the bucket that a time is in."""
    return ts - ts % width


def ceiling(ts: int, width: int) -> int:
    """The first start of a bucket that is not before a time."""
    return -(-ts // width) * width

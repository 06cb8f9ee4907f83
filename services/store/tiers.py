"""Tiers: the resolutions in which a series is stored.

The raw readings are the finest tier. Every other tier is a rollup: a table of closed buckets that
summarize the readings. The table `coverage` has the interval for which a rollup of a series is
complete. The table `stale` has the dirty blocks within it, where readings changed after their
buckets were made. What a rollup does not cover is read from a finer tier.
"""

from dataclasses import dataclass
from typing import Final

from services.reading import MICROSECONDS


# Each tier exists once, so that comparing and hashing by identity is right, and fastest.
@dataclass(frozen=True, eq=False)
class Tier:
    """A table of readings, or of their buckets.

    Attributes:
        name: Name in `coverage`, in retention rules and in answers.
        width: Width of a bucket in microseconds, aligned to 1970 UTC; 0 for the raw readings.
        table: Name of the table.
        key: Column of the time: of a reading, or of the start of a bucket.
        first: Column of the first value of a row.
        last: Column of the last value of a row.
        aggregates: SQL of count, sum, min and max of rows of the table, which is named `r`.
        quick_aggregates: The same, but the sum is infinite or not a number where the exact one is
            null. Counting the nulls would take a quarter longer.
    """

    name: str
    width: int
    table: str
    key: str
    first: str
    last: str
    aggregates: str
    quick_aggregates: str

    @property
    def seconds(self) -> int:
        """Width of a bucket in seconds."""
        return self.width // MICROSECONDS


_READING_AGGREGATES: Final = "count(*), sum(r.value), min(r.value), max(r.value)"

RAW: Final = Tier(
    "raw",
    0,
    "readings",
    key="ts",
    first="value",
    last="value",
    aggregates=_READING_AGGREGATES,
    quick_aggregates=_READING_AGGREGATES,
)
"""The readings."""

# A bucket's sum is null if it is not a number, because infinities of both signs were added.
_BUCKET_AGGREGATES: Final = (
    "sum(r.count), CASE WHEN count(r.sum) = count(*) THEN sum(r.sum) END, min(r.min), max(r.max)"
)
_QUICK_BUCKET_AGGREGATES: Final = (
    "sum(r.count), sum(coalesce(r.sum, 9e999)), min(r.min), max(r.max)"
)


def _rollup(name: str, seconds: int) -> Tier:
    return Tier(
        name,
        seconds * MICROSECONDS,
        f"rollup_{name}",
        key="start",
        first="first",
        last="last",
        aggregates=_BUCKET_AGGREGATES,
        quick_aggregates=_QUICK_BUCKET_AGGREGATES,
    )


ROLLUPS: Final = (
    _rollup("5s", 5),
    _rollup("1min", 60),
    _rollup("15min", 900),
    _rollup("4h", 14_400),
)
"""All tiers of buckets, the finest first. Each width is a multiple of those before it."""

TIERS: Final = (RAW, *ROLLUPS)
"""All tiers, the finest first."""

BLOCK_WIDTH: Final = ROLLUPS[2].width
"""Width of a block in microseconds, a quarter of an hour: the unit that becomes dirty."""

WIDEST_BUCKET: Final = ROLLUPS[-1].width
"""Width of the widest bucket in microseconds, a multiple of all other widths."""

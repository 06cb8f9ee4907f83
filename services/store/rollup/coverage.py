"""Coverage: the intervals for which the rollups of a series are complete, and its dirty blocks."""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from sqlalchemy import Connection

from services.store.interval import ALL_TIME, Interval
from services.store.sqlite.direct_queries import fetch_all
from services.store.tiers import BLOCK_WIDTH, RAW, ROLLUPS, Tier

_COVERAGE: Final = "SELECT tier, from_ts, until_ts FROM coverage WHERE series_id = ?"
_DIRTY_BLOCKS: Final = (
    "SELECT start FROM stale WHERE series_id = ? AND start > ? AND start < ? ORDER BY start"
)
_SET: Final = (
    "INSERT INTO coverage (series_id, tier, from_ts, until_ts) VALUES (?, ?, ?, ?)"
    " ON CONFLICT (series_id, tier)"
    " DO UPDATE SET from_ts = excluded.from_ts, until_ts = excluded.until_ts"
)


class Segment(NamedTuple):
    """A part of an interval, and the tier to read it from."""

    tier: Tier
    interval: Interval


class Coverage(NamedTuple):
    """The tiers from which the readings of one series can be read.

    Attributes:
        rollups: The interval for which each rollup is complete, the finest rollup first.
        purge_floor: Time in microseconds before which the readings were purged.
        dirty_blocks: Starts of the blocks for which no rollup is right, in ascending order.
        visible: The interval that may be read. A bucket that reaches beyond it is left out.
    """

    rollups: dict[Tier, Interval]
    purge_floor: int = 0
    dirty_blocks: Sequence[int] = ()
    visible: Interval = ALL_TIME

    @property
    def end(self) -> int:
        """The end of the rollups: a reading that is stored before it makes a block dirty."""
        return max((covered.end for covered in self.rollups.values()), default=0)

    def start(self, tier: Tier) -> int | None:
        """Return the time from which a tier is stored, None if the series has no such tier."""
        if tier is RAW:
            return self.purge_floor
        return self.rollups[tier].start if tier in self.rollups else None

    def finest_rollup_at(self, ts: int) -> Tier | None:
        """Return the finest rollup that covers a time, None if none does."""
        return next(
            (tier for tier, covered in self.rollups.items() if covered.start <= ts < covered.end),
            None,
        )

    def finest_rollup_of_purged(self, interval: Interval) -> Tier | None:
        """Return the finest rollup that is complete for the purged part of an interval.

        A finer one can end before that, because the series became too sparse for it.

        Returns:
            None if no rollup covers any of it, or nothing was purged.
        """
        start, end = interval.start, min(interval.end, self.purge_floor)
        edges = [
            edge for covered in self.rollups.values() for edge in covered if start < edge < end
        ]
        finest = [self.finest_rollup_at(ts) for ts in (start, *edges)] if start < end else []
        return max((tier for tier in finest if tier), key=lambda tier: tier.width, default=None)

    def whole_buckets(self, interval: Interval, tier: Tier) -> Interval:
        """Widen an interval to whole buckets, but leave out those that may not be read."""
        whole = interval.widened(tier.width)
        return whole.overlap(self.visible.narrowed(tier.width))

    def segments(self, interval: Interval, width: int) -> list[Segment]:
        """Split an interval into parts, each with the coarsest tier to read it from.

        The segments follow each other without gap or overlap. Where the readings were purged, the
        first and the last one are widened to whole buckets, because nothing finer is left.

        Args:
            interval: What to read.
            width: Width in microseconds of the buckets that are wanted.
        """
        start, end = interval
        usable = {
            tier: covered for tier, covered in self.rollups.items() if width % tier.width == 0
        }
        purged = Coverage(usable)
        if start < self.purge_floor and (tier := purged.finest_rollup_at(start)):
            start = self.whole_buckets(interval, tier).start
        if end < self.purge_floor and (tier := purged.finest_rollup_at(end)):
            end = self.whole_buckets(interval, tier).end
        coarsest_first = list(usable.items())[::-1]
        return list(_segments(Interval(start, end), coarsest_first, self.dirty_blocks))


def source_tier(rollups: dict[Tier, Interval], tier: Tier, interval: Interval) -> Tier:
    """Return the coarsest tier from which buckets of another tier can be made.

    Args:
        rollups: The interval for which each rollup is complete.
        tier: The tier of the buckets to make.
        interval: The interval of these buckets.

    Returns:
        A finer rollup that covers the interval, or `RAW`.
    """
    finer_tiers = reversed(ROLLUPS[: ROLLUPS.index(tier)])
    return next(
        (finer for finer in finer_tiers if finer in rollups and rollups[finer].contains(interval)),
        RAW,
    )


def read_coverage(
    connection: Connection,
    series_id: int,
    dirty_within: Interval | None = None,
    visible: Interval = ALL_TIME,
) -> Coverage:
    """Read the coverage of a series.

    Args:
        connection: A connection in a transaction.
        series_id: The series.
        dirty_within: Interval for which dirty blocks are read; None for no dirty blocks.
        visible: The interval that may be read.
    """
    intervals: dict[str, Interval] = {}
    purge_floor = 0
    for name, start, end in fetch_all(connection, _COVERAGE, (series_id,)):
        if name == RAW.name:
            purge_floor = start
        else:
            intervals[name] = Interval(start, end)
    dirty_blocks: list[int] = []
    if dirty_within is not None and intervals:
        parameters = (series_id, dirty_within.start - BLOCK_WIDTH, dirty_within.end)
        rows = fetch_all(connection, _DIRTY_BLOCKS, parameters)
        dirty_blocks = [start for (start,) in rows]
    rollups = {tier: intervals[tier.name] for tier in ROLLUPS if tier.name in intervals}
    return Coverage(rollups, purge_floor, dirty_blocks, visible)


def write_coverage(connection: Connection, series_id: int, rollups: dict[Tier, Interval]) -> None:
    """Write the intervals for which rollups of a series are complete. Other rollups stay."""
    rows = [(series_id, tier.name, covered.start, covered.end) for tier, covered in rollups.items()]
    if rows:
        connection.exec_driver_sql(_SET, rows)


def write_purge_floor(connection: Connection, series_id: int, ts: int) -> None:
    """Write the time in microseconds before which readings of a series are purged."""
    connection.exec_driver_sql(_SET, (series_id, RAW.name, ts, None))


def _segments(
    interval: Interval, rollups: list[tuple[Tier, Interval]], dirty_blocks: Sequence[int]
) -> Iterable[Segment]:
    """Yield the segments of an interval. The rollups are in the order of preference."""
    if interval.is_empty:
        return
    if not rollups:
        yield Segment(RAW, interval)
        return
    (tier, complete), *finer = rollups
    covered = interval.narrowed(tier.width).overlap(complete)
    if covered.is_empty:
        yield from _segments(interval, finer, dirty_blocks)
        return
    yield from _segments(Interval(interval.start, covered.start), finer, dirty_blocks)
    start = covered.start
    for dirty in _dirty_buckets(dirty_blocks, covered, tier.width):
        if start < dirty.start:
            yield Segment(tier, Interval(start, dirty.start))
        yield from _segments(dirty, finer, dirty_blocks)
        start = dirty.end
    if start < covered.end:
        yield Segment(tier, Interval(start, covered.end))
    yield from _segments(Interval(covered.end, interval.end), finer, dirty_blocks)


def _dirty_buckets(dirty_blocks: Sequence[int], within: Interval, width: int) -> list[Interval]:
    """Return the dirty parts of an interval as whole buckets of a width. They don't touch."""
    merged: list[Interval] = []
    for block in dirty_blocks:
        dirty = Interval(block, block + BLOCK_WIDTH).widened(width).overlap(within)
        if dirty.is_empty:
            continue
        if merged and dirty.start <= merged[-1].end:
            merged[-1] = Interval(merged[-1].start, max(dirty.end, merged[-1].end))
        else:
            merged.append(dirty)
    return merged

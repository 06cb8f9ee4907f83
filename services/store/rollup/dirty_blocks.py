"""Dirty blocks: quarters of an hour whose buckets must be rebuilt, because readings changed."""

from collections.abc import Iterable
from typing import Final

from sqlalchemy import Connection, delete, select

from services.store import tables
from services.store.interval import Interval, floor
from services.store.rollup.buckets import clear_buckets, fill_buckets
from services.store.rollup.coverage import read_coverage, source_tier
from services.store.rollup.extension import READINGS_PER_CHUNK, nth_ts_within
from services.store.tiers import BLOCK_WIDTH

_MAX_BLOCKS: Final = 96
"""Dirty blocks that are read at a time: a day."""

_MARK: Final = "INSERT OR IGNORE INTO stale (series_id, start) VALUES (?, ?)"


def mark_dirty_blocks(connection: Connection, series_ids: Iterable[int], ts: Iterable[int]) -> bool:
    """Mark the blocks of readings as dirty, in the transaction that changes the readings.

    Args:
        connection: A connection in a transaction.
        series_ids: Series of each reading.
        ts: Time of each reading in microseconds.

    Returns:
        False if there were no readings.
    """
    blocks = {
        (series_id, floor(time, BLOCK_WIDTH))
        for series_id, time in zip(series_ids, ts, strict=True)
    }
    if blocks:
        connection.exec_driver_sql(_MARK, list(blocks))
    return bool(blocks)


def rebuild_next_blocks(connection: Connection) -> bool:
    """Rebuild the buckets of one series in adjacent dirty blocks, for about 20,000 readings.

    Returns:
        False if there was no dirty block.
    """
    dirty = connection.execute(select(tables.stale).limit(_MAX_BLOCKS)).all()
    if not dirty:
        return False
    series_id, first = dirty[0].series_id, dirty[0].start
    adjacent = [
        start
        for i, (other_id, start) in enumerate(dirty)
        if other_id == series_id and start == first + i * BLOCK_WIDTH
    ]
    _rebuild(connection, series_id, Interval(first, adjacent[-1] + BLOCK_WIDTH))
    return True


def _rebuild(connection: Connection, series_id: int, dirty: Interval) -> None:
    """Rebuild the buckets of an interval, or of its first blocks if it has many readings."""
    chunk_end = nth_ts_within(connection, series_id, dirty, READINGS_PER_CHUNK)
    if chunk_end is not None:
        max_end = max(floor(chunk_end, BLOCK_WIDTH), dirty.start + BLOCK_WIDTH)
        dirty = Interval(dirty.start, min(dirty.end, max_end))
    rollups = read_coverage(connection, series_id).rollups
    for tier, complete in rollups.items():
        changed = dirty.widened(tier.width).overlap(complete)
        if not changed.is_empty:
            clear_buckets(connection, series_id, tier, changed)
            source = source_tier(rollups, tier, changed)
            fill_buckets(connection, series_id, tier, source, changed)
    stale = tables.stale.c
    connection.execute(
        delete(tables.stale).where(
            stale.series_id == series_id, stale.start >= dirty.start, stale.start < dirty.end
        )
    )

"""Erasure: the deletion of a range of one series, by command.

Where the readings were purged, whole buckets are deleted. After each of the transactions that this
takes, the rest is right: the blocks of deleted readings are marked as dirty, and buckets are
deleted together with the wider ones that summarize them.
"""

from collections.abc import Iterator
from typing import Final

from sqlalchemy import Connection

from services.store.interval import Interval, floor
from services.store.retention.deletion import MAX_ROWS, delete_rows
from services.store.rollup.buckets import clear_buckets, fill_buckets, first_ts
from services.store.rollup.coverage import Coverage, read_coverage, source_tier
from services.store.tiers import BLOCK_WIDTH, RAW, TIERS, WIDEST_BUCKET, Tier

_NTH: Final = """
    SELECT {key} FROM {table} WHERE series_id = :series AND {key} >= :start AND {key} < :end
    ORDER BY {key} LIMIT 1 OFFSET :count
"""
_NTH_IN_TIER: Final = {tier: _NTH.format(table=tier.table, key=tier.key) for tier in TIERS}
_MARK: Final = f"""
    INSERT OR IGNORE INTO stale (series_id, start)
    SELECT DISTINCT series_id, ts - ts % {BLOCK_WIDTH} FROM readings
    WHERE series_id = :series AND ts >= :start AND ts < :end
"""  # noqa: S608 (a number of ours)


def erase_range(
    connection: Connection, series_id: int, interval: Interval, max_rows: int = MAX_ROWS
) -> bool:
    """Erase the first part of an interval.

    Args:
        connection: A connection in a transaction.
        series_id: The series.
        interval: What to erase.
        max_rows: Number of rows to delete, approximately.

    Returns:
        True if the whole interval is erased.
    """
    coverage = read_coverage(connection, series_id)
    purged = Interval(interval.start, min(interval.end, coverage.purge_floor))
    if not purged.is_empty and not _erase_buckets(
        connection, series_id, coverage, purged, max_rows
    ):
        return False
    return _erase_readings(connection, series_id, coverage, interval, max_rows)


def _erase_readings(
    connection: Connection, series_id: int, coverage: Coverage, interval: Interval, max_rows: int
) -> bool:
    """Erase the first readings of an interval, and return True if none are left."""
    end = _nth_ts(connection, series_id, RAW, interval, max_rows)
    erased = Interval(interval.start, interval.end if end is None else end)
    # Buckets of purged readings are never rebuilt, and what no rollup covers needs no mark.
    marked = erased.overlap(Interval(coverage.purge_floor, coverage.end))
    if not marked.is_empty:
        connection.exec_driver_sql(_MARK, _parameters(series_id, marked))
    delete_rows(connection, series_id, RAW, erased, max_rows)
    return end is None


def _erase_buckets(
    connection: Connection, series_id: int, coverage: Coverage, purged: Interval, max_rows: int
) -> bool:
    """Erase the first buckets of an interval whose readings were purged.

    A wide bucket at an edge is rebuilt from finer ones if there are any; otherwise it stays whole.

    Returns:
        True if none are left.
    """
    erasable = {
        tier: purged.narrowed(tier.width).overlap(complete)
        for tier, complete in coverage.rollups.items()
    }
    first = {
        tier: first_ts(connection, series_id, tier, erased) for tier, erased in erasable.items()
    }
    starts = {tier: start for tier, start in first.items() if start is not None}
    if not starts:
        return True
    start = floor(min(starts.values()), WIDEST_BUCKET)
    # All rollups are erased up to the same time, so that they agree after every transaction.
    rest = Interval(start, purged.end)
    ends = [_nth_ts(connection, series_id, tier, rest, max_rows) for tier in starts]
    first_end = min((ts for ts in ends if ts is not None), default=None)
    end = purged.end if first_end is None else _next_widest(first_end, start)
    for tier, interval in erasable.items():
        erased = interval.overlap(Interval(start, end))
        clear_buckets(connection, series_id, tier, erased)
        for bucket in _edge_buckets(purged, tier, coverage.rollups[tier]):
            source = source_tier(coverage.rollups, tier, bucket)
            if source is not RAW:
                clear_buckets(connection, series_id, tier, bucket)
                fill_buckets(connection, series_id, tier, source, bucket)
    return end >= purged.end


def _next_widest(ts: int, start: int) -> int:
    """Return the start of the widest bucket at a time, but at least one bucket after `start`."""
    return max(floor(ts, WIDEST_BUCKET), start + WIDEST_BUCKET)


def _edge_buckets(purged: Interval, tier: Tier, complete: Interval) -> Iterator[Interval]:
    """Yield the buckets of a rollup that are only partly in an interval."""
    for start in {floor(purged.start, tier.width), floor(purged.end, tier.width)}:
        bucket = Interval(start, start + tier.width)
        partly = start < purged.start < bucket.end or start < purged.end < bucket.end
        if partly and complete.contains(bucket):
            yield bucket


def _nth_ts(
    connection: Connection, series_id: int, tier: Tier, interval: Interval, n: int
) -> int | None:
    """Return the time of the row `n` rows after the first one, None if there are fewer."""
    parameters = _parameters(series_id, interval) | {"count": n}
    ts: int | None = connection.exec_driver_sql(_NTH_IN_TIER[tier], parameters).scalar_one_or_none()
    return ts


def _parameters(series_id: int, interval: Interval) -> dict[str, int]:
    return {"series": series_id, "start": interval.start, "end": interval.end}

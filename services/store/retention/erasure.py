"""A range of one series is erased: its readings, and where those were purged whole buckets.

What is left is right after each of the transactions that it takes: readings go together with a
mark for their quarters of an hour, buckets together with those that are put together from them.
"""

from collections.abc import Iterator
from typing import Final

from sqlalchemy import Connection

from services.store.retention.deletion import ROWS, delete_some
from services.store.rollup.buckets import clear_buckets, fill_buckets, next_key
from services.store.rollup.coverage import Coverage, Interval, finer_tier, read_coverage
from services.store.tiers import QUARTER, WIDEST, Tier, ceiling, floor

_NTH: Final = """
    SELECT {key} FROM {table} WHERE series_id = :series AND {key} >= :start AND {key} < :end
    ORDER BY {key} LIMIT 1 OFFSET :count
"""
_MARK: Final = f"""
    INSERT OR IGNORE INTO stale (series_id, start)
    SELECT DISTINCT series_id, ts - ts % {QUARTER} FROM readings
    WHERE series_id = :series AND ts >= :start AND ts < :end
"""  # noqa: S608 (a number of ours)


def erase_some(connection: Connection, series: int, during: Interval, most: int = ROWS) -> bool:
    """Erase a part of a stretch, of about so many rows; tells whether that was the last one."""
    coverage = read_coverage(connection, series)
    purged = Interval(during.start, min(during.end, coverage.floor))
    if purged.start < purged.end and not _erase_buckets(connection, series, coverage, purged, most):
        return False
    return _erase_readings(connection, series, coverage, during, most)


def _erase_readings(
    connection: Connection, series: int, coverage: Coverage, during: Interval, most: int
) -> bool:
    end = _nth(connection, series, None, during, most)
    some = Interval(during.start, during.end if end is None else end)
    # What was purged has buckets that are never made anew, and what no tier reaches needs no mark.
    marked = Interval(max(some.start, coverage.floor), min(some.end, coverage.end))
    if marked.start < marked.end:
        connection.exec_driver_sql(_MARK, _parameters(series, marked))
    delete_some(connection, series, None, some, most)
    return end is None


def _erase_buckets(
    connection: Connection, series: int, coverage: Coverage, purged: Interval, most: int
) -> bool:
    """Erase buckets whose readings were purged. Of those at the edges a part stays.

    A wide one is put together again from finer ones where there are any; else it stays whole.
    """
    inside = {
        tier: Interval(
            max(ceiling(purged.start, tier.width), span.start),
            min(floor(purged.end, tier.width), span.end),
        )
        for tier, span in coverage.tiers.items()
    }
    found = [(next_key(connection, series, tier, span), tier) for tier, span in inside.items()]
    there = [(start, tier) for start, tier in found if start is not None]
    if not there:
        return True
    start = floor(min(start for start, _tier in there), WIDEST)
    # Tiers end together, so that none ever stands for something that another one has lost.
    nth = [_nth(connection, series, tier, Interval(start, purged.end), most) for _, tier in there]
    full = min((ts for ts in nth if ts is not None), default=None)
    end = purged.end if full is None else max(floor(full, WIDEST), start + WIDEST)
    for tier, span in inside.items():
        clear_buckets(
            connection, series, tier, Interval(max(start, span.start), min(end, span.end))
        )
        for bucket in _edges(purged, tier, coverage.tiers[tier]):
            source = finer_tier(coverage.tiers, tier, bucket)
            if source is not None:
                clear_buckets(connection, series, tier, bucket)
                fill_buckets(connection, series, tier, source, bucket)
    return end >= purged.end


def _edges(purged: Interval, tier: Tier, covered: Interval) -> Iterator[Interval]:
    """The buckets of a tier that are partly in a stretch."""
    for start in {floor(purged.start, tier.width), floor(purged.end, tier.width)}:
        bucket = Interval(start, start + tier.width)
        partly = start < purged.start < bucket.end or start < purged.end < bucket.end
        if partly and covered.start <= start and bucket.end <= covered.end:
            yield bucket


def _nth(
    connection: Connection, series: int, what: Tier | None, during: Interval, count: int
) -> int | None:
    """The time after so many readings, or buckets of a tier, of a stretch; None with fewer."""
    table, key = ("readings", "ts") if what is None else (what.table, "start")
    parameters = _parameters(series, during) | {"count": count}
    query = _NTH.format(table=table, key=key)
    found: int | None = connection.exec_driver_sql(query, parameters).scalar_one_or_none()
    return found


def _parameters(series: int, during: Interval) -> dict[str, int]:
    return {"series": series, "start": during.start, "end": during.end}

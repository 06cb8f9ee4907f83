"""What deletes rows: some at a time, because a long transaction would hold up everything else.

A deleted series has no row in `series` any more, so nothing shows what is left of it; until all
of that is gone its number stands in `deleted`, and is given to no other series.
"""

import time
from collections.abc import Collection
from typing import Final

from sqlalchemy import Connection, Engine, delete, insert, select

from services.store import tables
from services.store.rollup.coverage import Interval
from services.store.sqlite.engine import translate_errors
from services.store.tiers import TIERS, Tier

ROWS: Final = 20_000
"""Rows that one transaction deletes, about."""

_WORK_SECONDS: Final = 0.03
_CHUNK: Final = 5_000
_ALWAYS: Final = Interval(0, 1 << 62)

_DELETE: Final = """
    DELETE FROM {table} WHERE series_id = :series AND {key} >= :start AND {key} < coalesce(
        (SELECT {key} FROM {table} WHERE series_id = :series AND {key} >= :start AND {key} < :end
         ORDER BY {key} LIMIT 1 OFFSET :most), :end)
"""
_READINGS: Final = _DELETE.format(table="readings", key="ts")
_STALE: Final = _DELETE.format(table="stale", key="start")
_BUCKETS: Final = {tier: _DELETE.format(table=tier.table, key="start") for tier in TIERS}
_TABLES: Final = (_READINGS, *_BUCKETS.values(), _STALE)


def delete_some(
    connection: Connection, series: int, what: Tier | None, during: Interval, most: int
) -> int:
    """Delete the first readings, or buckets of a tier, in a stretch; returns how many.

    A bucket is in it when its start is.
    """
    return _delete(connection, _READINGS if what is None else _BUCKETS[what], series, during, most)


def delete_series(connection: Connection, series: int, name: str) -> bool:
    """Delete a series for all who look; tells whether its number is free at once."""
    for table, column, value in (
        (tables.coverage, tables.coverage.c.series_id, series),
        (tables.refused, tables.refused.c.series, name),
        (tables.series, tables.series.c.id, series),
    ):
        connection.execute(delete(table).where(column == value))
    if _remove_some(connection, series, ROWS):
        return True
    connection.execute(insert(tables.deleted).values(series_id=series))
    return False


class SeriesDeletion:
    """Deletes what is left of deleted series. Methods may raise StoreUnavailableError."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.due = True
        """Whether there may be something to do for `maintain`."""

    def maintain(self) -> Collection[int]:
        """Work for a moment, in one transaction; returns the numbers that are free now."""
        end = time.monotonic() + _WORK_SECONDS
        gone: list[int] = []
        with translate_errors(), self._engine.begin() as connection:
            waiting = list(connection.execute(select(tables.deleted.c.series_id)).scalars())
            while waiting and time.monotonic() < end:
                if _remove_some(connection, waiting[0], _CHUNK):
                    gone.append(waiting.pop(0))
            numbers = tables.deleted.c.series_id
            connection.execute(delete(tables.deleted).where(numbers.in_(gone)))
        self.due = bool(waiting)
        return gone


def _remove_some(connection: Connection, series: int, most: int) -> bool:
    """Delete some of a series' rows; tells whether that was all."""
    coverage = tables.coverage
    connection.execute(delete(coverage).where(coverage.c.series_id == series))
    for statement in _TABLES:
        most -= _delete(connection, statement, series, _ALWAYS, most)
        if most <= 0:
            return False
    return True


def _delete(
    connection: Connection, statement: str, series: int, during: Interval, most: int
) -> int:
    parameters = {"series": series, "start": during.start, "end": during.end, "most": most}
    return connection.exec_driver_sql(statement, parameters).rowcount

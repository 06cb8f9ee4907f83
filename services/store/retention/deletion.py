"""Deletion of series, some rows at a time, because a long transaction delays everything else.

A deleted series disappears from `series` at once, so that no query shows its other rows. Until
those are gone its id is a tombstone in the table `deleted`, and no new series gets it.
"""

import time
from collections.abc import Collection
from typing import Final

from sqlalchemy import Connection, Engine, delete, insert, select

from services.reading import END_OF_TIME
from services.store import tables
from services.store.interval import Interval
from services.store.sqlite.error_translation import translate_errors
from services.store.tiers import TIERS, Tier

MAX_ROWS: Final = 20_000
"""Rows that one transaction deletes for a command, approximately."""

_WORK_SECONDS: Final = 0.03
"""Time that one transaction of the maintenance may take, approximately."""

_ROWS_PER_CHUNK: Final = 5_000
_ALL_TIME: Final = Interval(0, END_OF_TIME)

_DELETE: Final = """
    DELETE FROM {table} WHERE series_id = :series AND {key} >= :start AND {key} < coalesce(
        (SELECT {key} FROM {table} WHERE series_id = :series AND {key} >= :start AND {key} < :end
         ORDER BY {key} LIMIT 1 OFFSET :most), :end)
"""
_DELETE_FROM_TIER: Final = {tier: _DELETE.format(table=tier.table, key=tier.key) for tier in TIERS}
_DELETE_DIRTY_BLOCKS: Final = _DELETE.format(table="stale", key="start")


def delete_rows(
    connection: Connection, series_id: int, tier: Tier, interval: Interval, max_rows: int
) -> int:
    """Delete the first rows of a tier in an interval.

    Args:
        connection: A connection in a transaction.
        series_id: The series.
        tier: The tier to delete from.
        interval: The interval; a bucket is in it if its start is.
        max_rows: Number of rows to delete at most.

    Returns:
        The number of deleted rows.
    """
    return _delete(connection, _DELETE_FROM_TIER[tier], series_id, interval, max_rows)


def delete_series(connection: Connection, series_id: int, name: str) -> bool:
    """Delete a series from the view of all readers.

    Returns:
        True if all its rows are deleted, so that its id is free. Otherwise a tombstone is left, and
        `SeriesDeletion` deletes the rows.
    """
    for table, column, value in (
        (tables.coverage, tables.coverage.c.series_id, series_id),
        (tables.refused, tables.refused.c.series, name),
        (tables.series_settings, tables.series_settings.c.series_id, series_id),
        (tables.series, tables.series.c.id, series_id),
    ):
        connection.execute(delete(table).where(column == value))
    if _delete_some_rows(connection, series_id, MAX_ROWS):
        return True
    connection.execute(insert(tables.deleted).values(series_id=series_id))
    return False


class SeriesDeletion:
    """Deletes the rows of series that have a tombstone.

    Its methods may raise StoreUnavailableError.

    Attributes:
        due: True if there may be work for `maintain`.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.due = True

    def maintain(self) -> Collection[int]:
        """Delete rows for about 0.03 s, in one transaction.

        Returns:
            The ids of series that are free now.
        """
        deadline = time.monotonic() + _WORK_SECONDS
        freed: list[int] = []
        with translate_errors(), self._engine.begin() as connection:
            tombstones = list(connection.execute(select(tables.deleted.c.series_id)).scalars())
            while tombstones and time.monotonic() < deadline:
                if _delete_some_rows(connection, tombstones[0], _ROWS_PER_CHUNK):
                    freed.append(tombstones.pop(0))
            connection.execute(delete(tables.deleted).where(tables.deleted.c.series_id.in_(freed)))
        self.due = bool(tombstones)
        return freed


def _delete_some_rows(connection: Connection, series_id: int, max_rows: int) -> bool:
    """Delete some rows of a deleted series, and return True if none are left."""
    coverage = tables.coverage
    connection.execute(delete(coverage).where(coverage.c.series_id == series_id))
    for statement in (*_DELETE_FROM_TIER.values(), _DELETE_DIRTY_BLOCKS):
        max_rows -= _delete(connection, statement, series_id, _ALL_TIME, max_rows)
        if max_rows <= 0:
            return False
    return True


def _delete(
    connection: Connection, statement: str, series_id: int, interval: Interval, max_rows: int
) -> int:
    parameters = {
        "series": series_id,
        "start": interval.start,
        "end": interval.end,
        "most": max_rows,
    }
    return connection.exec_driver_sql(statement, parameters).rowcount

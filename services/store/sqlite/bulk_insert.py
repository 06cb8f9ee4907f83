"""Bulk insert of readings, with statements of many rows."""

import sqlite3
from typing import Final

from sqlalchemy import Connection

from services.reading import ReadingBatch

# SQLite before 3.32 takes at most 999 parameters in one statement.
_ROWS_PER_STATEMENT: Final = 1_000 if sqlite3.sqlite_version_info >= (3, 32) else 300

# With more series than this in a batch, their pages would push each other out of the cache.
_MAX_UNSORTED_SERIES: Final = 100

# With fewer readings per series than this, statements of many rows cost more than they save.
_MIN_READINGS_PER_SERIES: Final = 4

_INSERT: Final = "INSERT INTO readings (series_id, ts, value) VALUES "
_ONE: Final = "(?, ?, ?)"
_MANY: Final = ", ".join([_ONE] * _ROWS_PER_STATEMENT)
_KEEP: Final = " ON CONFLICT (series_id, ts) DO NOTHING"
_OVERWRITE: Final = " ON CONFLICT (series_id, ts) DO UPDATE SET value = excluded.value"


def insert_rows(connection: Connection, rows: ReadingBatch[int], *, overwrite: bool = True) -> None:
    """Store readings. If several have the same series and time, the last one counts.

    Args:
        connection: A connection in a transaction.
        rows: Readings with the ids of their series.
        overwrite: Replace stored readings of the same series and time; otherwise keep those.
    """
    end = _OVERWRITE if overwrite else _KEEP
    count, series_count = len(rows), len(set(rows.series))
    dense = count >= _MIN_READINGS_PER_SERIES * series_count
    whole = count - count % _ROWS_PER_STATEMENT if dense else 0
    if whole and series_count > _MAX_UNSORTED_SERIES:
        rows = rows.sorted_by_series()
    columns = (rows.series, rows.ts, rows.value)
    flat: list[int | float] = [0] * (3 * whole)
    flat[0::3], flat[1::3], flat[2::3] = (column[:whole] for column in columns)
    step = 3 * _ROWS_PER_STATEMENT
    for start in range(0, 3 * whole, step):
        parameters = tuple(flat[start : start + step])
        connection.exec_driver_sql(f"{_INSERT}{_MANY}{end}", parameters)
    if whole < count:
        remainder = list(zip(*(column[whole:] for column in columns), strict=True))
        connection.exec_driver_sql(f"{_INSERT}{_ONE}{end}", remainder)

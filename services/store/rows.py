"""Rows into the table of readings, by the fastest way that is safe."""

from itertools import chain
from operator import itemgetter
from typing import Final, TypeAlias

from sqlalchemy import Connection

Row: TypeAlias = tuple[int, int, float]
"""A reading as it stands in the table: the number of its series, microseconds, value."""

# SQLite before 3.32 takes no more than 999 parameters in one statement.
_TOGETHER: Final = 300

# With more series than this in a batch their pages would drive each other out of the cache.
_UNSORTED_SERIES: Final = 100

_INSERT: Final = "INSERT INTO readings (series_id, ts, value) VALUES "
_ONE: Final = "(?, ?, ?)"
_MANY: Final = ", ".join([_ONE] * _TOGETHER)
_KEEP: Final = " ON CONFLICT (series_id, ts) DO NOTHING"
_OVERWRITE: Final = " ON CONFLICT (series_id, ts) DO UPDATE SET value = excluded.value"


def insert_rows(connection: Connection, rows: list[Row], *, overwrite: bool = True) -> None:
    """Store readings. Of several with one series and time the last one stays.

    overwrite: whether they also replace what is there already.
    """
    end = _OVERWRITE if overwrite else _KEEP
    if len({series for series, _ts, _value in rows}) > _UNSORTED_SERIES:
        rows = sorted(rows, key=itemgetter(0, 1))
    whole = len(rows) - len(rows) % _TOGETHER
    for place in range(0, whole, _TOGETHER):
        some = tuple(chain.from_iterable(rows[place : place + _TOGETHER]))
        connection.exec_driver_sql(f"{_INSERT}{_MANY}{end}", some)
    if whole < len(rows):
        connection.exec_driver_sql(f"{_INSERT}{_ONE}{end}", rows[whole:])

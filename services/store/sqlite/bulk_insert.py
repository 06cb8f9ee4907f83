"""Readings as rows of the table, in columns: there are many, and a column is handled at once."""

import sqlite3
from collections.abc import Iterable, Sequence
from itertools import compress
from typing import Final, NamedTuple

from sqlalchemy import Connection

# SQLite before 3.32 takes no more than 999 parameters in one statement.
_TOGETHER: Final = 1_000 if sqlite3.sqlite_version_info >= (3, 32) else 300

# With more series than this in a batch their pages would drive each other out of the cache.
_UNSORTED_SERIES: Final = 100

# With fewer readings a series than this a statement of many rows costs more than it spares.
_FEW: Final = 4

_INSERT: Final = "INSERT INTO readings (series_id, ts, value) VALUES "
_ONE: Final = "(?, ?, ?)"
_MANY: Final = ", ".join([_ONE] * _TOGETHER)
_KEEP: Final = " ON CONFLICT (series_id, ts) DO NOTHING"
_OVERWRITE: Final = " ON CONFLICT (series_id, ts) DO UPDATE SET value = excluded.value"


class Rows(NamedTuple):
    """Readings in columns of one length: the number of the series, microseconds, value."""

    series: Sequence[int]
    ts: Sequence[int]
    value: Sequence[float]

    @property
    def size(self) -> int:
        """How many readings there are."""
        return len(self.ts)

    def where(self, chosen: Iterable[object]) -> "Rows":
        """Those for which this is true."""
        selectors = list(chosen)
        return Rows(
            list(compress(self.series, selectors)),
            list(compress(self.ts, selectors)),
            list(compress(self.value, selectors)),
        )

    def by_series(self) -> "Rows":
        """Those of one series after those of another; within it the order stays."""
        places = sorted(range(self.size), key=self.series.__getitem__)
        return Rows(
            list(map(self.series.__getitem__, places)),
            list(map(self.ts.__getitem__, places)),
            list(map(self.value.__getitem__, places)),
        )


def insert_rows(connection: Connection, rows: Rows, *, overwrite: bool = True) -> None:
    """Store readings. Of several with one series and time the last one stays.

    overwrite: whether they also replace what is there already.
    """
    end = _OVERWRITE if overwrite else _KEEP
    series = len(set(rows.series))
    whole = rows.size - rows.size % _TOGETHER if rows.size >= _FEW * series else 0
    if whole and series > _UNSORTED_SERIES:
        rows = rows.by_series()
    flat: list[int | float] = [0] * (3 * whole)
    flat[0::3], flat[1::3], flat[2::3] = (column[:whole] for column in rows)
    for place in range(0, 3 * whole, 3 * _TOGETHER):
        some = tuple(flat[place : place + 3 * _TOGETHER])
        connection.exec_driver_sql(f"{_INSERT}{_MANY}{end}", some)
    if whole < rows.size:
        rest = list(zip(*(column[whole:] for column in rows), strict=True))
        connection.exec_driver_sql(f"{_INSERT}{_ONE}{end}", rest)

"""The series: found by name, made, and their units."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from sqlalchemy import Connection, func, insert, select, update

from services.store import tables

# SQLite before 3.32 takes no more parameters in one statement.
_LOOKUP: Final = 500

# The number of a series whose rows are still being deleted must not be given to another one.
_LAST_ID: Final = """
    SELECT max(coalesce((SELECT max(id) FROM series), 0),
               coalesce((SELECT max(series_id) FROM deleted), 0))
"""


class KnownSeries(NamedTuple):
    """A series that the database has."""

    id: int
    unit: str | None


def known_units(names: Sequence[str], units: Sequence[str | None]) -> dict[str, str]:
    """The last unit that is told of each series."""
    if not any(units):
        return {}
    return {name: unit for name, unit in zip(names, units, strict=True) if unit is not None}


def look_up(connection: Connection, names: Sequence[str]) -> dict[str, KnownSeries]:
    """The series of these names, as far as there are any."""
    found: dict[str, KnownSeries] = {}
    columns = select(tables.series.c.name, tables.series.c.id, tables.series.c.unit)
    for start in range(0, len(names), _LOOKUP):
        some = names[start : start + _LOOKUP]
        rows = connection.execute(columns.where(tables.series.c.name.in_(some)))
        found |= {row.name: KnownSeries(row.id, row.unit) for row in rows}
    return found


def add_series(
    connection: Connection, names: Sequence[str], units: dict[str, str], most: int, now: int
) -> dict[str, KnownSeries]:
    """Make as many of these series as there is room for, in their order.

    most: how many there may be in all. now: microseconds.
    """
    if not names:
        return {}
    there = connection.execute(select(func.count()).select_from(tables.series)).scalar_one()
    room = names[: max(0, most - there)]
    if room:
        first = connection.exec_driver_sql(_LAST_ID).scalar_one() + 1
        connection.execute(
            insert(tables.series),
            [
                {"id": number, "name": name, "unit": units.get(name), "created_at": now}
                for number, name in enumerate(room, first)
            ],
        )
    return look_up(connection, room)


def set_unit(connection: Connection, series: int, unit: str | None) -> None:
    """Give a series a unit, or none."""
    connection.execute(update(tables.series).where(tables.series.c.id == series).values(unit=unit))

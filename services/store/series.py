"""Series in the database: finding them by name, adding them, and their units."""

from collections.abc import Mapping, Sequence
from itertools import islice
from types import MappingProxyType
from typing import Final, NamedTuple

import msgspec
from sqlalchemy import Connection, func, insert, select, update

from services.formats.parsing.point_names import find_point
from services.point import SeriesPoint, SeriesPoints
from services.store import tables

# SQLite before 3.32 takes at most 999 parameters in one statement.
_NAMES_PER_QUERY: Final = 500

# A deleted series keeps its id until its rows are gone, so that no new series inherits them.
_LAST_ID: Final = """
    SELECT max(coalesce((SELECT max(id) FROM series), 0),
               coalesce((SELECT max(series_id) FROM deleted), 0))
"""


_decode_point = msgspec.json.Decoder(SeriesPoint).decode


class StoredSeries(NamedTuple):
    """A series that is in the database.

    Attributes:
        id: Its id.
        unit: Its unit, None if it has none.
        is_tagged: True if its point is stored.
    """

    id: int
    unit: str | None
    is_tagged: bool = False


class SeriesDetails(NamedTuple):
    """Details that some readings state about their series.

    Attributes:
        units: Units by name, for the series that have one.
        points: Points of the series that came in line protocol.
    """

    units: Mapping[str, str] = MappingProxyType({})
    points: SeriesPoints = MappingProxyType({})

    def tags(self, name: str) -> str | None:
        """Return the point of a series as JSON, None if it has none."""
        point = find_point(name, self.points)
        return None if point is None else msgspec.json.encode(point).decode()


def decode_tags(text: str | None) -> SeriesPoint | None:
    """Return the point in a row's column `tags`, None if it has none that can be read."""
    if text is None:
        return None
    try:
        return _decode_point(text)
    except msgspec.MsgspecError:
        return None


def newest_units(names: Sequence[str], units: Sequence[str | None]) -> dict[str, str]:
    """Return the last unit that is given for each series.

    Args:
        names: The series of readings.
        units: Their units, of the same length; None where a reading has none.
    """
    if not any(units):
        return {}
    return {name: unit for name, unit in zip(names, units, strict=True) if unit is not None}


def find_series(connection: Connection, names: Sequence[str]) -> dict[str, StoredSeries]:
    """Return the series with these names, as far as they exist."""
    stored: dict[str, StoredSeries] = {}
    is_tagged = tables.series.c.tags.is_not(None).label("is_tagged")
    columns = select(tables.series.c.name, tables.series.c.id, tables.series.c.unit, is_tagged)
    for start in range(0, len(names), _NAMES_PER_QUERY):
        part = names[start : start + _NAMES_PER_QUERY]
        rows = connection.execute(columns.where(tables.series.c.name.in_(part)))
        stored |= {row.name: StoredSeries(row.id, row.unit, row.is_tagged) for row in rows}
    return stored


def add_series(
    connection: Connection, names: Sequence[str], details: SeriesDetails, max_series: int, now: int
) -> dict[str, StoredSeries]:
    """Add series in the given order, until the database has as many as it may have.

    Args:
        connection: A connection in a transaction.
        names: Names that no series has yet.
        details: Their units and points.
        max_series: Number of series that the database may have.
        now: Time in microseconds.

    Returns:
        The series that were added.
    """
    if not names:
        return {}
    count = connection.execute(select(func.count()).select_from(tables.series)).scalar_one()
    added = names[: max(0, max_series - count)]
    if added:
        first_id = connection.exec_driver_sql(_LAST_ID).scalar_one() + 1
        connection.execute(
            insert(tables.series),
            [
                {
                    "id": series_id,
                    "name": name,
                    "unit": details.units.get(name),
                    "tags": details.tags(name),
                    "created_at": now,
                }
                for series_id, name in enumerate(added, first_id)
            ],
        )
    return find_series(connection, added)


def set_unit(connection: Connection, series: int, unit: str | None) -> None:
    """Set the unit of a series, None for no unit."""
    connection.execute(update(tables.series).where(tables.series.c.id == series).values(unit=unit))


def _set_tags(connection: Connection, series: int, tags: str | None) -> None:
    connection.execute(update(tables.series).where(tables.series.c.id == series).values(tags=tags))


class SeriesCache:
    """The ids and units of recently used series, so that most batches need no query for them.

    Args:
        max_series: Number of series that the database may have, and that the cache holds at most.
    """

    def __init__(self, max_series: int) -> None:
        self._max_series = max_series
        self._series: dict[str, StoredSeries] = {}

    def __len__(self) -> int:
        return len(self._series)

    def find_or_add(
        self, connection: Connection, names: Sequence[str], details: SeriesDetails, now: int
    ) -> dict[str, StoredSeries]:
        """Return the series with these names, add missing ones, and store new details.

        The cache is not changed: call `update` after the commit.

        Args:
            connection: A connection in a transaction.
            names: Names without duplicates.
            details: The newest units, and the points. The first point of a series is kept.
            now: Time in microseconds.

        Returns:
            The series by name, without those for which the database has no room.
        """
        series = {name: self._series[name] for name in names if name in self._series}
        uncached = [name for name in names if name not in series]
        if uncached:
            series |= find_series(connection, uncached)
            missing = [name for name in uncached if name not in series]
            series |= add_series(connection, missing, details, self._max_series, now)
        for name, unit in details.units.items():
            if name in series and series[name].unit != unit:
                series[name] = series[name]._replace(unit=unit)
                set_unit(connection, series[name].id, unit)
        for name in details.points:
            if name in series and not series[name].is_tagged:
                series[name] = series[name]._replace(is_tagged=True)
                _set_tags(connection, series[name].id, details.tags(name))
        return series

    def update(self, series: dict[str, StoredSeries]) -> None:
        """Cache series that were committed, and evict the oldest beyond the limit."""
        self._series |= series
        excess = len(self._series) - self._max_series
        for name in list(islice(self._series, max(0, excess))):
            del self._series[name]

    def clear(self) -> None:
        """Forget all series, because a command may have changed them."""
        self._series.clear()

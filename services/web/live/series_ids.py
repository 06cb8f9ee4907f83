"""Short ids of series, used instead of names in live frames."""

from collections.abc import Sequence
from typing import Final, TypeAlias

from services.broker.lazy_readings import LazyReadings
from services.formats.parsing.point_names import find_point
from services.point import SeriesPoint
from services.reading import MICROSECONDS, Reading, ReadingBatch

MAX_SERIES_IDS: Final = 100_000
"""Ids that a process gives out by default."""

_CHARS_PER_NAME: Final = 200
"""Characters that names have on average if all ids are given out; longer ones leave room for less.

A character takes up to 4 bytes of memory.
"""


LiveReading: TypeAlias = tuple[int, str, float, float]
"""A reading as viewers receive it: id and name of its series, time in seconds, value.

A plain tuple, because a named one takes four times as long to make.
"""


class SeriesIds:
    """Ids by series name, the same for every viewer of this process.

    Ids are dense: the first series gets 1, the next one 2. So what is known about all series up
    to an id fits into a few bytes for each, or into one number. What is known never changes: a
    series whose point becomes known later gets another id.

    Args:
        max_series: Ids that are given out. This bound, and one of all characters, keep a flood of
            names out of the memory.
    """

    def __init__(self, max_series: int = MAX_SERIES_IDS) -> None:
        self._max_series = max_series
        self._max_chars = max_series * _CHARS_PER_NAME
        self._chars = 0
        self._ids: dict[str, int] = {}
        self._names: list[str] = []
        # Points of most series follow from their names, which takes less memory.
        self._has_point = bytearray()
        self._points: dict[int, SeriesPoint] = {}

    @property
    def last(self) -> int:
        """The newest id, 0 before the first one."""
        return len(self._names)

    def name(self, series_id: int) -> str:
        """Return the name of the series with this id."""
        return self._names[series_id - 1]

    def point(self, series_id: int) -> SeriesPoint | None:
        """Return the point of the series with this id, None if none of its readings had one."""
        if not self._has_point[series_id - 1]:
            return None
        name = self.name(series_id)
        return find_point(name, {name: self._points.get(series_id)})

    def get(self, name: str) -> int | None:
        """Return the id of a series, None if it has none."""
        return self._ids.get(name)

    def get_or_add(self, name: str) -> int | None:
        """Return the id of a series, which gets one if it has none.

        Returns:
            The id, or None if all ids are in use.
        """
        series_id = self._ids.get(name)
        if series_id is None and self._has_room:
            series_id = self._add(name, has_point=False)
        return series_id

    def add(self, readings: Sequence[Reading]) -> None:
        """Give the series of readings their ids."""
        batch = _columns(readings)
        points = batch.points
        # Without repeated names, in the order of the readings.
        for name in dict.fromkeys(batch.series):
            if name not in points:
                self.get_or_add(name)
                continue
            series_id = self._ids.get(name)
            is_known = series_id is not None and self._has_point[series_id - 1]
            if not is_known and self._has_room:
                series_id = self._add(name, has_point=True)
                point = points[name]
                if point is not None:
                    self._points[series_id] = point

    @property
    def _has_room(self) -> bool:
        return len(self._names) < self._max_series and self._chars < self._max_chars

    def _add(self, name: str, *, has_point: bool) -> int:
        self._names.append(name)
        self._chars += len(name)
        self._has_point.append(has_point)
        series_id = self._ids[name] = len(self._names)
        return series_id

    def identify(self, readings: Sequence[Reading]) -> list[LiveReading]:
        """Convert readings. Those of series that get no id are left out."""
        self.add(readings)
        ids, batch = self._ids, _columns(readings)
        return [
            (ids[name], name, ts / MICROSECONDS, value)
            for name, ts, value in zip(batch.series, batch.ts, batch.value, strict=True)
            if name in ids
        ]


def _columns(readings: Sequence[Reading]) -> ReadingBatch[str]:
    if isinstance(readings, LazyReadings):
        return readings.columns
    return ReadingBatch.from_readings(readings)

"""Short ids of series, used instead of names in live frames."""

from collections.abc import Sequence
from typing import Final, TypeAlias

from services.broker.lazy_readings import LazyReadings
from services.reading import MICROSECONDS, Reading, ReadingBatch

MAX_SERIES_IDS: Final = 100_000
"""Ids that a process gives out by default."""


LiveReading: TypeAlias = tuple[int, str, float, float]
"""A reading as viewers receive it: id and name of its series, time in seconds, value.

A plain tuple, because a named one takes four times as long to make.
"""


class SeriesIds:
    """Ids by series name, the same for every viewer of this process.

    Ids are dense: the first series gets 1, the next one 2. So what is known about all series up
    to an id fits into a few bytes for each, or into one number.

    Args:
        max_series: Names that get an id. The bound keeps a flood of names out of the memory.
    """

    def __init__(self, max_series: int = MAX_SERIES_IDS) -> None:
        self._max_series = max_series
        self._ids: dict[str, int] = {}
        self._names: list[str] = []

    @property
    def last(self) -> int:
        """The newest id, 0 before the first one."""
        return len(self._names)

    def name(self, series_id: int) -> str:
        """Return the name of the series with this id."""
        return self._names[series_id - 1]

    def get(self, name: str) -> int | None:
        """Return the id of a series, None if it has none."""
        return self._ids.get(name)

    def get_or_add(self, name: str) -> int | None:
        """Return the id of a series, which gets one if it has none.

        Returns:
            The id, or None if all ids are in use.
        """
        series_id = self._ids.get(name)
        if series_id is None and len(self._names) < self._max_series:
            self._names.append(name)
            series_id = self._ids[name] = len(self._names)
        return series_id

    def add(self, readings: Sequence[Reading]) -> None:
        """Give the series of readings their ids."""
        # Without repeated names, in the order of the readings.
        for name in dict.fromkeys(_columns(readings).series):
            self.get_or_add(name)

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

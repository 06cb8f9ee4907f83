"""Short ids of series, used instead of names in live frames."""

from typing import Final

from services.pattern import SeriesFilter

MAX_SERIES_IDS: Final = 100_000
"""Ids that a process gives out by default."""


class SeriesIds:
    """Ids by series name, the same for every viewer of this process.

    Args:
        max_series: Names that get an id. The bound keeps a flood of names out of the memory.
    """

    def __init__(self, max_series: int = MAX_SERIES_IDS) -> None:
        self._max_series = max_series
        self._ids: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._ids)

    def get_or_add(self, name: str) -> int | None:
        """Return the id of a series, which gets one if it has none.

        Returns:
            The id, from 1, or None if all ids are in use.
        """
        series_id = self._ids.get(name)
        if series_id is None and len(self._ids) < self._max_series:
            series_id = self._ids[name] = len(self._ids) + 1
        return series_id

    def get_selected(self, name: str, series_filter: SeriesFilter) -> int | None:
        """Return the id of a series as `get_or_add` does, or None if it is not selected."""
        return self.get_or_add(name) if name in series_filter else None

    def select(self, series_filter: SeriesFilter) -> dict[str, int]:
        """Return the ids of all selected series that have one, by name."""
        return {name: series_id for name, series_id in self._ids.items() if name in series_filter}

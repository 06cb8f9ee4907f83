"""Readings in columns, as a live frame carries them."""

from collections.abc import Iterable
from typing import TypeAlias

from services.web.live.series_ids import LiveReading

LiveColumns: TypeAlias = dict[int, tuple[list[float], list[float]]]
"""Times in seconds, and values, by series id."""


def add_readings(columns: LiveColumns, readings: Iterable[LiveReading]) -> None:
    """Append readings, in the journal's order, to the columns of their series."""
    for series_id, _name, seconds, value in readings:
        times, values = columns.setdefault(series_id, ([], []))
        times.append(seconds)
        values.append(value)

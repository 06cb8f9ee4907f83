"""Readings in columns, as a live frame carries them."""

from collections.abc import Callable, Iterable
from typing import TypeAlias

from services.reading import Reading, ts_to_seconds

LiveColumns: TypeAlias = dict[int, tuple[list[float], list[float]]]
"""Times in seconds, and values, by series id."""


def add_readings(
    columns: LiveColumns,
    readings: Iterable[Reading],
    ids: dict[str, int],
    find_id: Callable[[str], int | None],
) -> int:
    """Append readings to the columns of their series.

    Args:
        columns: Receives times and values.
        readings: What to append, in the journal's order.
        ids: Known ids of selected series. Ids that are found are added.
        find_id: Called with a name that `ids` lacks. It returns None for a series that is not
            selected or gets no id; its readings are left out.

    Returns:
        The number of readings that were appended.
    """
    count = 0
    for series, ts, value, _unit in readings:
        series_id = ids.get(series)
        if series_id is None:
            series_id = find_id(series)
            if series_id is None:
                continue
            ids[series] = series_id
        times, values = columns.setdefault(series_id, ([], []))
        times.append(ts_to_seconds(ts))
        values.append(value)
        count += 1
    return count

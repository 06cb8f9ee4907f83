"""Hints at the option `--columns` that work as they are printed."""

from collections.abc import Mapping, Sequence
from typing import Final

from services.formats.parsing.table.header_names import is_time

ANY_COLUMNS: Final = "name the columns, for example --columns time,temp,hum"
"""Hint for a table whose names can't be typed on a command line."""

_MAX_CHARS: Final = 300
_NOT_TYPEABLE: Final = frozenset(",'\n")


def columns_option(names: Sequence[str], changes: Mapping[int, str]) -> str | None:
    """Return the option with the names of a table, some of them changed.

    Args:
        names: Names of all columns.
        changes: New names by the index of their column.

    Returns:
        The option, such as "--columns 'time,-,temp'"; None if it can't be typed, or
        if there is one column.
    """
    words = [changes.get(index, name) for index, name in enumerate(names)]
    text = ",".join(words)
    if (
        len(words) == 1
        or len(text) > _MAX_CHARS
        or any(_NOT_TYPEABLE & set(word) for word in words)
    ):
        return None
    return f"--columns '{text}'"


def option_of_row(cells: Sequence[str]) -> str:
    """Return the option for a first row that is data."""
    times = [index for index, cell in enumerate(cells) if is_time(cell)] or [0]
    names = [f"column {index + 1}" for index in range(len(cells))]
    return columns_option(names, {times[0]: "time"}) or "--columns time,temp,hum"

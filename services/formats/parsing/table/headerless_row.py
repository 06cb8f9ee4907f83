"""A first row that shows the columns of its table without a header."""

import re
from collections.abc import Sequence
from typing import Final

from services.formats.parsing.quantities import is_known_unit, parse_state
from services.formats.parsing.table.columns import CsvColumns
from services.formats.parsing.table.header_names import is_data, is_name, parse_name
from services.formats.parsing.table.header_reader import columns_of_header
from services.formats.parsing.table.options import TableOptions

_VALUE_START = re.compile(r"\s*[+-]?[.,]?\d|\s*nan\s*$", re.ASCII | re.IGNORECASE)
_QUANTITY = re.compile(r"[+-]?\d[\d.,]*\s*(\D.*)", re.ASCII)
_MAIN_ROLES: Final = frozenset({"time", "series", "value", "unit"})
_STATES_AND_NAMES: Final = frozenset({"home"})
"""States that are likely names too: the presence of a person seldom stands beside a number."""

_ROWS_WITHOUT_HEADER: Final = {
    # By the number of cells: `series,value`, `time,series,value` and `time,series,value,unit`.
    2: ("series", "value"),
    3: ("time", "series", "value"),
    4: ("time", "series", "value", "unit"),
}


def columns_without_header(cells: Sequence[str], options: TableOptions) -> CsvColumns | None:
    """Return the columns of a row of two to four cells that needs no header.

    Args:
        cells: The cells of the row.
        options: What the operator says about the table.

    Returns:
        The columns, or None if the cells may mean anything else.

    Raises:
        MalformedError: The row has no time, and the options require one.
    """
    roles = _ROWS_WITHOUT_HEADER.get(len(cells))
    if roles is None:
        return None
    by_role = dict(zip(roles, cells, strict=True))
    is_clear = (
        is_name(by_role["series"])
        and not _is_value(by_role["series"])
        and parse_name(by_role["series"]).role not in _MAIN_ROLES
        and bool(_VALUE_START.match(by_role["value"]) or parse_state(by_role["value"]) is not None)
        and not is_data(by_role.get("unit", ""))
        and parse_state(by_role.get("unit", "")) is None
        and (not by_role.get("time", "").strip() or is_data(by_role["time"]))
    )
    if not is_clear:
        return None
    return columns_of_header(roles, options)


def _is_value(text: str) -> bool:
    """Return True for the text of a value that a name could have too: a state, or `21.5 °C`."""
    match = _QUANTITY.fullmatch(text.strip())
    if match is not None:
        return is_known_unit(match[1])
    return parse_state(text) is not None and text.strip().lower() not in _STATES_AND_NAMES

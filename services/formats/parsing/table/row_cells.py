"""Cells of a row that has more or fewer of them than its table has columns."""

import re
from itertools import pairwise
from typing import Final

from services.errors import MalformedError
from services.formats.parsing.table.columns import CsvColumns
from services.formats.parsing.table.options import TableOptions

_DECIMAL_HINT: Final = "if the decimal separator is a comma, add --decimal ,"
_WHOLE_PART = re.compile(r"\s*[+-]?\d+", re.ASCII)
_FRACTION_PART = re.compile(r"\d+\s*", re.ASCII)
_TIME_WITH_SECONDS = re.compile(r".*:\d\d", re.ASCII)
_FRACTION_LENGTHS: Final = frozenset({3, 6})


class RowCells:
    """Fits the cells of rows to the columns of their table.

    Args:
        columns: The columns of the table.
        delimiter: Character between two cells.
        options: What the operator says about the table.
    """

    def __init__(self, columns: CsvColumns, delimiter: str, options: TableOptions) -> None:
        self._columns = columns
        self._count = len(columns.described)
        self._min_count = columns.min_cells
        self._times = columns.times
        self._time = columns.times[0] if len(columns.times) == 1 else None
        self._has_commas = delimiter == "," and options.decimal is None
        self._joins_decimals = delimiter == "," and options.decimal == ","

    def time(self, cells: list[str]) -> str:
        """Return the time of a row as text, empty if it has none.

        Raises:
            MalformedError: The row has a date without a time of day, or the reverse.
        """
        if self._time is not None:
            return cells[self._time].strip()
        parts = [cells[index].strip() for index in self._times]
        if any(parts) and not all(parts):
            raise MalformedError("its date or its time of day is missing")
        return " ".join(parts).strip()

    def fit(self, cells: list[str], line: str) -> list[str]:
        """Return as many cells as the table has columns, none for a blank line.

        Empty cells at the end are dropped, and a missing unit at the end is added.

        Raises:
            MalformedError: The line has more or fewer cells than the header.
        """
        if not any(cell.strip() for cell in cells):
            return []
        end = len(cells)
        while end > self._count and not cells[end - 1].strip():
            end -= 1
        cells = cells[:end]
        if self._joins_decimals and end > self._count and '"' not in line:
            cells = self._joined(cells)
        count = len(cells)
        if self._min_count <= count <= self._count:
            return cells + [""] * (self._count - count)
        reason = f"{end} cells, but the table has {self._count} columns"
        raise MalformedError(reason, _DECIMAL_HINT if self._is_split_number(cells) else "")

    def _is_split_number(self, cells: list[str]) -> bool:
        return (
            self._has_commas
            and len(cells) > self._count
            and any(
                _WHOLE_PART.fullmatch(whole) and _FRACTION_PART.fullmatch(fraction)
                for whole, fraction in pairwise(cells)
            )
        )

    def _joined(self, cells: list[str]) -> list[str]:
        """Join the two parts of each number, if every value of the row has two.

        Otherwise nothing shows which number a part belongs to.
        """
        value_cells = {column.cell for column in self._columns.values}
        if len(cells) != self._count + len(value_cells):
            return cells
        joined: list[str] = []
        rest = iter(cells)
        for index in range(self._count):
            cell = next(rest)
            if index in value_cells:
                fraction = next(rest)
                if not (_WHOLE_PART.fullmatch(cell) and _FRACTION_PART.fullmatch(fraction)):
                    return cells
                # In `15:30:00,123,28` the comma may belong to the second.
                is_second = joined and _TIME_WITH_SECONDS.fullmatch(joined[-1])
                if is_second and len(cell.strip()) in _FRACTION_LENGTHS:
                    return cells
                cell = f"{cell},{fraction}"
            joined.append(cell)
        return joined

"""Preview of the first rows of a table, before any row is decoded."""

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from itertools import pairwise
from typing import Final

from services.errors import MalformedError
from services.formats.parsing.quantities import DoubtfulNumberError
from services.formats.parsing.table.cell_numbers import missing_value
from services.formats.parsing.table.columns import CsvColumns
from services.formats.parsing.table.columns_hint import ANY_COLUMNS, columns_option
from services.formats.parsing.table.header_names import is_data
from services.formats.parsing.table.options import TableOptions
from services.formats.parsing.table.rows import TableRows

_MAX_PREVIEW_ROWS: Final = 200
_MIN_COUNTED_ROWS: Final = 3
"""Minimum number of rows that show that a column with a name counts them."""

_WHOLE_NUMBER = re.compile(r"\s*\d{1,18}\s*", re.ASCII)
_TIME_OF_DAY = re.compile(r"\s*\d{1,2}:\d\d", re.ASCII)


def preview_rows(rows: TableRows, lines: Iterable[str], options: TableOptions) -> list[str]:
    """Recognise the decimal separator and columns to leave out from the first rows.

    Args:
        rows: Decoder of the rows. Columns of row numbers, and of texts that name no series, are
            left out of it.
        lines: The first lines below the header.
        options: What the operator says about the table.

    Returns:
        Notes about the meaning of the text.

    Raises:
        MalformedError: The table can't be understood: the numbers show both separators, or a
            column of a file holds texts that may tell series apart, or has no name, or none
            holds numbers.
    """
    cells_of_rows = _first_rows(rows, lines)
    values = rows.columns.values
    # In a stream, each number that shows the other separator is refused alone.
    with suppress(*(() if options.is_file else (MalformedError,))):
        rows.numbers.observe([cells[column.cell] for cells in cells_of_rows for column in values])
    if rows.columns.influx is not None or (rows.columns.keys and values[0].name is None):
        return []
    cells_of = {column.cell: [cells[column.cell] for cells in cells_of_rows] for column in values}
    counters = _counters(rows, cells_of, is_file=options.is_file)
    texts = {
        cell: text
        for cell, cells in cells_of.items()
        if cell not in counters and (text := _text_of(rows, cells)) is not None
    }
    harmless = {column.cell for column in values if column.may_be_text and column.cell in texts}
    names = {index: column.header for index, column in enumerate(rows.columns.described)}
    for cell, text in texts.items():
        if cell not in harmless and options.is_file:
            raise MalformedError(
                f"the column {names[cell]!r:.60} holds texts such as {text[:40]!r}",
                _hint(rows.columns, cell, text),
            )
    left_out = harmless | counters
    if len(left_out) == len(values):
        if options.is_file:
            raise MalformedError("the table has no column of numbers", ANY_COLUMNS)
        return []
    if left_out:
        rows.leave_out(left_out)
    notes = [f"{_quote(names[cell])} counts the lines, and is left out" for cell in counters]
    return notes + [f"{_quote(names[cell])} holds texts, and is left out" for cell in harmless]


def _first_rows(rows: TableRows, lines: Iterable[str]) -> list[list[str]]:
    """Return the cells of the first rows with as many of them as there are columns."""
    found: list[list[str]] = []
    for line in lines:
        with suppress(MalformedError):
            cells = rows.split(line)
            if cells:
                found.append(cells)
        if len(found) == _MAX_PREVIEW_ROWS:
            break
    return found


def _counters(rows: TableRows, cells_of: Mapping[int, list[str]], *, is_file: bool) -> set[int]:
    """Return the columns that hold the numbers of the rows.

    Outside a file, one of three requests must not leave out what the others store.

    Raises:
        MalformedError: A column without a name holds anything else.
    """
    found = set()
    for column in rows.columns.values:
        if not column.may_count:
            continue
        cells, has_others = cells_of[column.cell], len(rows.columns.values) > 1
        is_shown = is_file and len(cells) >= _MIN_COUNTED_ROWS
        if has_others and _counts(cells) and (is_shown or not column.name):
            found.add(column.cell)
        elif not column.name:
            names = [described.header for described in rows.columns.described]
            option = columns_option(names, {column.cell: "-"})
            raise MalformedError(
                f"column {column.cell + 1} has no name",
                f"{option} leaves it out" if option else ANY_COLUMNS,
            )
    return found


def _counts(cells: list[str]) -> bool:
    """Return True if each cell is a whole number, one above the cell before it."""
    if not all(_WHOLE_NUMBER.fullmatch(cell) for cell in cells):
        return False
    return all(int(after) == int(before) + 1 for before, after in pairwise(cells))


def _quote(name: str) -> str:
    return f"the column {name!r:.60}" if name else "the column without a name"


def _text_of(rows: TableRows, cells: list[str]) -> str | None:
    """Return a text of a column that holds only texts, None for any other column."""
    text = None
    for cell in cells:
        if missing_value(cell) is not None:
            continue
        try:
            rows.numbers.parse(cell, None)
        except DoubtfulNumberError:
            return None
        except MalformedError:
            text = text or cell.strip()
        else:
            return None
    return text


def _hint(columns: CsvColumns, cell: int, text: str) -> str:
    names = [column.header for column in columns.described]
    left_out = columns_option(names, {cell: "-"})
    if left_out is None:
        return "name the columns with --columns: series if it tells series apart, - to leave it out"
    if _TIME_OF_DAY.match(text) and len(columns.times) == 1:
        used = columns_option(names, {columns.times[0]: "date", cell: "time"})
        return f"if it is the time of day: {used}; otherwise {left_out}"
    if is_data(text):
        return f"{left_out} leaves it out"
    keys = dict.fromkeys(columns.keys, "-")
    used = columns_option(names, keys | {cell: "series"})
    return f"if it tells series apart: {used}; otherwise {left_out}"

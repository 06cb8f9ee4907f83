"""A look at the first rows of a table, before any of them is decoded."""

from collections.abc import Iterable
from contextlib import suppress
from typing import Final

from services.errors import MalformedError
from services.formats.parsing.cell_numbers import missing_value
from services.formats.parsing.quantities import DoubtfulNumberError
from services.formats.parsing.table_options import TableOptions
from services.formats.parsing.table_rows import TableRows

_MAX_PREVIEW_ROWS: Final = 200


def preview_rows(rows: TableRows, lines: Iterable[str], options: TableOptions) -> list[str]:
    """Recognise the decimal separator, and columns that hold texts, from the first rows.

    Args:
        rows: Decoder of the rows. Columns with texts that name no series are left out of it.
        lines: The first lines below the header.
        options: What the operator says about the table.

    Returns:
        Sentences about what was understood.

    Raises:
        MalformedError: The table can't be understood: the numbers show both separators, or a
            column of a file holds texts that may tell series apart.
    """
    cells_of_rows: list[list[str]] = []
    for line in lines:
        with suppress(MalformedError):
            cells = rows.split(line)
            if cells:
                cells_of_rows.append(cells)
        if len(cells_of_rows) == _MAX_PREVIEW_ROWS:
            break
    values = rows.columns.values
    # In a stream, each number that shows the other separator is refused alone.
    with suppress(*(() if options.is_file else (MalformedError,))):
        rows.numbers.observe([cells[column.cell] for cells in cells_of_rows for column in values])
    if rows.columns.influx is not None or (rows.columns.keys and values[0].name is None):
        return []
    texts = {
        column.cell: text
        for column in values
        if (text := _text_of(rows, [cells[column.cell] for cells in cells_of_rows])) is not None
    }
    harmless = {column.cell for column in values if column.may_be_text and column.cell in texts}
    names = {index: column.header for index, column in enumerate(rows.columns.described)}
    for cell, text in texts.items():
        if cell not in harmless and options.is_file:
            raise MalformedError(
                f"the column {names[cell]!r:.60} holds texts such as {text[:40]!r}",
                _hint(names, cell),
            )
    if harmless:
        rows.leave_out(harmless)
    return [f"the column {names[cell]!r:.60} holds texts, and is left out" for cell in harmless]


def _text_of(rows: TableRows, cells: list[str]) -> str | None:
    """Return a text of a column that holds nothing else, None for any other column."""
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


def _hint(names: dict[int, str], cell: int) -> str:
    def columns(word: str) -> str:
        return ",".join(word if index == cell else name for index, name in names.items())

    if any("," in name for name in names.values()):
        return "name the columns with --columns: series if it tells series apart, - to leave it out"
    return f"if it tells series apart: --columns '{columns('series')}'; otherwise '{columns('-')}'"

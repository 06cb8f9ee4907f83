"""The beginning of a table: comments, the delimiter, and the header."""

import re
from typing import Final, NamedTuple

from services.errors import MalformedError
from services.formats.parsing.quantities import parse_state
from services.formats.parsing.table.cell_numbers import missing_value
from services.formats.parsing.table.columns import CsvColumns
from services.formats.parsing.table.dialect import (
    DELIMITERS,
    OpenQuoteError,
    check_delimiter,
    declared_delimiter,
    split_cells,
)
from services.formats.parsing.table.header_names import is_data, parse_name
from services.formats.parsing.table.header_reader import columns_of_header
from services.formats.parsing.table.headerless_row import columns_without_header
from services.formats.parsing.table.influx import check_annotation
from services.formats.parsing.table.options import TableOptions

_MAX_HEADER_CHARS: Final = 65_536
_MAX_HEADER_LINES: Final = 100
_DIGIT = re.compile(r"\d", re.ASCII)
_NUMBER_START = re.compile(r"\W*\d", re.ASCII)


class TableStart(NamedTuple):
    """Delimiter, columns and header at the beginning of a table.

    Attributes:
        delimiter: Character between two cells.
        columns: The columns.
        header: The header, None if the table has none and the line is its first row.
    """

    delimiter: str
    columns: CsvColumns
    header: str | None


class TableOpening:
    """Reads the lines of a table up to its header or its first row.

    Args:
        options: What the operator says about the table.

    Raises:
        MalformedError: The delimiter is not possible.
    """

    def __init__(self, options: TableOptions) -> None:
        self._options = options
        self._delimiter = options.delimiter and check_delimiter(options.delimiter)
        self._open_lines: list[str] = []

    def feed(self, line: str) -> TableStart | None:
        """Read the next line.

        Returns:
            The columns, or None if the table has not begun yet.

        Raises:
            MalformedError: The header is not understood, or is a row of data.
        """
        line = line.removeprefix("\ufeff")
        if not self._open_lines:
            if not line.strip(" \t,;"):
                return None
            if line.startswith("#"):
                check_annotation(split_cells(line.replace('"', ""), ","))
                return None
            declared = declared_delimiter(line)
            if declared is not None:
                if self._options.delimiter is None:
                    self._delimiter = declared
                return None
        self._open_lines.append(line)
        text = "\n".join(self._open_lines)
        try:
            start = self._start(text)
        except OpenQuoteError:
            if len(text) > _MAX_HEADER_CHARS or len(self._open_lines) > _MAX_HEADER_LINES:
                raise
            return None
        self._open_lines = []
        return start

    def finish(self) -> None:
        """End the table.

        Raises:
            MalformedError: A quote in the header is still open.
        """
        if self._open_lines:
            raise MalformedError("not CSV: a quote in the header is not closed")

    def _start(self, text: str) -> TableStart:
        if self._delimiter:
            return self._start_with(text, self._delimiter)
        errors: list[tuple[int, MalformedError]] = []
        for delimiter in DELIMITERS:
            if delimiter not in text:
                continue
            try:
                return self._start_with(text, delimiter)
            except OpenQuoteError:
                raise
            except MalformedError as error:
                errors.append((text.count(delimiter), error))
        if not errors:
            split_cells(text, ",")
            raise MalformedError(
                f"the table has only one column: {text[:40]!r}",
                "commas, semicolons or tabs must separate its cells, or what --delimiter names; "
                "delete lines above the header, if there are any",
            )
        raise max(errors, key=lambda pair: pair[0])[1]

    def _start_with(self, text: str, delimiter: str) -> TableStart:
        cells = split_cells(text, delimiter)
        if self._options.columns is not None:
            return self._start_with_names(text, cells, delimiter, self._options.columns)
        others = {other for other in DELIMITERS if other != delimiter}
        if not any(other in cell for cell in cells for other in others - {","}):
            columns = columns_without_header(cells, self._options)
            if columns is not None:
                return TableStart(delimiter, columns, None)
        return TableStart(delimiter, columns_of_header(cells, self._options), text)

    def _start_with_names(
        self, text: str, cells: list[str], delimiter: str, names: tuple[str, ...]
    ) -> TableStart:
        columns = columns_of_header(names, self._options)
        while len(cells) > len(names) and not cells[-1].strip():
            cells.pop()
        if not columns.min_cells <= len(cells) <= len(names):
            raise MalformedError(
                f"--columns names {len(names)} columns, and the first line has {len(cells)} cells"
            )
        return TableStart(delimiter, columns, text if _is_replaced(cells, columns) else None)


def _is_replaced(cells: list[str], columns: CsvColumns) -> bool:
    """Return True if a line is a header that the option `columns` replaces."""
    times = [cells[index] for index in columns.times]
    if any(parse_name(text).role == "time" for text in times):
        return True
    if times and not any(_DIGIT.search(text) for text in times):
        return True
    # A header such as `Timestamp for every 1 min` has a digit, and no values beside it.
    values = [cells[column.cell] for column in columns.values]
    return not any(map(is_data, times)) and not any(map(_may_be_value, values))


def _may_be_value(text: str) -> bool:
    is_number = bool(_NUMBER_START.match(text))
    return is_number or missing_value(text) is not None or parse_state(text) is not None

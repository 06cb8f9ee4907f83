"""Readings as CSV: `time,series,value,unit`, or a column for each series, with or without a header.

What a table means is decided before its first reading: the delimiter, the columns, the decimal
separator. A table that can be read in two ways is refused as a whole, a line that can be is
refused alone. Each line is one record: no part of a reading can hold a line break. So an open
quote damages only its own line. Spaces around a cell are ignored.
"""

import csv
import io
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Final

from services.errors import MalformedError
from services.formats.parsing.json_stream import MAX_ITEM_CHARS
from services.formats.parsing.result import (
    DecodeResult,
    ReadingCollector,
    ReserveTimestamps,
)
from services.formats.parsing.table import dialect
from services.formats.parsing.table.description import TableDescription
from services.formats.parsing.table.dialect import escape_formula, split_cells
from services.formats.parsing.table.header_reader import columns_of_header
from services.formats.parsing.table.influx import InfluxColumns
from services.formats.parsing.table.opening import TableOpening, TableStart
from services.formats.parsing.table.options import DEFAULT_OPTIONS, TableOptions
from services.formats.parsing.table.preview import preview_rows
from services.formats.parsing.table.rows import TableRows
from services.reading import Reading

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
DELIMITERS: Final = tuple(delimiter.encode() for delimiter in dialect.DELIMITERS)
"""Delimiters of cells that are recognised."""

TABLE_MARKS: Final = (b"sep=", b"#datatype,", b"#group,", b"#default,")
"""Beginnings of lines that stand above the header of a table."""

_NOT_UTF8: Final = "not UTF-8"


class CsvDecoder:
    """Decodes a table that arrives in chunks of whole lines.

    Args:
        options: What the operator says about the table.

    Raises:
        MalformedError: An option is not possible.
    """

    def __init__(self, options: TableOptions = DEFAULT_OPTIONS) -> None:
        self._options = options
        self._opening = TableOpening(options)
        self._start: TableStart | None = None
        self._rows: TableRows | None = None
        self._preview_notes: list[str] | None = None
        self._is_understood = True

    @property
    def notes(self) -> list[str]:
        """Notes about the meaning of the text, each once."""
        rows = self._rows
        if rows is None or self._start is None:
            return []
        notes = rows.times.notes + rows.numbers.notes + (self._preview_notes or [])
        if self._start.header is not None and self._options.columns is not None:
            notes.append("the names of --columns replace the header")
        return notes

    @property
    def description(self) -> TableDescription | None:
        """Description of the table as it was understood; None before its header."""
        start, rows = self._start, self._rows
        if start is None or rows is None:
            return None
        return TableDescription(
            rows.columns.described,
            start.delimiter,
            rows.numbers.decimal,
            start.header is not None,
        )

    def decode(
        self, text: bytes, arrival_ts: int, reserve: ReserveTimestamps | None = None
    ) -> DecodeResult:
        """Decode the next lines.

        Args:
            text: Whole lines.
            arrival_ts: Time of arrival in microseconds; see `formats.json.decode_json`.
            reserve: Reserves unique times of arrival; see `ReadingCollector.result`.

        Returns:
            The readings and faults. The index of a fault is its line in `text`, from 0.

        Raises:
            MalformedError: The table is not understood. No part was decoded.
            OversizedError: The text has too many readings.
        """
        collector = ReadingCollector(arrival_ts)
        collector.check_count(text.count(b"\n"))
        lines = _decode_lines(text)
        first_row = self._read_opening(lines, collector) if self._rows is None else 0
        if self._rows is not None:
            self._preview(self._rows, lines[first_row:])
        for index in range(first_row, len(lines)):
            self._add_line(index, lines[index], collector, arrival_ts)
            collector.check_count()
        result = collector.result(reserve)
        return result if self._rows is None else result._replace(points=self._rows.points)

    def finish(self) -> None:
        """End the table. Call it after the last line.

        Raises:
            MalformedError: The header has an open quote.
        """
        self._opening.finish()

    def _read_opening(self, lines: list[str | None], collector: ReadingCollector) -> int:
        """Read the lines up to the first row, and return its index."""
        for index, line in enumerate(lines):
            if line is None or len(line) > MAX_ITEM_CHARS:
                fault = f"a line must have at most {MAX_ITEM_CHARS} bytes" if line else _NOT_UTF8
                collector.add_fault(index, fault)
                continue
            start = self._opening.feed(line)
            if start is not None:
                self._start = start
                self._rows = TableRows(start.columns, start.delimiter, self._options)
                return index + (start.header is not None)
        return len(lines)

    def _preview(self, rows: TableRows, lines: list[str | None]) -> None:
        if self._preview_notes is None and any(line and line.strip() for line in lines):
            self._preview_notes = preview_rows(rows, filter(None, lines), self._options)

    def _add_line(
        self, index: int, line: str | None, collector: ReadingCollector, arrival_ts: int
    ) -> None:
        rows = self._rows
        try:
            if line is None:
                raise MalformedError(_NOT_UTF8)  # noqa: TRY301 (one place adds the faults)
            if rows is None or not self._is_understood:
                raise MalformedError("its header is not understood")  # noqa: TRY301
            rows.add_row(index, line, collector, arrival_ts)
        except MalformedError as error:
            fault = str(error) if line is None else self._read_header_or_fault(line, error)
            if fault:
                collector.add_fault(index, fault)

    def _read_header_or_fault(self, line: str, error: MalformedError) -> str:
        """Read a line that is no row as a header inside the table, or return its fault."""
        start = self._start
        if start is None or not line.strip():
            return ""
        if line.removeprefix("\ufeff") == start.header:
            self._is_understood = True
            return ""
        if start.columns.influx is None or line.startswith("#"):
            return str(error)
        try:
            cells = split_cells(line, start.delimiter)
            if not InfluxColumns.is_header(cells):
                return str(error)
            # InfluxDB writes a table with other columns below the first one.
            columns = columns_of_header(cells, self._options)
        except MalformedError as new_error:
            self._is_understood = False
            return str(new_error)
        self._is_understood = True
        self._start = start._replace(columns=columns, header=line)
        points = {} if self._rows is None else self._rows.points
        self._rows = TableRows(columns, start.delimiter, self._options)
        self._rows.points = points
        return ""


def decode_csv(
    text: bytes, arrival_ts: int, reserve: ReserveTimestamps | None = None
) -> DecodeResult:
    """Decode a whole table; see `CsvDecoder.decode`.

    Raises:
        MalformedError: The table is not understood. No part was decoded.
        OversizedError: The text has too many readings.
    """
    decoder = CsvDecoder()
    decoded = decoder.decode(text, arrival_ts, reserve)
    decoder.finish()
    return decoded


def encode_csv(readings: Iterable[Reading], header: bool = True) -> bytes:
    """Encode readings by RFC 4180, one record each, with times in UTC as ISO 8601.

    Args:
        readings: The readings.
        header: True to begin with a header.
    """
    text = io.StringIO()
    write = csv.writer(text).writerow
    if header:
        write(["time", "series", "value", "unit"])
    for r in readings:
        time = (_EPOCH + timedelta(microseconds=r.ts)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        write([time, escape_formula(r.series), repr(r.value), escape_formula(r.unit or "")])
    return text.getvalue().encode()


def _decode_lines(text: bytes) -> list[str | None]:
    """Return the lines of a text, None for one that is not UTF-8."""
    text = text.replace(b"\r\n", b"\n").removesuffix(b"\r")
    try:
        return [*text.decode().split("\n")]
    except UnicodeDecodeError:
        return [_decode_line(line) for line in text.split(b"\n")]


def _decode_line(line: bytes) -> str | None:
    try:
        return line.decode()
    except UnicodeDecodeError:
        return None

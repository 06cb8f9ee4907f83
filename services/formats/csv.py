"""Readings as CSV: `time,series,value,unit`, or a column for each series, or without a header.

Each line is one record: no part of a reading can hold a line break. So an open quote damages only
its own line. Spaces around a cell are ignored.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple, Self

from services.errors import MalformedError
from services.formats.parsing.json_stream import MAX_ITEM_CHARS
from services.formats.parsing.result import (
    MAX_REASON_CHARS,
    DecodeResult,
    ReadingCollector,
    ReserveTimestamps,
)
from services.formats.parsing.table_description import TableDescription
from services.formats.parsing.table_options import DEFAULT_OPTIONS, TableOptions
from services.reading import (
    Reading,
    ts_fault,
    ts_from_iso8601,
    ts_from_seconds,
)

_COLUMN_NAMES: Final = {
    "series": ("series", "name", "metric"),
    "value": ("value",),
    "time": ("time", "ts", "timestamp"),
    "unit": ("unit",),
}
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

# A text that a spreadsheet would run as a formula, after any apostrophes that prevent it.
_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)


class CsvColumns(NamedTuple):
    """Indexes of the columns of a table, None for a column that is missing.

    Attributes:
        time: Column of the times.
        series: Column of the series names, None if each series has a column of its own.
        value: Column of the values, None if each series has a column of its own.
        unit: Column of the units.
        series_columns: Series name of each column of values, if each series has one.
    """

    time: int | None
    series: int | None
    value: int | None
    unit: int | None
    series_columns: dict[int, str]

    @classmethod
    def from_header(cls, cells: list[str]) -> Self | None:
        """Read the columns from a header.

        A record is a header if it has a column `value` and a column `series`, or if its first
        column is `time` and others follow.

        Returns:
            The columns, or None if the record is not a header.
        """
        words = [cell.strip().lower() for cell in cells]
        time, series, value, unit = (
            next((words.index(word) for word in _COLUMN_NAMES[column] if word in words), None)
            for column in ("time", "series", "value", "unit")
        )
        if series is not None and value is not None:
            return cls(time, series, value, unit, {})
        if time == 0 and len(cells) > 1:
            series_columns = {
                index: _unescape_formula(name)
                for index, name in enumerate(cells)
                if index and name.strip()
            }
            return cls(0, None, None, None, series_columns)
        return None

    @classmethod
    def without_header(cls, cell_count: int) -> Self:
        """Return the columns of a record of a table without a header.

        Two cells are `series,value`, three `time,series,value`, more `time,series,value,unit`.
        """
        if cell_count < 3:  # noqa: PLR2004 (see the docstring)
            return cls(None, 0, 1, None, {})
        return cls(0, 1, 2, 3, {})


class CsvDecoder:
    """Decodes a table that arrives in chunks of whole lines. The first line may be a header.

    Args:
        options: What the operator says about the table.

    Attributes:
        notes: Sentences about what was understood, each once.
    """

    def __init__(self, options: TableOptions = DEFAULT_OPTIONS) -> None:
        self.notes: list[str] = []
        self._options = options
        self._columns: CsvColumns | None = None
        self._has_begun = False

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
            MalformedError: The header is not understood. Nothing of the table was decoded.
            OversizedError: The text has too many readings.
        """
        collector = ReadingCollector(arrival_ts)
        collector.check_count(text.count(b"\n"))
        for index, line in enumerate(text.split(b"\n")):
            try:
                self._add_record(index, _split_cells(line), arrival_ts, collector)
            except MalformedError as error:
                collector.add_fault(index, str(error))
            collector.check_count()
        return collector.result(reserve)

    @property
    def description(self) -> TableDescription | None:
        """What was understood of the table; None before its header."""
        return None

    def finish(self, arrival_ts: int, reserve: ReserveTimestamps | None = None) -> DecodeResult:
        """End the table, and decode what was kept back. Call it after the last line.

        The index of a fault counts from the lines that were decoded, so it may be negative.

        Raises:
            MalformedError: The header is not understood.
        """
        return ReadingCollector(arrival_ts).result(reserve)

    def _add_record(
        self, index: int, cells: list[str], arrival_ts: int, collector: ReadingCollector
    ) -> None:
        if not any(cell.strip() for cell in cells):
            return
        if not self._has_begun:
            self._has_begun = True
            self._columns = CsvColumns.from_header(cells)
            if self._columns is not None:
                return
        columns = self._columns or CsvColumns.without_header(len(cells))
        ts = _parse_ts(_cell(cells, columns.time), arrival_ts)
        for series, text, unit in _iterate_values(columns, cells):
            try:
                collector.add(series, ts, _parse_value(text), unit)
            except MalformedError as error:
                reason = f"{series}: {error}" if columns.series_columns else str(error)
                collector.add_fault(index, reason)


def decode_csv(
    text: bytes, arrival_ts: int, reserve: ReserveTimestamps | None = None
) -> DecodeResult:
    """Decode a whole table; see `CsvDecoder.decode`.

    Raises:
        OversizedError: The text has too many readings.
    """
    return CsvDecoder().decode(text, arrival_ts, reserve)


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
        write([time, _escape_formula(r.series), repr(r.value), _escape_formula(r.unit or "")])
    return text.getvalue().encode()


def _iterate_values(columns: CsvColumns, cells: list[str]) -> Iterator[tuple[str, str, str | None]]:
    """Yield series, value and unit of each value of a record."""
    if columns.series is None:
        for index, name in columns.series_columns.items():
            text = _cell(cells, index)
            if text:
                yield name, text, None
    else:
        series = _unescape_formula(_cell(cells, columns.series))
        unit = _unescape_formula(_cell(cells, columns.unit))
        yield series, _cell(cells, columns.value), unit or None


def _split_cells(line: bytes) -> list[str]:
    if len(line) > MAX_ITEM_CHARS:
        raise MalformedError(f"a line must have at most {MAX_ITEM_CHARS} bytes")
    try:
        text = line.decode().removeprefix("\ufeff").rstrip("\r")
    except UnicodeDecodeError as error:
        raise MalformedError("not UTF-8") from error
    if '"' not in text:
        return text.split(",")
    try:
        return next(csv.reader([text], strict=True), [])
    except csv.Error as error:
        raise MalformedError(f"not CSV: {error}") from error


def _cell(cells: list[str], index: int | None) -> str:
    return cells[index].strip() if index is not None and index < len(cells) else ""


def _parse_value(text: str) -> float:
    if not text:
        raise MalformedError("value is missing")
    if not _NUMBER.fullmatch(text):
        raise MalformedError("value must be a number")
    return float(text)


def _parse_ts(text: str, arrival_ts: int) -> int | None:
    if not text:
        return None
    try:
        is_number = _NUMBER.fullmatch(text)
        ts = ts_from_seconds(float(text)) if is_number else ts_from_iso8601(text)
    except (ValueError, OverflowError) as error:
        raise MalformedError(f"time can't be read: {error}"[:MAX_REASON_CHARS]) from error
    fault = ts_fault(ts, arrival_ts)
    if fault:
        raise MalformedError(fault)
    return ts


def _escape_formula(text: str) -> str:
    return f"'{text}" if _FORMULA.match(text) else text


def _unescape_formula(text: str) -> str:
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text

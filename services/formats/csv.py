"""Readings as CSV: `time,series,value,unit`, or a column for each series, or without a header.

A line is a record, since nothing in a reading can hold a line break, and a quote that is left open
then spoils no more than its line. Blanks around a cell are no part of it.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple, Self

from services.errors import MalformedError
from services.formats.parsing.json_stream import MAX_ITEM_CHARS
from services.formats.parsing.result import DecodeResult, ReadingCollector, ReserveTimestamps
from services.reading import (
    Reading,
    ts_fault,
    ts_from_iso8601,
    ts_from_seconds,
)

_NAMES: Final = {
    "series": ("series", "name", "metric"),
    "value": ("value",),
    "time": ("time", "ts", "timestamp"),
    "unit": ("unit",),
}
_MOST_REASON: Final = 200
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

# What a spreadsheet would take for a formula, behind the apostrophes that keep it from that.
_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)


class CsvColumns(NamedTuple):
    """Where a record has what. series: the column of the names, or None where each series has one.

    wide: the columns of series, by place; each holds values.
    """

    time: int | None
    series: int | None
    value: int | None
    unit: int | None
    wide: dict[int, str]

    @classmethod
    def from_header(cls, header: list[str]) -> Self | None:
        """What a header says, or None where the record is none.

        It is one with a column `value` and one of `series`, or with a `time` before all others.
        """
        words = [cell.strip().lower() for cell in header]
        time, series, value, unit = (
            next((words.index(word) for word in _NAMES[column] if word in words), None)
            for column in ("time", "series", "value", "unit")
        )
        if series is not None and value is not None:
            return cls(time, series, value, unit, {})
        if time == 0 and len(header) > 1:
            wide = {i: _plain(name) for i, name in enumerate(header) if i and name.strip()}
            return cls(0, None, None, None, wide)
        return None

    @classmethod
    def without_header(cls, size: int) -> Self:
        """`series,value`, `time,series,value` or `time,series,value,unit`, by their number."""
        if size < 3:  # noqa: PLR2004 (said above)
            return cls(None, 0, 1, None, {})
        return cls(0, 1, 2, 3, {})


class CsvDecoder:
    """Reads a table that may come in pieces, each of whole lines; the first may be the header."""

    def __init__(self) -> None:
        self._columns: CsvColumns | None = None
        self._begun = False

    def decode(
        self, text: bytes, now: int, reserve: ReserveTimestamps | None = None
    ) -> DecodeResult:
        """Read the next lines. See `formats.line_protocol.decode`: times, places, errors."""
        gathering = ReadingCollector(now)
        gathering.check_count(text.count(b"\n"))
        for place, line in enumerate(text.split(b"\n")):
            try:
                self._take(place, _cells(line), now, gathering)
            except MalformedError as error:
                gathering.add_fault(place, str(error))
            gathering.check_count()
        return gathering.result(reserve)

    def _take(self, place: int, cells: list[str], now: int, gathering: ReadingCollector) -> None:
        if not any(cell.strip() for cell in cells):
            return
        if not self._begun:
            self._begun = True
            self._columns = CsvColumns.from_header(cells)
            if self._columns is not None:
                return
        columns = self._columns or CsvColumns.without_header(len(cells))
        ts = _ts(_cell(cells, columns.time), now)
        for series, text, unit in _values(columns, cells):
            try:
                gathering.add(series, ts, _value(text), unit)
            except MalformedError as error:
                gathering.add_fault(place, f"{series}: {error}" if columns.wide else str(error))


def decode_csv(text: bytes, now: int, reserve: ReserveTimestamps | None = None) -> DecodeResult:
    """Read a whole table. The place of a fault is its line, from 0. Raises OversizedError."""
    return CsvDecoder().decode(text, now, reserve)


def encode_csv(readings: Iterable[Reading], header: bool = True) -> bytes:
    """A record for each reading, by RFC 4180, with its time in UTC as ISO 8601."""
    text = io.StringIO()
    write = csv.writer(text).writerow
    if header:
        write(["time", "series", "value", "unit"])
    for r in readings:
        time = (_EPOCH + timedelta(microseconds=r.ts)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        write([time, _guarded(r.series), repr(r.value), _guarded(r.unit or "")])
    return text.getvalue().encode()


def _values(columns: CsvColumns, cells: list[str]) -> Iterator[tuple[str, str, str | None]]:
    """Series, value and unit of each value of a record."""
    if columns.series is None:
        for place, name in columns.wide.items():
            text = _cell(cells, place)
            if text:
                yield name, text, None
    else:
        series = _plain(_cell(cells, columns.series))
        yield series, _cell(cells, columns.value), _plain(_cell(cells, columns.unit)) or None


def _cells(line: bytes) -> list[str]:
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


def _cell(cells: list[str], place: int | None) -> str:
    return cells[place].strip() if place is not None and place < len(cells) else ""


def _value(text: str) -> float:
    if not text:
        raise MalformedError("value is missing")
    if not _NUMBER.fullmatch(text):
        raise MalformedError("value must be a number")
    return float(text)


def _ts(text: str, now: int) -> int | None:
    if not text:
        return None
    try:
        number = _NUMBER.fullmatch(text)
        ts = ts_from_seconds(float(text)) if number else ts_from_iso8601(text)
    except (ValueError, OverflowError) as error:
        raise MalformedError(f"time can't be read: {error}"[:_MOST_REASON]) from error
    fault = ts_fault(ts, now)
    if fault:
        raise MalformedError(fault)
    return ts


def _guarded(text: str) -> str:
    return f"'{text}" if _FORMULA.match(text) else text


def _plain(text: str) -> str:
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text

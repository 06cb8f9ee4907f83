"""Readings as InfluxDB's line protocol: `cpu,host=attic usage=12.5,load=3i 1763793660000000000`.

Most lines are plain: a key and fields that were seen before, numbers, and a time. A chunk of such
lines with one field each is decoded at once, other plain lines one by one. All other lines go
through the grammar, which also names the fault of an invalid line.
"""

import re
from codecs import BOM_UTF8
from collections.abc import Container, Iterable
from dataclasses import replace
from operator import itemgetter
from sys import float_info
from typing import Final

from services.errors import MalformedError
from services.formats.parsing.field_series import FieldSeriesCache, FieldSeriesLookup
from services.formats.parsing.json_stream import MAX_ITEM_CHARS
from services.formats.parsing.plain_lines import decode_plain_lines
from services.formats.parsing.point_grammar import (
    OpenStringError,
    Point,
    parse_point,
    parse_value,
)
from services.formats.parsing.point_names import (
    UNIT_FIELD,
    UnstorableSeriesError,
    point_of_series,
)
from services.formats.parsing.point_times import (
    MAX_MISTAKEN_TS,
    SCALES,
    Precision,
    accepted_ts,
)
from services.formats.parsing.result import (
    MAX_READINGS_PER_TEXT,
    DecodeResult,
    ForbiddenSeriesError,
    GiveWayFunction,
    ReadingCollector,
    ReserveTimestamps,
    do_nothing,
)
from services.reading import (
    MAX_AHEAD_MICROSECONDS,
    MAX_READINGS_PER_MESSAGE,
    Reading,
    ReadingBatch,
)

_CHUNK_LINES: Final = MAX_READINGS_PER_MESSAGE
_MAX_MULTILINE_STRINGS: Final = 8
_NINE: Final = ord("9")

# Strings, escapes, and spaces that JSON would ignore.
_NOT_PLAIN: Final = (b'"', b"\\", b"\t", b"\r")
_STRING_END = re.compile(rb'(?:[^"\\]|\\.)*"')

# Creates a Reading at a third of the cost of `Reading(...)`.
_new = tuple.__new__


_shared_cache = FieldSeriesCache()


def decode_lines(
    text: bytes,
    arrival_ts: int,
    precision: Precision = "ns",
    reserve: ReserveTimestamps | None = None,
    max_faults: int | None = None,
    *,
    give_way: GiveWayFunction = do_nothing,
    cache: FieldSeriesCache = _shared_cache,
    check_units: bool = False,
    allowed: Container[str] | None = None,
) -> DecodeResult:
    """Decode lines of points. Each field that is a number or a boolean is a reading.

    Args:
        text: The lines.
        arrival_ts: Time of arrival in microseconds; see `formats.json.decode_json`.
        precision: Unit of the times.
        reserve: Reserves unique times of arrival; see `ReadingCollector.result`.
        max_faults: Number of faults after which decoding ends; see `ReadingCollector`.
        give_way: Lets more urgent work go first; see `ReadingCollector`.
        cache: Series of the fields of earlier texts.
        check_units: True to refuse times that certainly have another unit; see `check_unit`.
        allowed: The series that the sender may write, None for all. Others take more time.

    Returns:
        The readings and faults. The index of a fault is its line, from 0.

    Raises:
        OversizedError: The text has too many readings.
    """
    collector = ReadingCollector(arrival_ts, max_faults, give_way, allowed=allowed)
    decoder = _LineDecoder(text, precision, cache, collector, check_units=check_units)
    return decoder.decode(reserve)


def decode_plain_text(
    text: bytes,
    arrival_ts: int,
    precision: Precision = "ns",
    *,
    give_way: GiveWayFunction = do_nothing,
    cache: FieldSeriesCache = _shared_cache,
    check_units: bool = False,
) -> list[ReadingBatch[str]] | None:
    """Decode a text of plain lines, whose series are all known, at twice the speed.

    Args:
        text: The lines.
        arrival_ts: Time of arrival in microseconds.
        precision: Unit of the times.
        give_way: Lets more urgent work go first; see `ReadingCollector`.
        cache: Series of the fields of earlier texts.
        check_units: True if times may have another unit; see `check_unit`.

    Returns:
        The readings in batches of one message each. None if `decode_lines` must decode the text.

    Raises:
        OversizedError: The text has too many readings.
    """
    collector = ReadingCollector(arrival_ts, None, give_way)
    decoder = _LineDecoder(text, precision, cache, collector, check_units=check_units)
    return decoder.decode_batches()


def encode_lines(readings: Iterable[Reading]) -> bytes:
    """Encode each reading as a line, with its time in nanoseconds. Units are left out."""
    lines = (f"{point_of_series(r.series)}={r.value!r} {r.ts}000\n" for r in readings)
    return "".join(lines).encode()


class _LineDecoder:
    """Decodes the lines of one text."""

    def __init__(
        self,
        text: bytes,
        precision: Precision,
        cache: FieldSeriesCache,
        collector: ReadingCollector,
        *,
        check_units: bool,
    ) -> None:
        # The unit of earlier times must be checked, which the grammar does.
        self._min_plain_ts = MAX_MISTAKEN_TS + 1 if check_units else 1
        self._arrival_ts = collector.arrival_ts
        # Only the grammar asks the collector about each series.
        is_free = collector.allowed is None
        self._max_plain_ts = self._arrival_ts + MAX_AHEAD_MICROSECONDS if is_free else -1
        self._precision = precision
        self._series = FieldSeriesLookup(cache)
        self._collector = collector
        self._collector.check_count(text.count(b"\n"))
        self._lines = text.removesuffix(b"\n").split(b"\n")
        self._may_be_plain = precision in SCALES and not any(c in text for c in _NOT_PLAIN)

    def decode(self, reserve: ReserveTimestamps | None) -> DecodeResult:
        for start in range(0, len(self._lines), _CHUNK_LINES):
            end = min(start + _CHUNK_LINES, len(self._lines))
            columns = self._decode_columns(self._lines[start:end])
            if columns is None:
                self._decode_chunk(start, end)
            else:
                rows = zip(columns.series, columns.ts, columns.value, columns.unit, strict=True)
                self._collector.readings += [_new(Reading, row) for row in rows]
            self._collector.end_step()
            if self._collector.has_too_many_faults:
                break
        result = self._collector.result(reserve)
        return result._replace(points=self._series.points(set(map(itemgetter(0), result.readings))))

    def decode_batches(self) -> list[ReadingBatch[str]] | None:
        """Decode plain lines to batches of one message each. Return None if any line is not."""
        batches = []
        for start in range(0, len(self._lines), _CHUNK_LINES):
            columns = self._decode_columns(self._lines[start : start + _CHUNK_LINES])
            if columns is None:
                return None
            names = set(columns.series)
            points = self._series.points(names)
            if len(points) < len(names):
                return None
            batches.append(replace(columns, points=points))
            self._collector.end_step()
        return batches

    def _decode_columns(self, lines: list[bytes]) -> ReadingBatch[str] | None:
        """Decode lines at once if each is plain and has one field; otherwise return None."""
        if not self._may_be_plain:
            return None
        ts_range = (self._min_plain_ts, self._max_plain_ts)
        return decode_plain_lines(lines, self._series.entries, self._precision, ts_range)

    def _decode_chunk(self, start: int, end: int) -> None:
        """Decode lines one by one: a plain line here, any other line by the grammar."""
        lines, readings, known_series = self._lines, self._collector.readings, self._series.entries
        min_ts, max_ts = self._min_plain_ts, self._max_plain_ts
        # With precision "auto", a factor of 0 makes each time 0, which is for the grammar.
        factor, divisor = SCALES.get(self._precision, (0, 1))
        half = divisor // 2
        for index in range(start, end):
            reading_count = len(readings)
            if reading_count > MAX_READINGS_PER_TEXT:
                self._collector.check_count()
            try:
                key, fields, timestamp = lines[index].split(b" ")
                ts = (int(timestamp) * factor + half) // divisor
                if not (min_ts <= ts <= max_ts and timestamp.isdigit()):
                    raise ValueError  # noqa: TRY301 (caught with those of int and float)
                for field in fields.split(b","):
                    name, _, text = field.partition(b"=")
                    value = float(text) if text[-1] <= _NINE else parse_value(text.decode())
                    if not -float_info.max <= value <= float_info.max or b"_" in text:
                        raise ValueError  # noqa: TRY301
                    series, unit = known_series[key, name]
                    readings.append(_new(Reading, (series, ts, value, unit)))
            except (ValueError, LookupError, MalformedError):
                del readings[reading_count:]
                self._decode_line(index)
                if self._collector.has_too_many_faults:
                    return

    def _decode_line(self, index: int) -> None:
        """Decode a line by the grammar."""
        # Each part of a joined text may have a byte order mark.
        line = self._lines[index].removeprefix(BOM_UTF8)
        first = line.lstrip(b" \t\0\r")[:1]
        if first in {b"", b"#"}:
            return
        try:
            self._add_point(index, self._parse_point(index, line))
        except UnicodeDecodeError:
            self._collector.add_fault(index, "not UTF-8")
        except MalformedError as error:
            # Every tag and field before the fault took time to parse.
            self._collector.add_fault(index, str(error), 1 + line.count(b"="))

    def _parse_point(self, index: int, line: bytes) -> Point:
        """Parse the point that begins on a line. A string in it may have line breaks."""
        for _ in range(_MAX_MULTILINE_STRINGS):
            if len(line) > MAX_ITEM_CHARS:
                raise MalformedError(f"a line must have at most {MAX_ITEM_CHARS} bytes")
            try:
                point = parse_point(line.decode())
            except OpenStringError:
                continuation = self._lines_to_string_end(index + line.count(b"\n") + 1)
                if not continuation:
                    raise
                line = b"\n".join([line, *continuation])
            else:
                # The lines that belong to the point's strings are not decoded again.
                for used in range(index + 1, index + 1 + line.count(b"\n")):
                    self._lines[used] = b""
                return point
        raise MalformedError("unbalanced quotes")

    def _lines_to_string_end(self, start: int) -> list[bytes]:
        """Return the lines from `start` to the one where a string ends, none if it does not."""
        size_bytes = 0
        for end in range(start, len(self._lines)):
            size_bytes += len(self._lines[end])
            if size_bytes > MAX_ITEM_CHARS:
                break
            if _STRING_END.match(self._lines[end]):
                return self._lines[start : end + 1]
        return []

    def _add_point(self, index: int, point: Point) -> None:
        """Add the readings of a point, or raise MalformedError and add none of them.

        A field whose series can't be stored, or may not be written, is left out alone.
        """
        ts = point.timestamp
        if ts is not None:
            ts = accepted_ts(ts, self._precision, self._arrival_ts, self._min_plain_ts)
        unit = next((field.text for field in point.fields if field.name == UNIT_FIELD), None)
        forbidden = ""
        for field in point.fields:
            if field.value is None:
                self._collector.skipped_text_count += 1
                continue
            try:
                series = self._series.find(point, field, unit)
                self._collector.add(series[0], ts, field.value, series[1])
            except UnstorableSeriesError as error:
                self._collector.add_unstorable(index, f"field {field.name!r:.50}: {error}")
            except ForbiddenSeriesError as error:
                forbidden = forbidden or str(error)
        if forbidden:
            self._collector.add_fault(index, forbidden)

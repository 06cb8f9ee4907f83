"""Decoder of a text that arrives in chunks: lines of JSON, CSV, or line protocol."""

from collections.abc import Callable
from copy import copy
from typing import Final, Literal, get_args

from services.clock import TimestampAllocator, now_microseconds
from services.errors import MalformedError
from services.formats import csv, json, line_protocol
from services.formats.line_protocol import Precision
from services.formats.parsing.result import MAX_FAULTS, DecodeResult, Fault
from services.point import SeriesPoint
from services.reading import END_OF_TIME

TextFormat = Literal["json", "csv", "lines"]
"""Format of a text; "lines" is line protocol."""

TEXT_FORMATS: Final[tuple[str, ...]] = get_args(TextFormat)

_MAX_LINE_BYTES: Final = 16 << 20
_MISSING_TS: Final = -END_OF_TIME


class TextStream:
    """Decodes one text that arrives in chunks.

    Args:
        text_format: Format of the text, None to detect it from the first line.
        precision: Unit of the times in line protocol.
        require_time: True to report a fault for each reading without a time. Otherwise such
            readings get their time of arrival.
        clock: Returns microseconds since 1970-01-01 UTC.

    Attributes:
        format: Format of the text, None while it is unknown.
    """

    def __init__(
        self,
        text_format: TextFormat | None = None,
        precision: Precision = "ns",
        *,
        require_time: bool = False,
        clock: Callable[[], int] = now_microseconds,
    ) -> None:
        self.format = text_format
        self._precision = precision
        self._require_time = require_time
        self._clock = clock
        self._timestamps = TimestampAllocator(clock)
        self._csv_decoder = csv.CsvDecoder()
        self._incomplete_line = b""
        self._line_count = 0

    def feed(self, chunk: bytes) -> DecodeResult:
        """Decode the lines that a chunk completes.

        Returns:
            Their readings and faults. The index of a fault is its line in the whole text, from 0.
        """
        text = self._incomplete_line + chunk
        end = text.rfind(b"\n") + 1
        if len(text) - end > _MAX_LINE_BYTES:
            end = len(text)
        self._incomplete_line = text[end:]
        return self._decode(text[:end])

    def finish(self) -> DecodeResult:
        """Decode the last line, which has no line break."""
        text, self._incomplete_line = self._incomplete_line, b""
        return self._decode(text)

    def _decode(self, text: bytes) -> DecodeResult:
        if self.format is None:
            self.format = detect_format(text)
        if self.format is None:
            self._line_count += text.count(b"\n")
            return DecodeResult([], [])
        csv_decoder = copy(self._csv_decoder)
        decoded = self._decode_lines(text)
        if self._require_time and any(reading.ts < 0 for reading in decoded.readings):
            # Decode the same lines again, one by one, to name those without a time.
            self._csv_decoder = csv_decoder
            decoded = self._decode_each_line(text)
        first_line, self._line_count = self._line_count, self._line_count + text.count(b"\n")
        faults = [Fault(first_line + fault.item_index, fault.reason) for fault in decoded.faults]
        return decoded._replace(faults=faults)

    def _decode_lines(self, text: bytes) -> DecodeResult:
        arrival_ts = self._clock()
        reserve = _reserve_missing_ts if self._require_time else self._timestamps.reserve
        match self.format:
            case "json":
                return _decode_json_lines(text, arrival_ts, reserve)
            case "csv":
                return self._csv_decoder.decode(text, arrival_ts, reserve)
            case _:
                return line_protocol.decode_lines(text, arrival_ts, self._precision, reserve)

    def _decode_each_line(self, text: bytes) -> DecodeResult:
        """Decode line by line, with a fault for each line whose time is missing."""
        readings, faults, omitted, skipped = [], [], 0, 0
        points: dict[str, SeriesPoint | None] = {}
        for index, line in enumerate(text.split(b"\n")):
            decoded = self._decode_lines(line)
            readings += [reading for reading in decoded.readings if reading.ts >= 0]
            faults += [Fault(index, fault.reason) for fault in decoded.faults]
            if any(reading.ts < 0 for reading in decoded.readings):
                faults.append(Fault(index, "its time is missing"))
            omitted += decoded.omitted_fault_count
            skipped += decoded.skipped_text_count
            points.update(decoded.points)
        omitted += max(0, len(faults) - MAX_FAULTS)
        return DecodeResult(readings, faults[:MAX_FAULTS], omitted, skipped, points=points)


def detect_format(text: bytes) -> TextFormat | None:
    """Return the format of a text by its first line that is no comment, None if there is none."""
    for line in text.removeprefix(b"\xef\xbb\xbf").split(b"\n"):
        first = line.strip()
        if first[:1] in {b"{", b"["}:
            return "json"
        if first.startswith(csv.TABLE_MARKS):
            return "csv"
        if first and not first.startswith(b"#"):
            # A CSV line is never a valid point: no equals sign follows its first space.
            is_point = not line_protocol.decode_lines(first, END_OF_TIME, "ns").faults
            is_table = any(delimiter in line for delimiter in csv.DELIMITERS)
            return "csv" if is_table and not is_point else "lines"
    return None


def _reserve_missing_ts(_count: int) -> int:
    """Return a negative time, which marks readings without a time."""
    return _MISSING_TS


def _decode_json_lines(text: bytes, arrival_ts: int, reserve: Callable[[int], int]) -> DecodeResult:
    """Decode the items of each line. If a line has several items, its faults name the item."""
    readings, faults, omitted = [], [], 0
    for index, line in enumerate(text.split(b"\n")):
        if not line.strip():
            continue
        try:
            decoded = json.decode_json(line, arrival_ts, reserve)
        except MalformedError as error:
            faults.append(Fault(index, str(error)))
            continue
        readings += decoded.readings
        has_several_items = len(decoded.readings) + len(decoded.faults) > 1
        for fault in decoded.faults:
            item = f"item {fault.item_index + 1}: " if has_several_items else ""
            faults.append(Fault(index, f"{item}{fault.reason}"))
        omitted += decoded.omitted_fault_count
    omitted += max(0, len(faults) - MAX_FAULTS)
    return DecodeResult(readings, faults[:MAX_FAULTS], omitted)

"""Readings of a text that arrives in pieces: lines of JSON, CSV, or line protocol."""

from collections.abc import Callable
from copy import copy
from typing import Final, Literal, get_args

from services.clock import TimestampAllocator, now_microseconds
from services.errors import MalformedError
from services.formats import csv, json, line_protocol
from services.formats.line_protocol import Precision
from services.formats.parsing.result import MAX_FAULTS, DecodeResult, Fault
from services.reading import END_OF_TIME

TextFormat = Literal["json", "csv", "lines"]
"""The format of a text; lines: line protocol."""

TEXT_FORMATS: Final[tuple[str, ...]] = get_args(TextFormat)

_LONGEST_LINE: Final = 16 << 20
_MISSING_TS: Final = -END_OF_TIME


class TextStream:
    """One text. kind: None where its first line tells it.

    past: whether every reading must bring its time; else those without get that of arrival.
    clock: microseconds since 1970.
    """

    def __init__(
        self,
        kind: TextFormat | None = None,
        precision: Precision = "ns",
        *,
        past: bool = False,
        clock: Callable[[], int] = now_microseconds,
    ) -> None:
        self.format = kind
        self._precision = precision
        self._past = past
        self._clock = clock
        self._stamps = TimestampAllocator(clock)
        self._table = csv.CsvDecoder()
        self._rest = b""
        self._line = 0

    def feed(self, piece: bytes) -> DecodeResult:
        """What the lines hold that this piece completes. A fault's place is its line, from 0."""
        text = self._rest + piece
        end = text.rfind(b"\n") + 1
        if len(text) - end > _LONGEST_LINE:
            end = len(text)
        self._rest = text[end:]
        return self._decode(text[:end])

    def finish(self) -> DecodeResult:
        """What is left when nothing more comes."""
        text, self._rest = self._rest, b""
        return self._decode(text)

    def _decode(self, text: bytes) -> DecodeResult:
        if self.format is None:
            self.format = detect_format(text)
        if self.format is None:
            self._line += text.count(b"\n")
            return DecodeResult([], [])
        table = copy(self._table)
        decoded = self._read(text)
        if self._past and any(reading.ts < 0 for reading in decoded.readings):
            # Once more from where it began, line by line.
            self._table = table
            decoded = self._read_past(text)
        start, self._line = self._line, self._line + text.count(b"\n")
        faults = [Fault(start + fault.item_index, fault.reason) for fault in decoded.faults]
        return decoded._replace(faults=faults)

    def _read(self, text: bytes) -> DecodeResult:
        now, reserve = self._clock(), self._no_time if self._past else self._stamps.reserve
        match self.format:
            case "json":
                return _json_lines(text, now, reserve)
            case "csv":
                return self._table.decode(text, now, reserve)
            case _:
                return line_protocol.decode_lines(text, now, self._precision, reserve)

    def _read_past(self, text: bytes) -> DecodeResult:
        """What lines hold of which some have no time."""
        readings, faults, more, texts = [], [], 0, 0
        for place, line in enumerate(text.split(b"\n")):
            decoded = self._read(line)
            readings += [reading for reading in decoded.readings if reading.ts >= 0]
            faults += [Fault(place, fault.reason) for fault in decoded.faults]
            if any(reading.ts < 0 for reading in decoded.readings):
                faults.append(Fault(place, "its time is missing"))
            more, texts = more + decoded.omitted_fault_count, texts + decoded.skipped_text_count
        more += max(0, len(faults) - MAX_FAULTS)
        return DecodeResult(readings, faults[:MAX_FAULTS], more, texts)

    @staticmethod
    def _no_time(_size: int) -> int:
        return _MISSING_TS


def detect_format(text: bytes) -> TextFormat | None:
    """The format of a text by its first line with something in it; None where there is none."""
    lines = (line.strip() for line in text.removeprefix(b"\xef\xbb\xbf").split(b"\n"))
    first = next(filter(None, lines), b"")
    if not first:
        return None
    if first[:1] in (b"{", b"["):
        return "json"
    if first.startswith(b"#"):
        return "lines"
    # A header, or a record without one, is no point: after its first blank no = follows.
    is_point = not line_protocol.decode_lines(first, END_OF_TIME, "ns").faults
    return "csv" if b"," in first and not is_point else "lines"


def _json_lines(text: bytes, now: int, reserve: Callable[[int], int]) -> DecodeResult:
    """The items of each line. A fault tells which item of its line it is, if there are several."""
    readings, faults, more = [], [], 0
    for place, line in enumerate(text.split(b"\n")):
        if not line.strip():
            continue
        try:
            decoded = json.decode_json(line, now, reserve)
        except MalformedError as error:
            faults.append(Fault(place, str(error)))
            continue
        readings += decoded.readings
        several = len(decoded.readings) + len(decoded.faults) > 1
        for fault in decoded.faults:
            item = f"item {fault.item_index + 1}: " if several else ""
            faults.append(Fault(place, f"{item}{fault.reason}"))
        more += decoded.omitted_fault_count
    more += max(0, len(faults) - MAX_FAULTS)
    return DecodeResult(readings, faults[:MAX_FAULTS], more)

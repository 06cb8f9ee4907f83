"""Decoder of a text that arrives in chunks: JSON, CSV, or line protocol, in any usual encoding."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal, get_args

from services.clock import TimestampAllocator, now_microseconds
from services.formats import line_protocol
from services.formats.csv import DELIMITERS, TABLE_MARKS, CsvDecoder
from services.formats.json_text import JsonTextDecoder
from services.formats.line_text import LineTextDecoder
from services.formats.parsing.point_times import Precision
from services.formats.parsing.result import DecodeResult
from services.formats.parsing.table.description import TableDescription
from services.formats.parsing.table.options import DEFAULT_OPTIONS, TableOptions
from services.formats.text_encoding import Utf8Converter
from services.reading import END_OF_TIME

TextFormat = Literal["json", "csv", "lines"]
"""Format of a text; "lines" is line protocol."""

TEXT_FORMATS: Final[tuple[str, ...]] = get_args(TextFormat)

_MAX_LINE_BYTES: Final = 16 << 20
_MAX_JSON_PART_BYTES: Final = 1 << 18
"""Bytes of an incomplete line of JSON from which on its items are decoded before it ends."""

_MAX_PREAMBLE_BYTES: Final = 1 << 20
"""Bytes of blank lines and comments that are kept until a line shows the format."""


@dataclass(frozen=True, slots=True)
class TextOptions:
    """Facts about a text that are known beforehand.

    Attributes:
        format: Format of the text, None to detect it from the first line.
        encoding: Encoding of the text, as Python names it; None to detect it.
        precision: Unit of the times in line protocol.
        table: How to read tables, and which times are accepted in any format.
    """

    format: TextFormat | None = None
    encoding: str | None = None
    precision: Precision = "ns"
    table: TableOptions = DEFAULT_OPTIONS


class TextStream:
    """Decodes one text that arrives in chunks.

    Args:
        options: Facts about the text that are known beforehand.
        clock: Returns microseconds since 1970-01-01 UTC.

    Attributes:
        format: Format of the text, None while it is unknown.
    """

    def __init__(
        self,
        options: TextOptions = TextOptions(),
        *,
        clock: Callable[[], int] = now_microseconds,
    ) -> None:
        self.format = options.format
        self._options = options
        self._clock = clock
        self._timestamps = TimestampAllocator(clock)
        self._converter = Utf8Converter(options.encoding)
        self._csv_decoder = CsvDecoder(options.table)
        self._json_decoder = JsonTextDecoder(options.table)
        self._line_decoder = LineTextDecoder(options.precision, options.table)
        self._incomplete_line = b""
        self._preamble = b""
        self._line_count = 0

    @property
    def encoding(self) -> str:
        """Encoding of the text, as Python names it."""
        return self._converter.encoding or "utf-8"

    @property
    def notes(self) -> list[str]:
        """Notes about the meaning of the text, each once."""
        notes = [self._converter.note] if self._converter.note else []
        if self.format == "csv":
            notes += self._csv_decoder.notes
        if self.format == "json":
            notes += self._json_decoder.notes
        if self.format == "lines":
            notes += self._line_decoder.notes
        return notes

    @property
    def description(self) -> TableDescription | None:
        """Description of a table, None for other formats and before its header."""
        return self._csv_decoder.description if self.format == "csv" else None

    def feed(self, chunk: bytes) -> DecodeResult:
        """Decode the lines that a chunk completes.

        Returns:
            Their readings and faults. The index of a fault is its line in the whole text, from 0.

        Raises:
            MalformedError: The header of a table is not understood.
        """
        text = self._incomplete_line + self._converter.feed(chunk)
        end = text.rfind(b"\n") + 1
        if len(text) - end > _MAX_JSON_PART_BYTES and self._is_json(text):
            end = text.rfind(b",") + 1
        if len(text) - end > _MAX_LINE_BYTES:
            end = len(text)
        self._incomplete_line = text[end:]
        return self._decode(text[:end])

    def finish(self) -> DecodeResult:
        """Decode the last line, which has no line break, and the lines kept back.

        Raises:
            MalformedError: The header of a table is not understood.
        """
        text = self._incomplete_line + self._converter.feed(b"", is_last=True)
        self._incomplete_line = b""
        decoded = self._decode(text, is_last=True)
        if self.format == "csv":
            self._csv_decoder.finish()
        return decoded

    def _is_json(self, text: bytes) -> bool:
        return (self.format or detect_format(text)) == "json"

    def _decode(self, text: bytes, *, is_last: bool = False) -> DecodeResult:
        text = self._preamble + self._converter.convert_lines(text)
        self._preamble = b""
        if self.format is None:
            self.format = detect_format(text)
        if self.format is None and len(text) > _MAX_PREAMBLE_BYTES:
            self.format = "lines"
        if self.format is None:
            self._preamble = text
            return DecodeResult([], [])
        decoded = self._with_lines(self._decode_lines(text, is_last=is_last))
        self._line_count += text.count(b"\n")
        return decoded

    def _decode_lines(self, text: bytes, *, is_last: bool) -> DecodeResult:
        arrival_ts, reserve = self._clock(), self._timestamps.reserve
        match self.format:
            case "json":
                return self._json_decoder.decode(text, arrival_ts, reserve, is_last=is_last)
            case "csv":
                return self._csv_decoder.decode(text, arrival_ts, reserve)
            case _:
                return self._line_decoder.decode(text, arrival_ts, reserve)

    def _with_lines(self, decoded: DecodeResult) -> DecodeResult:
        """Return a result whose faults name their line in the whole text."""
        if not decoded.faults:
            return decoded
        return decoded._replace(
            faults=[
                fault._replace(
                    item_index=self._line_count + fault.item_index,
                    reason=self._converter.reason(fault.reason),
                )
                for fault in decoded.faults
            ]
        )


def detect_format(text: bytes) -> TextFormat | None:
    """Return the format of a text by its first line that is no comment, None without one."""
    for line in text.removeprefix(b"\xef\xbb\xbf").split(b"\n"):
        first = line.strip()
        if first[:1] in {b"{", b"["}:
            return "json"
        if first.startswith(TABLE_MARKS):
            return "csv"
        if first and not first.startswith(b"#"):
            # A CSV line is never a valid point: no equals sign follows its first space.
            is_point = not line_protocol.decode_lines(first, END_OF_TIME, "ns").faults
            is_table = any(delimiter in line for delimiter in DELIMITERS)
            return "csv" if is_table and not is_point else "lines"
    return None

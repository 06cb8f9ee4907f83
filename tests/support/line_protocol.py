"""Decoding of line protocol, with and without a cache of its series."""

from services.formats.line_protocol import decode_lines
from services.formats.parsing.field_series import FieldSeriesCache
from services.formats.parsing.point_times import Precision
from services.formats.parsing.result import DecodeResult
from services.reading import Reading

NOW = 1_795_342_272_123_456
"""Time of arrival, in microseconds."""

STAMP = f"{NOW}000"
"""The same time in nanoseconds, as line protocol has it."""


def decode_twice(text: bytes, precision: Precision = "ns") -> DecodeResult:
    """Decode a text with an empty cache, then with its series cached. Both must be the same."""
    cache = FieldSeriesCache()
    decoded = decode_lines(text, NOW, precision, cache=cache)
    assert decode_lines(text, NOW, precision, cache=cache) == decoded
    return decoded


def decode_valid(text: str, precision: Precision = "ns") -> list[Reading]:
    """Return the readings of a text that has no fault."""
    decoded = decode_twice(text.encode(), precision)
    assert decoded.faults == []
    return decoded.readings

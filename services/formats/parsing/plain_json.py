"""Plain readings in JSON, decoded together: with a time in seconds, and no other keys.

One call decodes all of them into columns. To check and convert each reading on its own takes three
times as long.
"""

import re
from typing import Final

import msgspec

from services.formats.parsing.result import GiveWayFunction, do_nothing
from services.reading import (
    MAX_AHEAD_MICROSECONDS,
    MAX_EXACT_SECONDS,
    MAX_READINGS_PER_MESSAGE,
    MICROSECONDS,
    ReadingBatch,
    is_valid_batch,
)

_MAX_PLAIN_BYTES: Final = 1 << 19
"""Size of a text above which it is decoded item by item, because one call would take over 10 ms.
Meanwhile nothing else can run.
"""

# The decoder of lines also takes documents that no break separates.
_SHARED_LINE: Final = re.compile(rb"\}[ \t\r]*\{")


class _PlainReading(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    series: str
    value: float
    ts: float
    unit: str | None = None


class _PlainMessage(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    readings: list[_PlainReading]


_decode_list: Final = msgspec.json.Decoder(list[_PlainReading]).decode
_decode_message: Final = msgspec.json.Decoder(_PlainMessage).decode
_decode_lines: Final = msgspec.json.Decoder(_PlainReading).decode_lines


def decode_plain_json(
    text: bytes, arrival_ts: int, *, give_way: GiveWayFunction = do_nothing
) -> list[ReadingBatch[str]] | None:
    """Decode a list of plain readings, a message with one, or one of these readings a line.

    Args:
        text: The input.
        arrival_ts: Time of arrival in microseconds.
        give_way: Lets more urgent work go first; see `ReadingCollector`.

    Returns:
        The readings in batches of one message each. None if `decode_json` must decode the text.
    """
    if len(text) > _MAX_PLAIN_BYTES:
        return None
    try:
        readings = _decode(text)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
    if not readings:
        return None
    give_way()
    batches = []
    max_ts = min(arrival_ts + MAX_AHEAD_MICROSECONDS, MAX_EXACT_SECONDS * MICROSECONDS)
    for start in range(0, len(readings), MAX_READINGS_PER_MESSAGE):
        batch = _to_batch(readings[start : start + MAX_READINGS_PER_MESSAGE])
        if not is_valid_batch(batch, max_ts):
            return None
        batches.append(batch)
    return batches


def _decode(text: bytes) -> list[_PlainReading]:
    """Decode a text. Return no readings, or raise an error of the decoder, if it is not plain."""
    begin = text[:64].lstrip()
    if begin.startswith(b"["):
        return _decode_list(text)
    if begin.startswith(b'{"readings"'):
        return _decode_message(text).readings
    return [] if _SHARED_LINE.search(text) else _decode_lines(text)


def _to_batch(readings: list[_PlainReading]) -> ReadingBatch[str]:
    return ReadingBatch(
        [reading.series for reading in readings],
        [round(reading.ts * MICROSECONDS) for reading in readings],
        [reading.value for reading in readings],
        [reading.unit for reading in readings],
    )

"""The frames of the live protocol, ready to be written: JSON texts, and closes."""

import struct
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from services.cursor import Cursor

_TEXT: Final = 0x81
_CLOSE: Final = 0x88
_SHORT: Final = 126
_MEDIUM: Final = 1 << 16

GOING_AWAY: Final = 1012
"""The server ends or restarts: come back, to the next one."""

TRY_AGAIN: Final = 1013
"""The viewer did not keep up, or can't be served now: come back, with the cursor."""

Columns = dict[int, tuple[list[float], list[float]]]
"""Times (seconds) and values of each series, by its number."""

_encode = msgspec.json.Encoder().encode


def hello(cursor: Cursor, now: float, series: Mapping[str, int]) -> bytes:
    """The first frame: where this viewer stands, and the numbers of the series."""
    return _text(
        {
            "type": "hello",
            "epoch": cursor.epoch,
            "cursor": str(cursor),
            "now": now,
            "series": series,
        }
    )


def series(numbers: Mapping[str, int]) -> bytes:
    """Numbers of more series, before their first reading."""
    return _text({"type": "series", "series": numbers})


def readings(cursor: Cursor, columns: Columns) -> bytes:
    """Readings, and the cursor after them."""
    return _text({"type": "readings", "cursor": str(cursor), "series": columns})


def recovered(count: int) -> bytes:
    """How many readings the frames before held of what the viewer had missed."""
    return _text({"type": "recovered", "count": count})


def reset(reason: str, cursor: Cursor) -> bytes:
    """What the viewer missed can't be told: it is to load the history anew."""
    return _text({"type": "reset", "reason": reason, "cursor": str(cursor)})


def ping(now: float, cursor: Cursor | None) -> bytes:
    """A sign of life, with the newest cursor for viewers of quiet series."""
    return _text({"type": "ping", "now": now, "cursor": str(cursor) if cursor else None})


def close(code: int, reason: str) -> bytes:
    """A close frame; the reason has at most 123 bytes."""
    return _framed(_CLOSE, struct.pack("!H", code) + reason.encode())


def _text(document: Mapping[str, Any]) -> bytes:
    return _framed(_TEXT, _encode(document))


def _framed(kind: int, payload: bytes) -> bytes:
    size = len(payload)
    if size < _SHORT:
        header = struct.pack("!BB", kind, size)
    elif size < _MEDIUM:
        header = struct.pack("!BBH", kind, _SHORT, size)
    else:
        header = struct.pack("!BBQ", kind, _SHORT + 1, size)
    return header + payload

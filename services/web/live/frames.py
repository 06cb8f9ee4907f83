"""The frames of the live protocol, ready to be written in either of its forms.

A viewer takes them as messages of a WebSocket or as Server-Sent Events. A frame is encoded once,
and wrapped once for each form that somebody watches in.
"""

import struct
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, Final, Literal, TypeAlias

import msgspec

from services.position import Cursor

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

Form: TypeAlias = Literal["message", "event"]
"""What a viewer takes each frame as."""

_encode = msgspec.json.Encoder().encode


class Frame:
    """A document for viewers. cursor: where the viewer stands after it; None changes nothing."""

    def __init__(self, document: Mapping[str, Any], cursor: Cursor | None = None) -> None:
        self._text = _encode(document)
        self._cursor = cursor

    def encoded(self, form: Form) -> bytes:
        """The bytes of one of its forms."""
        return self.message if form == "message" else self.event

    @cached_property
    def message(self) -> bytes:
        """The frame of a WebSocket."""
        return _framed(_TEXT, self._text)

    @cached_property
    def event(self) -> bytes:
        """The Server-Sent Event."""
        head = b"" if self._cursor is None else f"id: {self._cursor}\n".encode()
        return b"%bdata: %b\n\n" % (head, self._text)


class Close(Frame):
    """The last frame. retry: the seconds after which the viewer is asked to come back."""

    def __init__(self, code: int, reason: str, retry: float) -> None:
        self._reason = f"{reason}: retry in {retry:.2f} s"
        self._code = code
        self._retry = retry
        super().__init__({"type": "close", "code": code, "reason": self._reason})

    @cached_property
    def message(self) -> bytes:
        """The close frame of a WebSocket, whose reason has at most 123 bytes."""
        return _framed(_CLOSE, struct.pack("!H", self._code) + self._reason.encode())

    @cached_property
    def event(self) -> bytes:
        """The Server-Sent Event, with the pause that a browser keeps by itself."""
        return b"retry: %d\n%b" % (round(self._retry * 1000), super().event)


def hello(cursor: Cursor, now: float, series: Mapping[str, int]) -> Frame:
    """The first frame: where this viewer stands, and the numbers of the series."""
    return Frame(
        {
            "type": "hello",
            "epoch": cursor.epoch,
            "cursor": str(cursor),
            "now": now,
            "series": series,
        },
        cursor,
    )


def series(numbers: Mapping[str, int]) -> Frame:
    """Numbers of more series, before their first reading."""
    return Frame({"type": "series", "series": numbers})


def readings(cursor: Cursor, columns: Columns) -> Frame:
    """Readings, and the cursor after them."""
    return Frame({"type": "readings", "cursor": str(cursor), "series": columns}, cursor)


def changed(cursor: Cursor, names: Sequence[str]) -> Frame:
    """Series of which more than new readings is to be told: load their history anew.

    That is as it should be when its cursor has reached this one.
    """
    return Frame({"type": "changed", "cursor": str(cursor), "series": names}, cursor)


def recovered(count: int) -> Frame:
    """How many readings the frames before held of what the viewer had missed."""
    return Frame({"type": "recovered", "count": count})


def reset(reason: str, cursor: Cursor) -> Frame:
    """What the viewer missed can't be told: it is to load the history anew."""
    return Frame({"type": "reset", "reason": reason, "cursor": str(cursor)}, cursor)


def ping(now: float, cursor: Cursor | None) -> Frame:
    """A sign of life, with the newest cursor for viewers of quiet series."""
    return Frame({"type": "ping", "now": now, "cursor": str(cursor) if cursor else None}, cursor)


def _framed(kind: int, payload: bytes) -> bytes:
    size = len(payload)
    if size < _SHORT:
        header = struct.pack("!BB", kind, size)
    elif size < _MEDIUM:
        header = struct.pack("!BBH", kind, _SHORT, size)
    else:
        header = struct.pack("!BBQ", kind, _SHORT + 1, size)
    return header + payload

"""Frames of the live protocol, ready to be sent over either transport.

A frame is encoded once, and framed once for each transport that a viewer uses.
"""

import struct
from collections.abc import Mapping
from functools import cached_property
from typing import Any, Final, Literal, TypeAlias

import msgspec

from services.position import Cursor
from services.web.live.columns import LiveColumns
from services.web.live.notice import Notice

_TEXT_OPCODE: Final = 0x81
_CLOSE_OPCODE: Final = 0x88
_LENGTH_16_BIT: Final = 126
_LENGTH_64_BIT: Final = 127
_MAX_LENGTH_16_BIT: Final = (1 << 16) - 1

MAX_SERIES_PER_FRAME: Final = 64
"""Series that one frame announces: 262 KB of the longest names. A queue holds one frame of them."""

CLOSE_POLICY: Final = 1008
"""The viewer breaks a rule."""

CLOSE_GOING_AWAY: Final = 1012
"""The server ends or restarts: reconnect, to the next one."""

CLOSE_TRY_AGAIN: Final = 1013
"""The viewer is too slow, sees other series now, or can't be served: reconnect with the cursor."""

CLOSE_ACCESS_ENDED: Final = 4401
"""The viewer may not look any more, as with HTTP's 401: log in before you reconnect."""

Transport: TypeAlias = Literal["websocket", "sse"]
"""A viewer's transport: WebSocket messages or Server-Sent Events."""

_encode_json = msgspec.json.Encoder().encode


class Frame:
    """A document for viewers.

    Args:
        document: The content.
        cursor: Cursor of the viewer after this frame. None leaves it unchanged.
    """

    def __init__(self, document: Mapping[str, Any], cursor: Cursor | None = None) -> None:
        self._text = _encode_json(document)
        self._cursor = cursor

    def encode(self, transport: Transport) -> bytes:
        """Return the bytes for a transport."""
        return self.websocket_message if transport == "websocket" else self.event

    @cached_property
    def websocket_message(self) -> bytes:
        """The bytes of a WebSocket message."""
        return _websocket_frame(_TEXT_OPCODE, self._text)

    @cached_property
    def event(self) -> bytes:
        """The bytes of a Server-Sent Event."""
        head = b"" if self._cursor is None else f"id: {self._cursor}\n".encode()
        return b"%bdata: %b\n\n" % (head, self._text)


class CloseFrame(Frame):
    """The last frame of a connection.

    Args:
        code: Code of the WebSocket protocol.
        reason: The reason, for people.
        retry_seconds: Time after which the viewer is asked to reconnect, None if it is not.
    """

    def __init__(self, code: int, reason: str, retry_seconds: float | None = None) -> None:
        hint = "" if retry_seconds is None else f": retry in {retry_seconds:.2f} s"
        self._reason = f"{reason}{hint}"
        self._code = code
        self._retry_seconds = retry_seconds
        super().__init__({"type": "close", "code": code, "reason": self._reason})

    @cached_property
    def websocket_message(self) -> bytes:
        """The bytes of a WebSocket close frame, whose reason may have 123 bytes."""
        payload = struct.pack("!H", self._code) + self._reason.encode()
        return _websocket_frame(_CLOSE_OPCODE, payload)

    @cached_property
    def event(self) -> bytes:
        """The bytes of a Server-Sent Event. Browsers obey its `retry`, in milliseconds."""
        if self._retry_seconds is None:
            return super().event
        return b"retry: %d\n%b" % (round(self._retry_seconds * 1000), super().event)


def hello(cursor: Cursor, now: float, series_ids: Mapping[str, int]) -> Frame:
    """Make the first frame.

    Args:
        cursor: Position of the viewer.
        now: The server's time, in Unix seconds.
        series_ids: Ids of series, by name.
    """
    return Frame(
        {
            "type": "hello",
            "epoch": cursor.epoch,
            "cursor": str(cursor),
            "now": now,
            "series": series_ids,
        },
        cursor,
    )


def series(series_ids: Mapping[str, int]) -> Frame:
    """Announce the ids of more series. It is sent before their first reading."""
    return Frame({"type": "series", "series": series_ids})


def readings(cursor: Cursor, columns: LiveColumns) -> Frame:
    """Make a frame of readings. The cursor is the one after them."""
    return Frame({"type": "readings", "cursor": str(cursor), "series": columns}, cursor)


def notice(cursor: Cursor, notice: Notice) -> Frame:
    """Name series or views that a command has changed.

    A history or a list of series is up to date when its cursor has reached this one.
    """
    key = "views" if notice.type == "views" else "series"
    return Frame({"type": notice.type, "cursor": str(cursor), key: notice.names}, cursor)


def recovered(count: int) -> Frame:
    """End a replay. The frames before it held `count` readings that the viewer had missed."""
    return Frame({"type": "recovered", "count": count})


def reset(reason: str, cursor: Cursor) -> Frame:
    """Report that a replay is impossible: the viewer must reload the history."""
    return Frame({"type": "reset", "reason": reason, "cursor": str(cursor)}, cursor)


def ping(now: float, cursor: Cursor | None) -> Frame:
    """Make a sign of life, with the newest cursor for viewers of quiet series.

    Args:
        now: The server's time, in Unix seconds.
        cursor: The newest cursor, None while Redis is unavailable.
    """
    return Frame({"type": "ping", "now": now, "cursor": str(cursor) if cursor else None}, cursor)


def _websocket_frame(opcode: int, payload: bytes) -> bytes:
    length = len(payload)
    if length < _LENGTH_16_BIT:
        header = struct.pack("!BB", opcode, length)
    elif length <= _MAX_LENGTH_16_BIT:
        header = struct.pack("!BBH", opcode, _LENGTH_16_BIT, length)
    else:
        header = struct.pack("!BBQ", opcode, _LENGTH_64_BIT, length)
    return header + payload

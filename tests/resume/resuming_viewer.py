"""A viewer over a WebSocket or Server-Sent Events that resumes and keeps all it has received."""

import json
import random
import re
import selectors
import socket
import struct
from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode

from tests.support.live_frames import CLOSE, parse_events, parse_websocket

_CHUNK_BYTES: Final = 1 << 16
_RESET_ON_CLOSE: Final = struct.pack("ii", 1, 0)
_WEBSOCKET_KEY: Final = "c3RyaXBjaGFydCB0ZXN0cw=="
_RETRY_HINT: Final = re.compile(r"retry in (\d+\.\d+) s")
_ACCEPTED: Final = {b"101", b"200"}


@dataclass(eq=False)
class ResumingViewer:
    """The state of one viewer over all of its connections.

    Attributes:
        ports: The ports of the web services that it may connect to.
        patterns: The series that it selects; empty for all.
        uses_events: True for Server-Sent Events, False for a WebSocket.
        random: The source of its random choices.
        first_cursor: The cursor at its first connection.
        cursor: The cursor of the last frame.
        times: The times of all received readings, by series.
        errors: Violations of the protocol, in words.
        closes: The code and the reason of each close by a server.
        greeted: True if the current connection has received its hello.
        recovered: True if the current connection has received all that was missed.
    """

    ports: Sequence[int]
    patterns: tuple[str, ...]
    uses_events: bool
    random: random.Random
    first_cursor: str | None = None
    cursor: str | None = None
    times: dict[str, "array[float]"] = field(default_factory=dict, repr=False)
    errors: list[str] = field(default_factory=list)
    closes: list[tuple[int, str]] = field(default_factory=list)
    greeted: bool = False
    recovered: bool = False
    _socket: socket.socket | None = None
    _request_sent: bool = False
    _head_read: bool = False
    _buffer: bytes = b""
    _names: dict[str, str] = field(default_factory=dict)

    @property
    def connected(self) -> bool:
        """True from `connect` to `disconnect`."""
        return self._socket is not None

    def connect(self, selector: selectors.BaseSelector) -> None:
        """Start to connect to one of the services."""
        self._request_sent = self._head_read = self.greeted = self.recovered = False
        self._buffer = b""
        self._names = {}
        self._socket = socket.socket()
        self._socket.setblocking(False)
        self._socket.connect_ex(("127.0.0.1", self.random.choice(self.ports)))
        selector.register(self._socket, selectors.EVENT_WRITE, self)

    def disconnect(self, selector: selectors.BaseSelector, *, abruptly: bool) -> None:
        """Close the connection.

        Args:
            selector: The selector in which the connection is registered.
            abruptly: Reset the connection.
        """
        if self._socket is not None:
            selector.unregister(self._socket)
            if abruptly:
                self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
            self._socket.close()
            self._socket = None

    def handle_ready(self, selector: selectors.BaseSelector) -> bool:
        """Write or read what the socket is ready for. Return False if the connection has ended."""
        assert self._socket is not None
        try:
            if not self._request_sent:
                self._request_sent = True
                self._socket.sendall(self._request())
                selector.modify(self._socket, selectors.EVENT_READ, self)
                return True
            data = self._socket.recv(_CHUNK_BYTES)
        except BlockingIOError:
            return True
        except OSError:
            return False
        self._buffer += data
        return bool(data) and self._handle_buffer()

    def retry_seconds(self) -> float | None:
        """Return the pause that the last close asked for, or None."""
        match = _RETRY_HINT.search(self.closes[-1][1]) if self.closes else None
        return float(match[1]) if match else None

    def _request(self) -> bytes:
        query: list[tuple[str, str]] = [("series", pattern) for pattern in self.patterns]
        lines = ["Host: 127.0.0.1"]
        if not self.uses_events:
            lines += ["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13"]
            lines.append(f"Sec-WebSocket-Key: {_WEBSOCKET_KEY}")
        if self.cursor is not None and self.uses_events and self.random.random() < 0.5:
            lines.append(f"Last-Event-ID: {self.cursor}")
        elif self.cursor is not None:
            query.append(("cursor", self.cursor))
        path = "/api/stream" if self.uses_events else "/live"
        return "\r\n".join([f"GET {path}?{urlencode(query)} HTTP/1.1", *lines, "", ""]).encode()

    def _handle_buffer(self) -> bool:
        if not self._head_read:
            head, end, rest = self._buffer.partition(b"\r\n\r\n")
            if not end:
                return True
            if head.split(b" ", 2)[1] not in _ACCEPTED:
                return False
            self._head_read, self._buffer = True, rest
        return self._handle_events() if self.uses_events else self._handle_messages()

    def _handle_events(self) -> bool:
        events, self._buffer = parse_events(self._buffer)
        for fields in events:
            frame = json.loads(fields["data"])
            if fields.get("id") != frame.get("cursor"):
                self.errors.append(
                    f"the id {fields.get('id')} is not the cursor of {fields['data']:.80}"
                )
            if frame["type"] == "close":
                self.closes.append((frame["code"], frame["reason"]))
                return False
            self._handle(frame)
        return True

    def _handle_messages(self) -> bool:
        frames, self._buffer = parse_websocket(self._buffer)
        for frame in frames:
            if frame.first_byte == CLOSE:
                self.closes.append((frame.close_code, frame.close_reason))
                return False
            self._handle(json.loads(frame.payload))
        return True

    def _handle(self, frame: dict[str, Any]) -> None:
        kind = frame["type"]
        if kind in {"hello", "series"}:
            self._names |= {str(series_id): name for name, series_id in frame["series"].items()}
        if kind == "hello":
            self.greeted = True
            if self.cursor is None:
                self.first_cursor = self.cursor = frame["cursor"]
        elif kind == "readings":
            for series_id, (times, _values) in frame["series"].items():
                self.times.setdefault(self._names[series_id], array("d")).extend(times)
            self.cursor = frame["cursor"]
        elif kind == "reset":
            self.errors.append(f"reset: {frame['reason']}")
            self.cursor = frame["cursor"]
        elif kind == "recovered":
            self.recovered = True
        elif kind == "ping" and self.greeted:
            self.cursor = frame["cursor"] or self.cursor

"""One viewer, over a WebSocket or Server-Sent Events, that keeps all it was ever sent."""

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

_PIECE: Final = 1 << 16
_RESET: Final = struct.pack("ii", 1, 0)
_KEY: Final = "c3RyaXBjaGFydCB0ZXN0cw=="
_HINT: Final = re.compile(r"retry in (\d+\.\d+) s")
_OK: Final = {b"101", b"200"}
_CLOSE: Final = 8


@dataclass(eq=False)
class Viewer:
    """What a viewer has seen over all of its connections.

    ports: of the web services that it may ask. series: what it selects; nothing for all.
    """

    ports: Sequence[int]
    series: tuple[str, ...]
    events: bool
    random: random.Random
    began: str | None = None
    cursor: str | None = None
    seen: dict[str, "array[float]"] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    closes: list[tuple[int, str]] = field(default_factory=list)
    greeted: bool = False
    recovered: bool = False
    """Whether it has all of what it had missed."""
    due: float = 0.0
    """When it tries again, if it is not connected."""
    _socket: socket.socket | None = None
    _sent: bool = False
    _head: bool = False
    _buffer: bytes = b""
    _names: dict[str, str] = field(default_factory=dict)

    @property
    def connected(self) -> bool:
        """Whether it has a connection, or is about to."""
        return self._socket is not None

    def connect(self, selector: selectors.BaseSelector) -> None:
        """Begin a connection to one of the services."""
        self._sent = self._head = self.greeted = self.recovered = False
        self._buffer = b""
        self._names = {}
        self._socket = socket.socket()
        self._socket.setblocking(False)
        self._socket.connect_ex(("127.0.0.1", self.random.choice(self.ports)))
        selector.register(self._socket, selectors.EVENT_WRITE, self)

    def leave(self, selector: selectors.BaseSelector, *, abruptly: bool) -> None:
        """Let go of the connection."""
        if self._socket is not None:
            selector.unregister(self._socket)
            if abruptly:
                self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            self._socket.close()
            self._socket = None

    def proceed(self, selector: selectors.BaseSelector) -> bool:
        """Do what the socket is ready for; tells whether the connection goes on."""
        assert self._socket is not None
        try:
            if not self._sent:
                self._sent = True
                self._socket.sendall(self._request())
                selector.modify(self._socket, selectors.EVENT_READ, self)
                return True
            data = self._socket.recv(_PIECE)
        except BlockingIOError:
            return True
        except OSError:
            return False
        self._buffer += data
        return bool(data) and self._read()

    def hint(self) -> float | None:
        """The seconds after which the last close asked to come back."""
        found = _HINT.search(self.closes[-1][1]) if self.closes else None
        return float(found[1]) if found else None

    def _request(self) -> bytes:
        query: list[tuple[str, str]] = [("series", name) for name in self.series]
        lines = ["Host: 127.0.0.1"]
        if not self.events:
            lines += ["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13"]
            lines.append(f"Sec-WebSocket-Key: {_KEY}")
        if self.cursor is not None and self.events and self.random.random() < 0.5:
            lines.append(f"Last-Event-ID: {self.cursor}")
        elif self.cursor is not None:
            query.append(("cursor", self.cursor))
        path = "/api/stream" if self.events else "/live"
        return "\r\n".join([f"GET {path}?{urlencode(query)} HTTP/1.1", *lines, "", ""]).encode()

    def _read(self) -> bool:
        if not self._head:
            head, found, rest = self._buffer.partition(b"\r\n\r\n")
            if not found:
                return True
            if head.split(b" ", 2)[1] not in _OK:
                return False
            self._head, self._buffer = True, rest
        return self._read_events() if self.events else self._read_messages()

    def _read_events(self) -> bool:
        *whole, self._buffer = self._buffer.split(b"\n\n")
        for event in whole:
            fields = dict(line.split(": ", 1) for line in event.decode().split("\n"))
            document = json.loads(fields["data"])
            if fields.get("id") != document.get("cursor"):
                self.faults.append(f"the id {fields.get('id')} is not that of {fields['data']:.80}")
            if document["type"] == "close":
                self.closes.append((document["code"], document["reason"]))
                return False
            self._take(document)
        return True

    def _read_messages(self) -> bool:
        at, buffer = 0, self._buffer
        while len(buffer) - at >= 2:
            size, start = buffer[at + 1], at + 2
            if size == 126:
                size, start = int.from_bytes(buffer[start : start + 2]), start + 2
            elif size == 127:
                size, start = int.from_bytes(buffer[start : start + 8]), start + 8
            if len(buffer) < start + size:
                break
            payload = buffer[start : start + size]
            if buffer[at] & 15 == _CLOSE:
                self.closes.append((int.from_bytes(payload[:2]), payload[2:].decode()))
                return False
            self._take(json.loads(payload))
            at = start + size
        self._buffer = buffer[at:]
        return True

    def _take(self, frame: dict[str, Any]) -> None:
        kind = frame["type"]
        if kind in {"hello", "series"}:
            self._names |= {str(number): name for name, number in frame["series"].items()}
        if kind == "hello":
            self.greeted = True
            if self.cursor is None:
                self.began = self.cursor = frame["cursor"]
        elif kind == "readings":
            for number, (times, _values) in frame["series"].items():
                self.seen.setdefault(self._names[number], array("d")).extend(times)
            self.cursor = frame["cursor"]
        elif kind == "reset":
            self.faults.append(f"reset: {frame['reason']}")
            self.cursor = frame["cursor"]
        elif kind == "recovered":
            self.recovered = True
        elif kind == "ping" and self.greeted:
            self.cursor = frame["cursor"] or self.cursor

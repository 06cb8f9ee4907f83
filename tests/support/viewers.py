"""A viewer of the live protocol, at the other end of a socket pair."""

import json
import struct
import time
from collections.abc import Callable
from typing import Any

from gevent import socket

from services.web.live.frames import Transport
from services.web.live.send_queue import SendQueue


class Viewer:
    """Reads the frames that its send queue writes.

    Args:
        transport: The transport that frames are encoded for.
        monotonic: Clock of the send queue, in seconds.

    Attributes:
        queue: The server's end of the connection.
        documents: All documents that were read.
        close_codes: Codes of the WebSocket close frames that were read.
    """

    def __init__(
        self,
        transport: Transport = "websocket",
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        server_end, self._connection = socket.socketpair()
        self._connection.setblocking(False)
        self._buffer = b""
        self._transport = transport
        self.queue = SendQueue(server_end, transport, monotonic)
        self.documents: list[dict[str, Any]] = []
        self.close_codes: list[int] = []

    def read(self) -> list[dict[str, Any]]:
        """Return the documents that arrived since the last call. Every frame must be whole."""
        try:
            while chunk := self._connection.recv(65_536):
                self._buffer += chunk
        except BlockingIOError:
            pass
        arrived = self._read_events() if self._transport == "sse" else self._read_messages()
        self.documents += arrived
        return arrived

    def send(self, data: bytes) -> None:
        """Send bytes to the server."""
        self._connection.send(data)

    def close(self) -> None:
        """Close both ends."""
        self.queue.close()
        self._connection.close()

    def _read_events(self) -> list[dict[str, Any]]:
        *events, self._buffer = self._buffer.split(b"\n\n")
        return [self._parse_event(event.decode()) for event in events]

    def _parse_event(self, text: str) -> dict[str, Any]:
        fields = dict(line.split(": ", 1) for line in text.split("\n"))
        document: dict[str, Any] = json.loads(fields["data"])
        assert fields.get("id") == document.get("cursor")
        return document

    def _read_messages(self) -> list[dict[str, Any]]:
        documents = []
        while (frame := self._next_frame()) is not None:
            opcode, payload = frame
            if opcode == 0x88:
                self.close_codes.append(struct.unpack("!H", payload[:2])[0])
            else:
                assert opcode == 0x81
                documents.append(json.loads(payload))
        return documents

    def _next_frame(self) -> tuple[int, bytes] | None:
        buffer = self._buffer
        if len(buffer) < 2:
            return None
        length, start = buffer[1], 2
        if length == 126:
            length, start = int.from_bytes(buffer[2:4]), 4
        elif length == 127:
            length, start = int.from_bytes(buffer[2:10]), 10
        if len(buffer) < start + length:
            return None
        self._buffer = buffer[start + length :]
        return buffer[0], buffer[start : start + length]

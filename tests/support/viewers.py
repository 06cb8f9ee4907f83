"""A viewer of the live protocol, at the other end of a socket pair."""

import json
import time
from collections.abc import Callable
from typing import Any

from gevent import socket

from services.web.live.frames import Transport
from services.web.live.send_queue import SendQueue
from tests.support.live_frames import CLOSE, TEXT, parse_events, parse_websocket


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

    def disconnect(self) -> None:
        """Close the viewer's end. Nothing more can be read."""
        self._connection.close()

    def close(self) -> None:
        """Close both ends."""
        self.queue.close()
        self._connection.close()

    def _read_events(self) -> list[dict[str, Any]]:
        events, self._buffer = parse_events(self._buffer)
        return [self._parse_event(fields) for fields in events]

    def _parse_event(self, fields: dict[str, str]) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(fields["data"])
        assert fields.get("id") == document.get("cursor")
        return document

    def _read_messages(self) -> list[dict[str, Any]]:
        documents = []
        frames, self._buffer = parse_websocket(self._buffer)
        for frame in frames:
            if frame.first_byte == CLOSE:
                self.close_codes.append(frame.close_code)
            else:
                assert frame.first_byte == TEXT
                documents.append(json.loads(frame.payload))
        return documents

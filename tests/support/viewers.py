"""A viewer of the live protocol at the other end of a socket pair."""

import json
import struct
from typing import Any

from gevent import socket

from services.web.live.frames import Form
from services.web.live.send_queue import SendQueue


class Viewer:
    """Reads the frames that an outlet writes in one of its forms, and keeps what it has got."""

    def __init__(self, form: Form = "message") -> None:
        ours, self._theirs = socket.socketpair()
        self._theirs.setblocking(False)
        self._buffer = b""
        self.outlet = SendQueue(ours, form)
        self._form = form
        self.documents: list[dict[str, Any]] = []
        self.closes: list[int] = []

    def read(self) -> list[dict[str, Any]]:
        """What has arrived since the last time, frame by frame; every frame is whole."""
        try:
            while chunk := self._theirs.recv(65_536):
                self._buffer += chunk
        except BlockingIOError:
            pass
        arrived = self._events() if self._form == "event" else self._messages()
        self.documents += arrived
        return arrived

    def _events(self) -> list[dict[str, Any]]:
        *whole, self._buffer = self._buffer.split(b"\n\n")
        return [self._event(event.decode()) for event in whole]

    def _event(self, text: str) -> dict[str, Any]:
        fields = dict(line.split(": ", 1) for line in text.split("\n"))
        document: dict[str, Any] = json.loads(fields["data"])
        assert fields.get("id") == document.get("cursor")
        return document

    def _messages(self) -> list[dict[str, Any]]:
        arrived = []
        while (frame := self._frame()) is not None:
            kind, payload = frame
            if kind == 0x88:
                self.closes.append(struct.unpack("!H", payload[:2])[0])
            else:
                assert kind == 0x81
                arrived.append(json.loads(payload))
        return arrived

    def _frame(self) -> tuple[int, bytes] | None:
        buffer = self._buffer
        if len(buffer) < 2:
            return None
        size, start = buffer[1], 2
        if size == 126:
            size, start = int.from_bytes(buffer[2:4]), 4
        elif size == 127:
            size, start = int.from_bytes(buffer[2:10]), 10
        if len(buffer) < start + size:
            return None
        self._buffer = buffer[start + size :]
        return buffer[0], buffer[start : start + size]

    def close(self) -> None:
        """Let go of both ends."""
        self.outlet.close()
        self._theirs.close()

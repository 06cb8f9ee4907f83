"""Where the relay's frames come from: a socket, as Redis would be."""

import socket
import time
from typing import Self

from benchmarks.relay import frame


class Feed:
    """Sends frames to the one relay that connects."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._relay: socket.socket | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._relay is not None:
            self._relay.close()
        self._listener.close()

    def accept(self, seconds: float) -> None:
        """Wait until the relay has connected. Raises TimeoutError."""
        self._listener.settimeout(seconds)
        self._relay, _address = self._listener.accept()
        self._relay.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def run(self, rate: int, count: int) -> None:
        """Send so many frames, evenly. rate: frames a second."""
        if self._relay is None:
            raise RuntimeError("no relay has connected")
        begin = time.monotonic()
        for place in range(count):
            time.sleep(max(0.0, begin + place / rate - time.monotonic()))
            self._relay.sendall(frame.stamped(time.monotonic_ns()))

"""A client that behaves well: it views, writes and asks for the health, and notes the delays."""

import http.client
import threading
import time
from collections.abc import Callable
from contextlib import closing, suppress
from typing import Final, NamedTuple, Self

import websocket

from services.broker import Journal, Message
from services.errors import StripchartError
from services.reading import MICROSECONDS, Reading
from tests.support.live_clients import LiveClient

_SERIES: Final = "bystander"
_FAILED_SECONDS: Final = 10.0
"""Time after which a request counts as failed, and the delay that is noted for it."""

_INTERVAL_SECONDS: Final = 0.1
_REQUEST_INTERVAL_SECONDS: Final = 0.25


class Delays(NamedTuple):
    """Delays in seconds: of readings to a viewer, and of requests."""

    viewer: list[float]
    livez: list[float]
    readyz: list[float]
    write: list[float]


class Bystander:
    """A viewer and four threads, for the duration of a block.

    Args:
        port: The port of the web service.
        journal: Receives the readings that are viewed.
    """

    def __init__(self, port: int, journal: Journal) -> None:
        self._port = port
        self._journal = journal
        self._ended = threading.Event()
        self._delays = Delays([], [], [], [])
        self._viewer = LiveClient(port, f"?series={_SERIES}")
        self._threads = [
            threading.Thread(target=target, daemon=True)
            for target in (
                self._publish,
                self._view,
                self._repeat(self._delays.livez, "GET", "/livez"),
                self._repeat(self._delays.readyz, "GET", "/readyz"),
                self._repeat(self._delays.write, "POST", "/api/readings"),
            )
        ]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        for thread in self._threads[2:]:
            thread.join()
        self._viewer.close()

    def take(self) -> Delays:
        """Return the delays since the last call."""
        taken = Delays(*(list(delays) for delays in self._delays))
        for delays, part in zip(self._delays, taken, strict=True):
            del delays[: len(part)]
        return taken

    def _publish(self) -> None:
        while not self._ended.wait(_INTERVAL_SECONDS):
            now = time.time()
            reading = Reading(_SERIES, round(now * MICROSECONDS), now)
            with suppress(StripchartError):
                self._journal.publish(Message.of([reading]))

    def _view(self) -> None:
        while not self._ended.is_set():
            try:
                frame = self._viewer.next_frame("readings")
            except (OSError, websocket.WebSocketException):
                self._delays.viewer.append(_FAILED_SECONDS)
                return
            now = time.time()
            for _, values in frame["series"].values():
                self._delays.viewer.extend(now - sent for sent in values)

    def _repeat(self, delays: list[float], method: str, path: str) -> Callable[[], None]:
        def repeat() -> None:
            while not self._ended.wait(_REQUEST_INTERVAL_SECONDS):
                started = time.monotonic()
                is_answered = self._request(method, path)
                delays.append(time.monotonic() - started if is_answered else _FAILED_SECONDS)

        return repeat

    def _request(self, method: str, path: str) -> bool:
        body = b'{"series":"small","value":1}' if method == "POST" else None
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=_FAILED_SECONDS)
        with closing(connection):
            try:
                connection.request(method, path, body)
                return connection.getresponse().status == 200
            except (OSError, http.client.HTTPException):
                return False

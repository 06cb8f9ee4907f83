"""All connections of a process: one that keeps it waiting, or fills its memory, is cut.

A client owes something while its request has not arrived or its answer is not read. It must make
progress meanwhile. Where places or memory run short, the client that has owed for longest goes.
"""

import time
from collections import Counter
from collections.abc import Callable
from http import HTTPStatus
from itertools import islice
from typing import Final

from werkzeug.exceptions import ServiceUnavailable

from services.web.http.client_connection import ClientConnection, ConnectionLimits
from services.web.http.fair_queue import FairQueue

_BUSY: Final = "too many large requests at once: try again later"
_FULL: Final = "too many connections at once: try again later"

_MAX_EVICTED: Final = 100
"""Connections that are cut at once when places run short."""

_EVICTION_SECONDS: Final = 0.02
"""Time between two evictions. To look for connections to cut takes about 1 ms."""

_MAX_LATE: Final = 250
"""Late connections that are cut at once. To end one takes up to 0.2 ms."""


class Connections:
    """The connections of a process.

    Args:
        limits: Their limits.
        queue: The queue in which their requests wait for their turn.
        monotonic: Clock in seconds that is never set back.
    """

    def __init__(
        self,
        limits: ConnectionLimits | None = None,
        queue: FairQueue | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.limits = limits or ConnectionLimits()
        self.monotonic = monotonic
        self.queue = queue or FairQueue()
        self._connections: set[ClientConnection] = set()
        self._held_bytes = 0
        self._next_eviction = 0.0

    def add(self, connection: ClientConnection) -> None:
        """Add a connection. If there are too many, those that have owed for longest are cut."""
        now = self.monotonic()
        if len(self._connections) >= self.limits.max_count and now >= self._next_eviction:
            self._next_eviction = now + _EVICTION_SECONDS
            self._make_room()
        self._connections.add(connection)

    def remove(self, connection: ClientConnection) -> None:
        """Remove a connection that is closed."""
        self._connections.discard(connection)

    def cut_idle(self) -> None:
        """Cut the connections without a request, because the process ends."""
        latest = self.monotonic() - self.limits.stalled_seconds
        for connection in list(self._connections):
            if connection.is_idle and connection.began_at < latest:
                connection.cut(HTTPStatus.SERVICE_UNAVAILABLE, _FULL)

    def cut_late(self) -> None:
        """Cut the connections that make too little progress. Call it every second."""
        now = self.monotonic()
        late = ((c, c.lateness(now)) for c in list(self._connections) if c.owes)
        for connection, error in islice(((c, e) for c, e in late if e), _MAX_LATE):
            connection.cut(HTTPStatus.REQUEST_TIMEOUT, error)

    def reserve(self, connection: ClientConnection, size: int) -> None:
        """Count bytes that a request holds in memory, until it ends.

        Raises:
            ServiceUnavailable: The requests of others hold too many.
        """
        if self._excess_bytes(size) > 0:
            latest = self.monotonic() - self.limits.stalled_seconds
            stalled = [
                c for c in self._connections if c.held_bytes and c.owes and c.progressed_at < latest
            ]
            for other in sorted(stalled, key=lambda c: c.progressed_at):
                other.cut(HTTPStatus.SERVICE_UNAVAILABLE, _BUSY)
                if self._excess_bytes(size) <= 0:
                    break
            else:
                raise ServiceUnavailable(_BUSY)
        connection.held_bytes += size
        self._held_bytes += size

    def release(self, connection: ClientConnection) -> None:
        """Stop counting what a request held in memory."""
        self._held_bytes -= connection.held_bytes
        connection.held_bytes = 0

    def _excess_bytes(self, size: int) -> int:
        return self._held_bytes + size - self.limits.max_held_bytes

    def _make_room(self) -> None:
        """Cut connections of the address that has most of those that owe something."""
        owing = [c for c in self._connections if c.owes]
        if not owing:
            return
        address, _count = Counter(c.address for c in owing).most_common(1)[0]
        greedy = sorted((c for c in owing if c.address == address), key=lambda c: c.began_at)
        for connection in greedy[:_MAX_EVICTED]:
            connection.cut(HTTPStatus.SERVICE_UNAVAILABLE, _FULL)

"""The connection to one client: it counts bytes, measures progress, and can be cut."""

import fcntl
import socket
import struct
import termios
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from typing import Any, Final, NamedTuple, Protocol

import gevent
from gevent.socket import socket as GeventSocket  # noqa: N812 (a class)

from services.web.http.event_loop import pass_turn
from services.web.http.fair_queue import FairQueue
from services.web.http.lanes import peek_lane
from services.web.http.responses import error_bytes

_LATE: Final = "the body did not arrive in time"
_TOO_MANY: Final = "too many requests at once: try again later"

_RECEIVE_BYTES: Final = 262_144
"""Bytes that are received at once. A client that sends more lets others proceed."""

_LATER_WEIGHT: Final = 4
"""Weight of the requests of a connection after its first one."""


class ConnectionLimits(NamedTuple):
    """Limits of the connections of a process.

    Attributes:
        max_count: Connections at a time.
        max_held_bytes: Bytes of large bodies and answers that are in memory.
        free_bytes: Bytes of a body or an answer that do not count.
        idle_seconds: Time in which the head of a request must arrive, or the next request.
        body_seconds: Time in which a body must make progress.
        max_body_seconds: Time in which a body must arrive completely.
        send_seconds: Time in which an answer must make progress.
        min_bytes_per_second: Progress, on average over one of these times.
        stalled_seconds: Time without progress after which a client may be cut for another one.
    """

    max_count: int = 3_000
    max_held_bytes: int = 64_000_000
    free_bytes: int = 16_384
    idle_seconds: float = 5.0
    body_seconds: float = 5.0
    max_body_seconds: float = 60.0
    send_seconds: float = 10.0
    min_bytes_per_second: int = 500
    stalled_seconds: float = 1.0


class ConnectionHost(Protocol):
    """All connections of a process, as one of them sees them."""

    limits: ConnectionLimits
    queue: FairQueue
    monotonic: Callable[[], float]

    def reserve(self, connection: "ClientConnection", size: int) -> None:
        """Count bytes in memory. Raises ServiceUnavailable."""

    def release(self, connection: "ClientConnection") -> None:
        """Stop counting what a request held in memory."""


class ClientConnection(GeventSocket):  # type: ignore[misc]  # gevent has no types
    """The connection to a client.

    Args:
        accepted: The connection as the server accepted it. It must not be used any more.
        address: Address of the client.
        connections: All connections of the process, with their limits.

    Attributes:
        address: Address of the client.
        owes: True while the process waits for the client.
        is_new: True until the end of its first request.
        is_sending: True from the first byte of an answer.
        began_at: Time since when the client sends this request, or since the one before ended.
        progressed_at: Time of the last byte.
        held_bytes: Bytes that the request holds in memory.
    """

    def __init__(self, accepted: GeventSocket, address: str, connections: ConnectionHost) -> None:
        super().__init__(accepted.family, accepted.type, accepted.proto, accepted.detach())
        self.address = address
        self.owes = False
        self.is_new = True
        self._lane = ""
        self.is_sending = False
        self.began_at = self.progressed_at = connections.monotonic()
        self.held_bytes = 0
        self._connections = connections
        self._is_in_request = False
        self._is_exempt = False
        self._is_cut = False
        self._unyielded_bytes = 0
        self._moved_bytes = 0
        self._last_moved_bytes = 0
        self._window_began_at = self.began_at
        self._window_bytes: int | None = 0

    @property
    def is_idle(self) -> bool:
        """True while no request has arrived."""
        return self.owes and not self._is_in_request

    def wait_for_turn(self) -> float:
        """Wait for the turn of what has arrived. If too many wait, the connection is closed.

        Returns:
            The seconds that it took.

        Raises:
            GreenletExit: The connection is closed.
        """
        if self._is_in_request:
            return self._wait_in_queue(f"{self._lane} continued", may_be_refused=False)
        self._lane = ""
        lane = peek_lane(self._sock)
        return self.wait_in_lane(lane) if lane else 0.0

    def wait_in_lane(self, lane: str) -> float:
        """Wait as `wait_for_turn` does, unless the request already had its turn in this lane."""
        if lane == self._lane:
            return 0.0
        self._lane = lane
        return self._wait_in_queue(lane, may_be_refused=True)

    def _wait_in_queue(self, lane: str, *, may_be_refused: bool) -> float:
        begun_at = self._connections.monotonic()
        # Clients that never pause have lanes of their own, and don't hold up new ones.
        name, weight = (lane, 1) if self.is_new else (f"{lane} again", _LATER_WEIGHT)
        has_turn = self._connections.queue.wait(
            name, self.address, weight, may_be_refused=may_be_refused
        )
        if not has_turn:
            self._refuse()
            raise gevent.GreenletExit
        return self._connections.monotonic() - begun_at

    def begin_request(self) -> None:
        """Begin a request, whose head has arrived."""
        self._is_in_request = True
        self._restart()

    def end_request(self) -> None:
        """End a request. The client may send another one."""
        self._is_in_request = False
        self._is_exempt = False
        self.is_new = False
        self._lane = ""
        self._restart()

    def exempt(self) -> None:
        """Wait for this client as long as it likes: it views live frames."""
        self._is_exempt = True

    def reserve_answer(self, size: int) -> None:
        """Count the bytes of an answer in memory.

        Raises:
            ServiceUnavailable: Too many others are in memory.
        """
        if size > self._connections.limits.free_bytes:
            self._begin_sending()
            self._connections.reserve(self, size)

    def recv(self, size: int, *flags: int) -> bytes:
        """Receive up to `size` bytes.

        Raises:
            ServiceUnavailable: Too many bytes of large bodies are in memory.
        """
        if self.is_sending and self._is_in_request:
            self._restart()  # What was sent was only the permission to send the body.
        data: bytes = super().recv(min(size, _RECEIVE_BYTES), *flags)
        if self._is_cut:
            if self._is_in_request:
                raise gevent.GreenletExit
            return b""
        self._count(len(data))
        if self._is_in_request and not self._is_exempt:
            self._reserve_body(len(data))
        self._unyielded_bytes += len(data)
        if self._unyielded_bytes >= _RECEIVE_BYTES:
            self._unyielded_bytes = 0
            pass_turn()
        return data

    def send(self, data: Any, flags: int = 0, timeout: object = None) -> int:  # noqa: ARG002
        """Send some of the bytes."""
        if not self.is_sending:
            self._begin_sending()
        try:
            sent: int = super().send(data, flags)
        except OSError:
            if self._is_cut:
                raise gevent.GreenletExit from None
            raise
        self._count(sent)
        return sent

    def sendall(self, data: Any, flags: int = 0) -> None:
        """Send all bytes."""
        rest = memoryview(data)
        while rest:
            rest = rest[self.send(rest, flags) :]

    def lateness(self, now: float) -> str:
        """Return why the client is too late, empty if it is not."""
        limits = self._connections.limits
        age = now - self.began_at
        if not self._is_in_request:
            return _LATE if age >= limits.idle_seconds else ""
        if not self.is_sending and age >= limits.max_body_seconds:
            return _LATE
        moved = self._moved_bytes - self._unsent_bytes()
        if moved > self._last_moved_bytes:
            self._last_moved_bytes, self.progressed_at = moved, now
        seconds = limits.send_seconds if self.is_sending else limits.body_seconds
        if self._window_bytes is None:
            self._window_bytes = moved
        if now - self._window_began_at < seconds:
            return ""
        if moved - self._window_bytes < seconds * limits.min_bytes_per_second:
            return _LATE
        self._window_began_at, self._window_bytes = now, moved
        return ""

    def cut(self, status: HTTPStatus, error: str) -> None:
        """Cut the connection. A client that sends a body is told why."""
        self._is_cut = True
        self._connections.release(self)
        with suppress(OSError):  # The other side may have been faster.
            if self.is_sending:
                # Without this the system would keep what it has not sent yet.
                self.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            elif self._is_in_request:
                self._sock.send(error_bytes(status, error), socket.MSG_DONTWAIT)
            self._sock.shutdown(socket.SHUT_RDWR)

    def _refuse(self) -> None:
        with suppress(OSError):  # The other side may have been faster.
            refusal = error_bytes(HTTPStatus.SERVICE_UNAVAILABLE, _TOO_MANY)
            self._sock.send(refusal, socket.MSG_DONTWAIT)
        self.close()

    def _restart(self) -> None:
        self._connections.release(self)
        self.is_sending = False
        self._moved_bytes = 0
        self._begin_window()
        self.began_at = self.progressed_at

    def _begin_sending(self) -> None:
        self._connections.release(self)
        self.is_sending = True
        self._moved_bytes = 0
        self._begin_window()
        # Bytes of answers before may still be unsent. To ask for them takes time.
        self._window_bytes = None

    def _begin_window(self) -> None:
        self.progressed_at = self._window_began_at = self._connections.monotonic()
        self._window_bytes = self._last_moved_bytes = 0

    def _wait(self, watcher: Any, timeout_exc: Any = None) -> None:
        """Wait until the socket is ready. The class of gevent calls this only if it is not."""
        if self._is_exempt:
            super()._wait(watcher, timeout_exc)
            return
        self.owes = True
        try:
            super()._wait(watcher, timeout_exc)
        finally:
            self.owes = False
        self.wait_for_turn()

    def _count(self, size: int) -> None:
        self._moved_bytes += size
        self.progressed_at = self._connections.monotonic()

    def _reserve_body(self, size: int) -> None:
        beyond = min(size, self._moved_bytes - self._connections.limits.free_bytes)
        if beyond > 0:
            self._connections.reserve(self, beyond)

    def _unsent_bytes(self) -> int:
        """Return the bytes in the system's buffer that the client has not acknowledged."""
        if not self.is_sending:
            return 0
        with suppress(OSError):
            answer = fcntl.ioctl(self.fileno(), termios.TIOCOUTQ, bytes(4))
            return int(struct.unpack("i", answer)[0])
        return 0

"""The send queue of one viewer: whole frames, in order, without waiting for a slow reader.

The WebSocket library sends with a single `send` and ignores what the socket did not accept, so a
slow reader would receive torn frames. Here every sender, the library with its pongs and close
frames included, hands over whole frames. What the socket accepts is written at once. The rest is
queued, up to a bound, and written when the socket is writable again.

All of this happens in one gevent hub, and nothing here yields between a check and a write. No
lock is needed.
"""

import ctypes
import os
import socket
import time
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Final, Protocol

import gevent
from gevent.event import Event

from services.web.live.frames import CLOSE_POLICY, CloseFrame, Frame, Transport
from services.web.live.paced_turns import PacedTurns
from services.web.live.receive_limit import RECEIVE_BYTES, ReceiveLimit, discard

MAX_QUEUED_BYTES: Final = 1 << 20
"""Bytes that may be queued for a viewer."""

MAX_STALL_SECONDS: Final = 10.0
"""Time for which a viewer may read nothing while something is queued."""

_LAST_FRAME_SECONDS: Final = 2.0
"""Time that a viewer has to read its last frame."""

_SENDER_RETRY_SECONDS: Final = 10.0
_MAX_UNACKNOWLEDGED_MILLISECONDS: Final = 20_000
_WRITABLE: Final = 2
"""The event WRITE of libev."""

_libc_write = ctypes.PyDLL(None).write
_libc_write.argtypes = (ctypes.c_int, ctypes.c_char_p, ctypes.c_size_t)
_libc_write.restype = ctypes.c_ssize_t


def _write_holding_lock(descriptor: int, data: bytes) -> int:
    """Write like `os.write`, but keep the interpreter's lock.

    A write takes 6 to 8 microseconds. `os.write` releases the lock meanwhile, and a thread that
    computes may keep it for the switch interval (`services/web/main.py`). With one of 1 ms, a
    frame for 1,000 viewers could take a second instead of 8 ms. docs/benchmarks.md has the
    figures: `fanout`, and `live-beside-history` for a relay beside such threads.

    Returns:
        The number of bytes written, 0 in case of an error.
    """
    written: int = _libc_write(descriptor, data, len(data))
    return max(0, written)


class _Connection(Protocol):
    """The part of a socket that the WebSocket library uses."""

    def fileno(self) -> int: ...
    def recv(self, size: int) -> bytes: ...
    def shutdown(self, how: int) -> None: ...
    def close(self) -> None: ...


class SendQueue:
    """Replaces a viewer's socket. After `finish`, `abort` or `close` it sends nothing more.

    Args:
        connection: The viewer's socket, which must not block.
        transport: The transport that frames are encoded for.
        monotonic: Clock in seconds that is never set back.
        turns: Turns in which all viewers' frames are received.

    Attributes:
        descriptor: File descriptor of the socket.
        ready: True while nothing is queued, so that a frame can be written at once.
        transport: The transport that frames are encoded for.
    """

    # Every frame visits a thousand of these objects: compact ones stay in the CPU's cache.
    __slots__ = (
        "_closed",
        "_connection",
        "_drained",
        "_finishing",
        "_head_begun",
        "_monotonic",
        "_progressed_at",
        "_queue",
        "_queued_bytes",
        "_receive_limit",
        "_watcher",
        "descriptor",
        "ready",
        "transport",
    )

    def __init__(
        self,
        connection: _Connection,
        transport: Transport = "websocket",
        monotonic: Callable[[], float] = time.monotonic,
        turns: PacedTurns | None = None,
    ) -> None:
        self._connection = connection
        self.transport = transport
        self.descriptor = connection.fileno()
        self.ready = True
        self._monotonic = monotonic
        self._queue: deque[memoryview] = deque()
        self._queued_bytes = 0
        self._receive_limit = ReceiveLimit(turns or PacedTurns(), monotonic)
        self._head_begun = False
        self._progressed_at = monotonic()
        self._finishing = False
        self._closed = False
        self._drained = Event()
        self._drained.set()
        self._watcher = gevent.get_hub().loop.io(self.descriptor, _WRITABLE)

    @property
    def closed(self) -> bool:
        """True when nothing more can be sent."""
        return self._closed or self._finishing

    @property
    def queued_bytes(self) -> int:
        """Number of bytes that are queued."""
        return self._queued_bytes

    @property
    def is_too_slow(self) -> bool:
        """True if too much is queued, or the viewer has read nothing for too long."""
        if not self._queue:
            return False
        stalled_seconds = self._monotonic() - self._progressed_at
        return self._queued_bytes > MAX_QUEUED_BYTES or stalled_seconds > MAX_STALL_SECONDS

    def send(self, data: bytes) -> int:
        """Send whole units of a protocol. They are written completely, or the link is cut.

        Returns:
            The number of bytes in `data`.
        """
        if not self.closed:
            self._append(data)
            if len(self._queue) == 1:
                self._progressed_at = self._monotonic()
                self._flush()
        return len(data)

    def send_frame(self, frame: Frame) -> None:
        """Send a frame at once, or as soon as the viewer reads it."""
        send_to_all((self,), frame)

    def queue_rest(self, data: bytes, written: int) -> None:
        """Queue the rest of a frame, of which `written` bytes are already written."""
        self._append(memoryview(data)[written:])
        self._head_begun = written > 0
        self._progressed_at = self._monotonic()
        self._flush()

    def drain(self) -> None:
        """Wait until nothing is queued, or the link is cut."""
        self._drained.wait()

    def finish(self, frame: Frame) -> None:
        """Send a last frame, after the one that is partly written, and hang up.

        Other frames in the queue are dropped.
        """
        if self.closed:
            return
        self._finishing = True
        begun = self._queue[0] if self._head_begun else None
        self._queue.clear()
        self._queued_bytes = 0
        if begun is not None:
            self._append(begun)
        self._append(frame.encode(self.transport))
        self._flush()
        gevent.spawn_later(_LAST_FRAME_SECONDS, self.abort)

    def abort(self) -> None:
        """Cut the link. The reader of the socket sees its end."""
        if not self._closed:
            self._finishing = True
            self._discard()
            with suppress(OSError):  # The other side may have been faster.
                self._connection.shutdown(socket.SHUT_RDWR)

    def recv(self, size: int) -> bytes:
        """Receive up to `size` bytes from the viewer, for the library.

        A viewer that sends too often is disconnected.

        Returns:
            The bytes, none at the end of the connection.
        """
        data = self._connection.recv(min(size, RECEIVE_BYTES))
        if data and not self.closed and not self._receive_limit.allows():
            self.finish(CloseFrame(CLOSE_POLICY, "viewers must not send", _SENDER_RETRY_SECONDS))
            discard(self._connection.recv, _LAST_FRAME_SECONDS)
            return b""
        self._receive_limit.wait_for_turn(len(data))
        return data

    def close(self) -> None:
        """Close the socket. Its descriptor may soon be another viewer's: write nothing more."""
        self._closed = True
        self._discard()
        self._connection.close()

    def _append(self, data: bytes | memoryview) -> None:
        self.ready = False
        self._queue.append(memoryview(data))
        self._queued_bytes += len(data)

    def _flush(self) -> None:
        while self._queue and not self._closed:
            head = self._queue[0]
            try:
                written = os.write(self.descriptor, head)
            except BlockingIOError:
                self._drained.clear()
                self._watcher.start(self._flush)
                return
            except OSError:
                self.abort()
                return
            self._progressed_at = self._monotonic()
            self._queued_bytes -= written
            self._head_begun = written < len(head)
            if self._head_begun:
                self._queue[0] = head[written:]
            else:
                self._queue.popleft()
        self._watcher.stop()
        self._drained.set()
        self.ready = not self.closed
        if self._finishing and not self._closed:
            # Only this direction: the viewer still answers the close frame.
            try:
                self._connection.shutdown(socket.SHUT_WR)
            except OSError:
                self.abort()

    def _discard(self) -> None:
        """Drop all queued frames, and wake the greenlets in `drain`."""
        self.ready = False
        self._queue.clear()
        self._queued_bytes = 0
        self._watcher.stop()
        self._watcher.close()
        self._drained.set()


def send_to_all(viewers: Iterable[SendQueue], frame: Frame, hold_lock: bool = False) -> None:
    """Send a frame to some viewers. Nearly always one write for each of them is all there is.

    Args:
        viewers: The send queues of the viewers.
        frame: The frame, which is encoded once for each transport.
        hold_lock: True to keep the interpreter's lock, because a thread computes meanwhile.
    """
    write = _write_holding_lock if hold_lock else os.write
    transport, data, size = None, b"", 0
    for viewer in viewers:
        if viewer.transport is not transport:
            transport = viewer.transport
            data = frame.encode(transport)
            size = len(data)
        if viewer.ready:
            try:
                written = write(viewer.descriptor, data)
            except OSError:
                written = 0
            if written != size:
                viewer.queue_rest(data, written)
        else:
            viewer.send(data)


def set_link_options(connection: socket.socket) -> None:
    """Send without delay, and let the system cut a link that is unacknowledged for 20 s."""
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        connection.setsockopt(
            socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _MAX_UNACKNOWLEDGED_MILLISECONDS
        )
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

"""The way out to one viewer: whole frames, in order, never waiting for a slow reader.

The WebSocket library writes with a single `send` and looks at nothing that was left over, so a
slow reader gets torn frames. Here every writer, the library with its pongs and closes included,
hands over whole frames. What the socket takes at once is written at once; the rest is kept, up
to a bound, and written when the socket is ready again.

All of it happens in one gevent hub, and nothing here yields between looking and writing: that
is the lock.
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
import gevent.event

from services.web.live.frames import Form, Frame

MAX_PENDING_BYTES: Final = 1 << 20
"""Bytes that may wait for a viewer."""

MAX_STALL_SECONDS: Final = 10.0
"""How long a viewer may take nothing."""

_LAST_FRAME_SECONDS: Final = 2.0
_UNACKNOWLEDGED_MS: Final = 20_000
_WRITABLE: Final = 2

_write = ctypes.PyDLL(None).write
_write.argtypes = (ctypes.c_int, ctypes.c_char_p, ctypes.c_size_t)
_write.restype = ctypes.c_ssize_t


def _write_holding_lock(descriptor: int, data: bytes) -> int:
    """Write as os.write does, which lets go of the interpreter's lock."""
    written: int = _write(descriptor, data, len(data))
    return max(0, written)


class Connection(Protocol):
    """The part of a socket that the WebSocket library uses."""

    def fileno(self) -> int: ...
    def recv(self, size: int) -> bytes: ...
    def shutdown(self, how: int) -> None: ...
    def close(self) -> None: ...


class SendQueue:
    """Stands in for a viewer's socket. After `close` or `finish` it takes nothing more.

    form: what the viewer takes each frame as.
    """

    # There are a thousand of them, and all are gone through for each frame: what lies together
    # is found sooner.
    __slots__ = (
        "_closed",
        "_connection",
        "_drained",
        "_finishing",
        "_monotonic",
        "_moved",
        "_pending",
        "_size",
        "_torn",
        "_watcher",
        "descriptor",
        "form",
        "free",
    )

    def __init__(
        self,
        connection: Connection,
        form: Form = "message",
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._connection = connection
        self.form = form
        self.descriptor = connection.fileno()
        self.free = True
        """Whether nothing waits, so that a frame may be written to the socket at once."""
        self._monotonic = monotonic
        self._pending: deque[memoryview] = deque()
        self._size = 0
        self._torn = False
        self._moved = monotonic()
        self._finishing = False
        self._closed = False
        self._drained = gevent.event.Event()
        self._drained.set()
        self._watcher = gevent.get_hub().loop.io(self.descriptor, _WRITABLE)

    @property
    def closed(self) -> bool:
        """Whether nothing can be written any more."""
        return self._closed or self._finishing

    @property
    def is_too_slow(self) -> bool:
        """Whether more waits for this viewer than may, or it has taken nothing for too long."""
        if not self._pending:
            return False
        return self._size > MAX_PENDING_BYTES or self._monotonic() - self._moved > MAX_STALL_SECONDS

    def send(self, data: bytes) -> int:
        """Take whole bytes of a protocol: all of them will be written, or the link be cut."""
        if not self.closed:
            self._append(data)
            if len(self._pending) == 1:
                self._moved = self._monotonic()
                self._flush()
        return len(data)

    def write(self, frame: Frame) -> None:
        """Write a whole frame now, or as soon as the viewer takes it."""
        write_each((self,), frame)

    def keep(self, data: bytes, written: int) -> None:
        """Take a frame of which so many bytes are written already."""
        self._append(memoryview(data)[written:])
        self._torn = written > 0
        self._moved = self._monotonic()
        self._flush()

    def _append(self, data: bytes | memoryview) -> None:
        self.free = False
        self._pending.append(memoryview(data))
        self._size += len(data)

    def _wait(self) -> None:
        self._drained.clear()
        self._watcher.start(self._flush)

    def drain(self) -> None:
        """Wait until the viewer has taken everything, or is gone."""
        self._drained.wait()

    def finish(self, frame: Frame) -> None:
        """Write a last frame after the one that is under way, leave out the rest, and hang up."""
        if self.closed:
            return
        self._finishing = True
        begun = self._pending[0] if self._torn else None
        self._pending.clear()
        self._size = 0
        if begun is not None:
            self._append(begun)
        self._append(frame.encoded(self.form))
        self._flush()
        gevent.spawn_later(_LAST_FRAME_SECONDS, self.abort)

    def abort(self) -> None:
        """Break the link; whoever reads from it sees its end, and nothing is written any more."""
        if not self._closed:
            self._finishing = True
            self._forget()
            with suppress(OSError):  # the other side may have been faster
                self._connection.shutdown(socket.SHUT_RDWR)

    def recv(self, size: int) -> bytes:
        """Read from the viewer, for the library."""
        # Where there always is something to read nobody else would have a turn.
        gevent.sleep(0)
        return self._connection.recv(size)

    def close(self) -> None:
        """Close the socket. Its number may be another's a moment later: nothing is written now."""
        self._closed = True
        self._forget()
        self._connection.close()

    def _flush(self) -> None:
        while self._pending and not self._closed:
            head = self._pending[0]
            try:
                written = os.write(self.descriptor, head)
            except BlockingIOError:
                self._wait()
                return
            except OSError:
                self.abort()
                return
            self._moved = self._monotonic()
            self._size -= written
            self._torn = written < len(head)
            if self._torn:
                self._pending[0] = head[written:]
            else:
                self._pending.popleft()
        self._watcher.stop()
        self._drained.set()
        self.free = not self.closed
        if self._finishing and not self._closed:
            # Only this direction: the viewer still answers the close frame.
            try:
                self._connection.shutdown(socket.SHUT_WR)
            except OSError:
                self.abort()

    def _forget(self) -> None:
        self.free = False
        self._pending.clear()
        self._size = 0
        self._watcher.stop()
        self._watcher.close()
        self._drained.set()


def write_each(viewers: Iterable[SendQueue], frame: Frame, hold_lock: bool = False) -> None:
    """Write a frame to each of these. Nearly always a socket takes it all, in few steps.

    hold_lock: whether a thread computes beside us. Whoever lets go of the interpreter's lock then
    has it back milliseconds later, once for each viewer.
    """
    write = _write_holding_lock if hold_lock else os.write
    form, data, size = None, b"", 0
    for viewer in viewers:
        if viewer.form is not form:
            form = viewer.form
            data = frame.encoded(form)
            size = len(data)
        if viewer.free:
            try:
                written = write(viewer.descriptor, data)
            except OSError:
                written = 0
            if written != size:
                viewer.keep(data, written)
        else:
            viewer.send(data)


def give_up_on_dead_peers(connection: socket.socket) -> None:
    """Let the system end a link whose other side has acknowledged nothing for twenty seconds."""
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _UNACKNOWLEDGED_MS)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

"""Whole frames to one viewer without ever waiting for it, once for greenlets, once for threads."""

import os
import select
import socket
from collections import deque
from contextlib import suppress
from threading import RLock, Thread
from typing import Final

import gevent

_MOST_PENDING: Final = 1 << 20
_WRITABLE: Final = 2


class Outlet:
    """Stands in for a viewer's socket; what that does not take at once is kept, up to a bound."""

    def __init__(self, connection: socket.socket) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._connection = connection
        self._pending: deque[memoryview] = deque()
        self._size = 0
        self._closed = False

    def write(self, frame: bytes) -> None:
        """Write a frame now, or as soon as the viewer takes it."""
        if self._closed:
            return
        if self._size > _MOST_PENDING:
            self._cut()
            return
        idle = not self._pending
        self._pending.append(memoryview(frame))
        self._size += len(frame)
        if idle:
            self._flush()

    def send(self, data: bytes) -> int:
        """Take a whole frame, for the library."""
        self.write(data)
        return len(data)

    def recv(self, size: int) -> bytes:
        """Read from the viewer, for the library."""
        return self._connection.recv(size)

    def close(self) -> None:
        """Close the socket."""
        self._closed = True
        self._pending.clear()
        self._connection.close()

    def _flush(self) -> None:
        while self._pending and not self._closed:
            head = self._pending[0]
            try:
                written = self._put(head)
            except BlockingIOError:
                self._wait()
                return
            except OSError:
                self._cut()
                return
            self._size -= written
            if written < len(head):
                self._pending[0] = head[written:]
            else:
                self._pending.popleft()

    def _cut(self) -> None:
        self._closed = True
        self._pending.clear()
        with suppress(OSError):  # the other side may have been faster
            self._connection.shutdown(socket.SHUT_RDWR)

    def _put(self, data: memoryview) -> int:
        """Hand over what fits now. Raises BlockingIOError where nothing does."""
        raise NotImplementedError

    def _wait(self) -> None:
        """Have `_flush` called when the socket is ready."""
        raise NotImplementedError


class GreenletOutlet(Outlet):
    """For greenlets of one event loop: nothing here yields, and that is the lock."""

    def __init__(self, connection: socket.socket) -> None:
        super().__init__(connection)
        self._descriptor = connection.fileno()
        self._watcher = gevent.get_hub().loop.io(self._descriptor, _WRITABLE)

    def close(self) -> None:
        """Close the socket."""
        self._watcher.stop()
        self._watcher.close()
        super().close()

    def _put(self, data: memoryview) -> int:
        return os.write(self._descriptor, data)

    def _wait(self) -> None:
        self._watcher.start(self._resume)

    def _resume(self) -> None:
        self._watcher.stop()
        self._flush()


class ThreadOutlet(Outlet):
    """For threads: a lock for each viewer, and one thread that waits for all slow ones."""

    def __init__(self, connection: socket.socket, flusher: "Flusher") -> None:
        super().__init__(connection)
        self._lock = RLock()
        self._flusher = flusher

    def write(self, frame: bytes) -> None:
        """Write a frame now, or as soon as the viewer takes it."""
        with self._lock:
            super().write(frame)

    def close(self) -> None:
        """Close the socket."""
        with self._lock:
            super().close()

    def resume(self) -> None:
        """Go on writing: the socket is ready."""
        with self._lock:
            self._flush()

    def _put(self, data: memoryview) -> int:
        return self._connection.send(data, socket.MSG_DONTWAIT)

    def _wait(self) -> None:
        self._flusher.wait_for(self._connection.fileno(), self)


class Flusher:
    """The thread that waits until slow viewers take something again."""

    def __init__(self) -> None:
        self._epoll = select.epoll()
        self._waiting: dict[int, ThreadOutlet] = {}
        Thread(target=self._run, daemon=True).start()

    def wait_for(self, descriptor: int, outlet: ThreadOutlet) -> None:
        """Resume this outlet when its socket is ready."""
        self._waiting[descriptor] = outlet
        self._epoll.register(descriptor, select.EPOLLOUT)

    def _run(self) -> None:
        while True:
            for descriptor, _events in self._epoll.poll():
                with suppress(OSError):  # it may have been closed in between
                    self._epoll.unregister(descriptor)
                self._waiting.pop(descriptor).resume()

"""Turns of connections, so that no client keeps the event loop for itself.

A client that sends its next request at once would be served again and again without a pause, and
a thousand connections that become ready together would be served before anything else.
"""

import time
from collections import deque
from typing import Any, Final, NamedTuple

import gevent
from gevent.hub import Waiter

_MAX_UNHINDERED: Final = 4
"""Connections that are served without a pause. A request takes about a millisecond."""

_SLICE_SECONDS: Final = 0.01
"""Time for which connections are served before the live stream and newcomers go on."""


class _Waiting(NamedTuple):
    newcomers: deque[Any]
    others: deque[Any]


class Turns:
    """Serves ready connections one after the other: addresses in turn, new connections first.

    Of these the newest and the oldest come alternately: the newest need not wait for a thousand
    that came just before, and the oldest don't wait for ever.
    """

    def __init__(self) -> None:
        self._unhindered = 0
        self._waiting: dict[str, _Waiting] = {}
        self._timer: Any = None
        self._is_scheduled = False
        self._takes_newest = False

    def wait(self, address: str, *, is_new: bool) -> None:
        """Wait until a connection may be served. It need not wait while there are few others.

        Args:
            address: Address of the client.
            is_new: True before the end of the connection's first request.
        """
        if not self._waiting and self._unhindered < _MAX_UNHINDERED:
            if not self._unhindered:
                gevent.get_hub().loop.run_callback(self._reset)
            self._unhindered += 1
            return
        self._schedule()
        waiting = self._waiting.setdefault(address, _Waiting(deque(), deque()))
        waiter = Waiter()
        (waiting.newcomers if is_new else waiting.others).append(waiter)
        waiter.get()

    def _reset(self) -> None:
        self._unhindered = 0

    def _schedule(self) -> None:
        if not self._is_scheduled:
            self._is_scheduled = True
            if self._timer is None:
                # A timer ends only after the next look at all connections.
                self._timer = gevent.get_hub().loop.timer(0)
            self._timer.start(self._give_turns)

    def _give_turns(self) -> None:
        """Let greenlets run, each until it has to wait. The event loop calls this."""
        end = time.monotonic() + _SLICE_SECONDS
        while self._waiting and time.monotonic() < end:
            address = next(iter(self._waiting))
            waiting = self._waiting.pop(address)
            waiter = self._next(waiting)
            if waiting.newcomers or waiting.others:
                self._waiting[address] = waiting
            waiter.switch(None)
        self._is_scheduled = False
        if self._waiting:
            self._schedule()

    def _next(self, waiting: _Waiting) -> Any:
        if not waiting.newcomers:
            return waiting.others.popleft()
        self._takes_newest = not self._takes_newest
        return waiting.newcomers.pop() if self._takes_newest else waiting.newcomers.popleft()

"""The queue in which requests wait for their turn, so that no client holds up the others.

Everything but queries and decoding runs in one event loop. Without a queue, a thousand requests
that arrive together would all be handled before the loop sees the next reading for a viewer. So
the loop starts one request at a time, and looks after everything else in between.
"""

import time
from collections import OrderedDict, deque
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

import gevent
from gevent.hub import Waiter

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_HEALTH_PATHS: Final = frozenset({"/livez", "/readyz", "/health", "/ready", "/ping", "/api/status"})
_LIVE_PATHS: Final = frozenset({"/live", "/api/stream"})
_SLICE_SECONDS: Final = 0.003
"""Time for which the event loop starts requests before it looks after other work."""

_READ_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})


class FairQueue:
    """Starts waiting requests: by lane in turn, and in a lane by address in turn.

    Args:
        slice_seconds: Time after which the event loop looks after other work.
    """

    def __init__(self, slice_seconds: float = _SLICE_SECONDS) -> None:
        self._slice_seconds = slice_seconds
        self._lanes: OrderedDict[str, _RequestLane] = OrderedDict()
        # The loop runs it once in each of its iterations, so other events come in between.
        self._timer = gevent.get_hub().loop.timer(0.0)
        self._is_started = False

    def wait(self, lane: str, address: str) -> None:
        """Wait for the turn of a request.

        Args:
            lane: Requests of a lane don't wait for those of other lanes.
            address: Requests of an address don't wait for those of other addresses.
        """
        if not self._is_started:
            self._is_started = True
            self._timer.start(self._start_some)
            return
        waiter: Waiter[None] = Waiter()
        self._lanes.setdefault(lane, _RequestLane()).add(address, waiter)
        waiter.get()

    def _start_some(self) -> None:
        """Start requests for the length of a slice. This runs in the event loop itself."""
        if not self._lanes:
            self._is_started = False
            return
        end = time.perf_counter() + self._slice_seconds
        while self._lanes:
            self._start_one()
            if time.perf_counter() >= end:
                break
        self._timer.start(self._start_some)

    def _start_one(self) -> None:
        name, lane = self._lanes.popitem(last=False)
        waiter = lane.take()
        if lane.is_waiting:
            self._lanes[name] = lane
        # It returns when the request's greenlet waits for something, or has ended.
        waiter.switch(None)


class _RequestLane:
    """The waiting requests of a lane."""

    def __init__(self) -> None:
        self._by_address: OrderedDict[str, deque[Waiter[None]]] = OrderedDict()

    @property
    def is_waiting(self) -> bool:
        """True if a request waits."""
        return bool(self._by_address)

    def add(self, address: str, waiter: "Waiter[None]") -> None:
        """Add a request."""
        self._by_address.setdefault(address, deque()).append(waiter)

    def take(self) -> "Waiter[None]":
        """Remove the next request, and return it."""
        address, waiters = self._by_address.popitem(last=False)
        waiter = waiters.popleft()
        if waiters:
            self._by_address[address] = waiters
        return waiter


class FairQueueMiddleware:
    """Lets each request wait for its turn before an application handles it.

    Args:
        application: The application.
    """

    def __init__(self, application: "WSGIApplication") -> None:
        self._application = application
        self._queue = FairQueue()

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Handle a request."""
        lane = _lane(environ)
        # Those who never pause wait apart, where they don't hold up newcomers.
        if not getattr(environ.get("gunicorn.socket"), "is_new", True):
            lane += " again"
        self._queue.wait(lane, environ.get("REMOTE_ADDR", ""))
        return self._application(environ, start_response)


def _lane(environ: dict[str, Any]) -> str:
    path: str = environ.get("PATH_INFO", "")
    if path in _HEALTH_PATHS:
        return "health"
    if path in _LIVE_PATHS:
        return "live"
    return "read" if environ.get("REQUEST_METHOD") in _READ_METHODS else "write"

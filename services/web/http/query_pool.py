"""Threads for database queries and other long work, so that greenlets go on meanwhile.

Calls run one after the other. Together they would not be faster, because most of a call holds the
interpreter's lock. Each further thread would also make the live stream wait longer for that lock.
Only a call that takes long lets others pass.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, NamedTuple, ParamSpec, TypeVar

import gevent
from gevent.lock import BoundedSemaphore
from gevent.threadpool import ThreadPool

P = ParamSpec("P")
T = TypeVar("T")

_THREADS: Final = 4
_TURN_SECONDS: Final = 1.0


class _Failure(NamedTuple):
    error: Exception


class QueryPool:
    """A few threads. Each query has a connection of its own.

    Args:
        turn_seconds: Time after which a running call lets the next one start.
    """

    def __init__(self, turn_seconds: float = _TURN_SECONDS) -> None:
        self._pool = ThreadPool(_THREADS)
        self._turns = BoundedSemaphore(1)
        self._turn_seconds = turn_seconds
        self._running = 0

    @property
    def is_busy(self) -> bool:
        """True while a thread runs a call."""
        return self._running > 0

    def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call a function in a thread, and wait for it. Other greenlets go on meanwhile.

        Returns:
            The result of the function.

        Raises:
            Exception: An error of the function.
        """

        def call() -> T | _Failure:
            # The pool would print an exception before the caller can handle it.
            try:
                return function(*args, **kwargs)
            except Exception as error:  # noqa: BLE001 (raised again below)
                return _Failure(error)

        with self._turn():
            self._running += 1
            try:
                result: T | _Failure = self._pool.apply(call)
            finally:
                self._running -= 1
        if isinstance(result, _Failure):
            raise result.error
        return result

    @contextmanager
    def _turn(self) -> Iterator[None]:
        self._turns.acquire()
        timer = gevent.spawn_later(self._turn_seconds, self._turns.release)
        try:
            yield
        finally:
            if not timer.ready():
                timer.kill(block=False)
                self._turns.release()

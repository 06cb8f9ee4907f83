"""Questions to the database from a greenlet: asked in threads, so that nothing live waits.

One is answered after the other. Together they would not be faster, since most of an answer is
made with the interpreter's lock held, and each more would have the live stream wait for that lock
longer. Only one that takes long lets others pass.
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
"""After how long a question lets the next one begin."""


class _Raised(NamedTuple):
    error: Exception


class QueryPool:
    """A few threads; each query has a connection of its own.

    turn_seconds: how long the next question waits for one that is being answered.
    """

    def __init__(self, turn_seconds: float = _TURN_SECONDS) -> None:
        self._pool = ThreadPool(_THREADS)
        self._turns = BoundedSemaphore(1)
        self._turn_seconds = turn_seconds
        self._asked = 0

    @property
    def busy(self) -> bool:
        """Whether a thread is answering."""
        return self._asked > 0

    def run(self, question: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Have a thread answer; other greenlets go on meanwhile. Raises what the thread raises."""

        def answer() -> T | _Raised:
            # The pool would print what is raised, before anybody can deal with it.
            try:
                return question(*args, **kwargs)
            except Exception as error:  # noqa: BLE001 (raised again below)
                return _Raised(error)

        with self._turn():
            self._asked += 1
            try:
                result: T | _Raised = self._pool.apply(answer)
            finally:
                self._asked -= 1
        if isinstance(result, _Raised):
            raise result.error
        return result

    @contextmanager
    def _turn(self) -> Iterator[None]:
        self._turns.acquire()
        over = gevent.spawn_later(self._turn_seconds, self._turns.release)
        try:
            yield
        finally:
            if not over.ready():
                over.kill(block=False)
                self._turns.release()

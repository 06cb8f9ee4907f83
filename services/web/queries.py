"""Questions to the database from a greenlet: asked in threads, so that nothing live waits."""

from collections.abc import Callable
from typing import Final, ParamSpec, TypeVar

from gevent.threadpool import ThreadPool

P = ParamSpec("P")
T = TypeVar("T")

_THREADS: Final = 4


class Queries:
    """A pool of threads; each query has a connection of its own."""

    def __init__(self) -> None:
        self._pool = ThreadPool(_THREADS)

    def ask(self, question: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Have a thread answer; other greenlets go on meanwhile. Raises what the thread raises."""
        result: T = self._pool.apply(question, args, kwargs)
        return result

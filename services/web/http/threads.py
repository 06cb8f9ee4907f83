"""Threads for work that blocks or computes, so that greenlets go on meanwhile."""

from collections.abc import Callable
from typing import NamedTuple, ParamSpec, TypeVar

from gevent.threadpool import ThreadPool

P = ParamSpec("P")
T = TypeVar("T")


class _Failure(NamedTuple):
    error: Exception


class Threads:
    """A few threads. Calls beyond their number wait.

    Args:
        count: Number of threads.
    """

    def __init__(self, count: int) -> None:
        self._pool = ThreadPool(count)
        self._running = 0

    @property
    def is_busy(self) -> bool:
        """True while a call runs or waits for a thread."""
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

        self._running += 1
        try:
            result: T | _Failure = self._pool.apply(call)
        finally:
            self._running -= 1
        if isinstance(result, _Failure):
            raise result.error
        return result

"""Questions to the database from a greenlet: asked in threads, so that nothing live waits."""

from collections.abc import Callable
from typing import Final, NamedTuple, ParamSpec, TypeVar

from gevent.threadpool import ThreadPool

P = ParamSpec("P")
T = TypeVar("T")

_THREADS: Final = 4


class _Raised(NamedTuple):
    error: Exception


class Queries:
    """A pool of threads; each query has a connection of its own."""

    def __init__(self) -> None:
        self._pool = ThreadPool(_THREADS)

    def ask(self, question: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Have a thread answer; other greenlets go on meanwhile. Raises what the thread raises."""

        def answer() -> T | _Raised:
            # The pool would print what is raised, before anybody can deal with it.
            try:
                return question(*args, **kwargs)
            except Exception as error:  # noqa: BLE001 (raised again below)
                return _Raised(error)

        result: T | _Raised = self._pool.apply(answer)
        if isinstance(result, _Raised):
            raise result.error
        return result

"""A call whose result is shared by all who ask for it while another call runs."""

from collections.abc import Callable
from typing import Generic, TypeVar

import gevent
from gevent.event import AsyncResult
from gevent.lock import BoundedSemaphore

from services.web.http.clients import take_turn

T = TypeVar("T")


class SharedCall(Generic[T]):
    """Calls a function, never twice at a time.

    Callers that arrive while it runs share the next call, so that a thousand of them cost two
    calls. No caller gets the result of a call that began before it asked.

    Args:
        function: The function.
        takes_turn: True if each caller waits for its turn after the call. A short call needs none.
    """

    def __init__(self, function: Callable[[], T], *, takes_turn: bool = True) -> None:
        self._function = function
        self._takes_turn = takes_turn
        self._running = BoundedSemaphore(1)
        self._next: AsyncResult | None = None

    def result(self) -> T:
        """Return the result of a call that begins after this one.

        Raises:
            Exception: An error of the function.
        """
        try:
            return self._share()
        finally:
            if self._takes_turn:
                take_turn()

    def wait(self, seconds: float) -> None:
        """Wait for a call that begins after this one, but at most the given seconds.

        The call goes on without those who no longer wait. The function must not raise.
        """
        gevent.spawn(self._share).join(seconds)
        take_turn()

    def _share(self) -> T:
        shared = self._next
        if shared is None:
            shared = self._next = AsyncResult()
            self._call(shared)
        result: T = shared.get()
        return result

    def _call(self, shared: AsyncResult) -> None:
        try:
            with self._running:
                self._next = None
                shared.set(self._function())
        except BaseException as error:
            # A greenlet that is killed must not leave the others waiting.
            if self._next is shared:
                self._next = None
            shared.set_exception(error)
            if not isinstance(error, Exception):
                raise

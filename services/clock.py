"""The wall clock, for what is stored and shown. Whatever waits uses the monotonic clock."""

import threading
import time
from collections.abc import Callable
from typing import Final

_SET_BACK: Final = 1_000_000
"""Microseconds by which the clock must be behind to count as set back, not as overtaken."""


def microseconds() -> int:
    """Microseconds since 1970-01-01 UTC."""
    return time.time_ns() // 1000


class Stamps:
    """Times of arrival, no two of them the same, for readings that bring none.

    Of one series and one time the last reading counts, so two that arrive together must differ.
    clock: microseconds since 1970.
    """

    def __init__(self, clock: Callable[[], int] = microseconds) -> None:
        self._clock = clock
        self._last = 0
        self._lock = threading.Lock()

    def reserve(self, size: int) -> int:
        """The first of `size` microseconds: now, or just after those that were given before."""
        with self._lock:
            now = self._clock()
            overtaken = now <= self._last <= now + _SET_BACK
            first = self._last + 1 if overtaken else now
            self._last = first + size - 1
            return first

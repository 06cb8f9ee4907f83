"""The wall clock, for what is stored and shown. Whatever waits uses the monotonic clock."""

import threading
import time
from collections.abc import Callable
from typing import Final

_SET_BACK: Final = 1_000_000
"""Microseconds by which the clock must be behind to count as set back, not as overtaken."""

_JUMP: Final = 3_600_000_000
"""A clock that goes wrong by more microseconds than this was set."""

_ABSENT: Final = 604_800_000_000
"""At the beginning it may differ by this from what is known: the time that nothing ran."""

_DOUBT_SECONDS: Final = 86_400.0


def now_microseconds() -> int:
    """Microseconds since 1970-01-01 UTC."""
    return time.time_ns() // 1000


class TimestampAllocator:
    """Times of arrival, no two of them the same, for readings that bring none.

    Of one series and one time the last reading counts, so two that arrive together must differ.
    clock: microseconds since 1970.
    """

    def __init__(self, clock: Callable[[], int] = now_microseconds) -> None:
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


class ClockJumpGuard:
    """The time, unless the clock seems to have been set: then for a day it is not known.

    Whoever deletes by age asks this one. clock: microseconds since 1970. monotonic: seconds that
    no hand sets. known: a time in microseconds that has passed not long ago, or None.
    """

    def __init__(
        self,
        clock: Callable[[], int],
        monotonic: Callable[[], float],
        known: Callable[[], int | None],
    ) -> None:
        self._clock = clock
        self._monotonic = monotonic
        self._known = known
        self._last: tuple[int, float] | None = None
        self._doubt_until = -_DOUBT_SECONDS

    def now(self) -> int | None:
        """Microseconds since 1970, or None while that is in doubt."""
        now, passed = self._clock(), self._monotonic()
        if self._last is None:
            known = self._known()
            expected, tolerated = (now if known is None else known), _ABSENT
        else:
            then, before = self._last
            expected, tolerated = then + round((passed - before) * 1_000_000), _JUMP
        if abs(now - expected) > tolerated:
            self._doubt_until = passed + _DOUBT_SECONDS
        self._last = now, passed
        return None if passed < self._doubt_until else now

"""Wall clock for stored and displayed times. Waits use the monotonic clock instead."""

import threading
import time
from collections.abc import Callable
from typing import Final

_MAX_LEAD_MICROSECONDS: Final = 1_000_000
"""Allocated timestamps may be this far ahead of the clock. Beyond it, the clock was set back."""

_MAX_DRIFT_MICROSECONDS: Final = 3_600_000_000
"""A running clock that is wrong by more than this was set by hand."""

_MAX_DOWNTIME_MICROSECONDS: Final = 604_800_000_000
"""At the start, the clock may differ by this from the newest known time: nothing ran meanwhile."""

_DISTRUST_SECONDS: Final = 86_400.0


def now_microseconds() -> int:
    """Return the current time in microseconds since 1970-01-01 UTC."""
    return time.time_ns() // 1000


class TimestampAllocator:
    """Allocator of unique arrival times for readings that have no time of their own.

    A later reading with the same series and time replaces the earlier one. So readings that arrive
    together need different times.

    Args:
        clock: Returns microseconds since 1970-01-01 UTC.
    """

    def __init__(self, clock: Callable[[], int] = now_microseconds) -> None:
        self._clock = clock
        self._last = 0
        self._lock = threading.Lock()

    def reserve(self, count: int) -> int:
        """Reserve consecutive timestamps, from now on or after the last reserved one.

        Args:
            count: Number of timestamps.

        Returns:
            The first timestamp, in microseconds.
        """
        with self._lock:
            now = self._clock()
            is_ahead = now <= self._last <= now + _MAX_LEAD_MICROSECONDS
            first = self._last + 1 if is_ahead else now
            self._last = first + count - 1
            return first


class ClockJumpGuard:
    """A clock that is distrusted for a day after it jumped. Deletion by age depends on it.

    Args:
        clock: Returns microseconds since 1970-01-01 UTC.
        monotonic: Returns seconds; can't be set.
        newest_known: Returns a time in the recent past, in microseconds, or None. It is called
            once, to check the clock at the start.
    """

    def __init__(
        self,
        clock: Callable[[], int],
        monotonic: Callable[[], float],
        newest_known: Callable[[], int | None],
    ) -> None:
        self._clock = clock
        self._monotonic = monotonic
        self._newest_known = newest_known
        self._last: tuple[int, float] | None = None
        self._distrusted_until = -_DISTRUST_SECONDS

    def now(self) -> int | None:
        """Return microseconds since 1970-01-01 UTC, or None while the clock is distrusted."""
        now, seconds = self._clock(), self._monotonic()
        if self._last is None:
            newest = self._newest_known()
            expected = now if newest is None else newest
            max_difference = _MAX_DOWNTIME_MICROSECONDS
        else:
            last_now, last_seconds = self._last
            expected = last_now + round((seconds - last_seconds) * 1_000_000)
            max_difference = _MAX_DRIFT_MICROSECONDS
        if abs(now - expected) > max_difference:
            self._distrusted_until = seconds + _DISTRUST_SECONDS
        self._last = now, seconds
        return None if seconds < self._distrusted_until else now

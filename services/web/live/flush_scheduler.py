"""Decides when collected messages are sent: at once when idle, 20 times a second when busy.

A frame costs a system call for each viewer, however small it is. So beyond 160 messages a second,
messages wait for each other, 50 ms at most.
"""

import time
from collections import deque
from collections.abc import Callable
from typing import Final

_TURN_SECONDS: Final = 0.05
_MAX_IDLE_MESSAGES: Final = 8
"""Messages in one turn that are still sent one by one: 160 a second."""

_PAUSE_RATIO: Final = 0.1
"""Seconds of pause for each second of sending, so that other work gets its share when idle."""


class FlushScheduler:
    """The time of the next flush.

    Args:
        monotonic: Clock in seconds that is never set back.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._count = 0
        self._due = 0.0
        # Time of each flush of the last turn, and the count of messages at that time.
        self._flushes: deque[tuple[float, int]] = deque([(0.0, 0)])

    def count_message(self) -> None:
        """Count a message that waits for the next flush."""
        self._count += 1

    def delay(self) -> float:
        """Return the seconds until the next flush is due, 0 if it is due now."""
        return max(0.0, self._due - self._monotonic())

    def begin(self) -> float:
        """Record that a flush of all counted messages begins.

        Returns:
            The time, for `end`.
        """
        now = self._monotonic()
        while len(self._flushes) > 1 and self._flushes[1][0] <= now - _TURN_SECONDS:
            self._flushes.popleft()
        self._flushes.append((now, self._count))
        return now

    def end(self, begun_at: float) -> None:
        """Record the end of a flush, and schedule the next one."""
        now = self._monotonic()
        is_busy = self._count - self._flushes[0][1] > _MAX_IDLE_MESSAGES
        pause = _PAUSE_RATIO * (now - begun_at)
        self._due = begun_at + _TURN_SECONDS if is_busy else now + min(pause, _TURN_SECONDS)

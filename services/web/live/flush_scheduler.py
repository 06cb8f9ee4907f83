"""How soon the hub sends what it has taken: at once when it is quiet, in turns when it is busy.

A frame costs a system call for each viewer, however little is in it. So beyond a pace at which
every message still goes out on its own, messages wait for each other, 50 ms at most.
"""

import time
from collections import deque
from collections.abc import Callable
from typing import Final

_TURN_SECONDS: Final = 0.05
_MOST_AT_ONCE: Final = 8
"""Messages in one turn that are still sent on their own: 160 a second."""

_SHARE: Final = 0.1
"""Seconds that are left to all else for each second of sending, beside its turn between two."""


class FlushScheduler:
    """When the next frames are due. count: the messages that were taken, which others add to."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.count = 0
        self._monotonic = monotonic
        self._due = 0.0
        self._sent: deque[tuple[float, int]] = deque([(0.0, 0)])

    def wait(self) -> float:
        """The seconds to wait before sending."""
        return max(0.0, self._due - self._monotonic())

    def begin(self) -> float:
        """Note that all that was taken is sent now. Returns the moment, for `end`."""
        now = self._monotonic()
        while len(self._sent) > 1 and self._sent[1][0] <= now - _TURN_SECONDS:
            self._sent.popleft()
        self._sent.append((now, self.count))
        return now

    def end(self, begun: float) -> None:
        """Note that it was sent, and so when the next may be."""
        now = self._monotonic()
        busy = self.count - self._sent[0][1] > _MOST_AT_ONCE
        breath = _SHARE * (now - begun)
        self._due = begun + _TURN_SECONDS if busy else now + min(breath, _TURN_SECONDS)

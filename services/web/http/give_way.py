"""Pauses of threads that compute, so that requests go first."""

import time
from collections.abc import Callable
from typing import Final

from gevent import monkey

_RUN_SECONDS: Final = 0.003
"""Time between two pauses."""

_MAX_PAUSE_SECONDS: Final = 0.015
_STEP_SECONDS: Final = 0.002

# gevent's own one would need the event loop of the thread.
_sleep: Final = monkey.get_original("time", "sleep")


class GiveWay:
    """Pauses the thread of one piece of work while requests wait.

    Whenever the event loop reads or writes, a computing thread may take the interpreter's lock, and
    delays the loop by the switch interval (`services/web/main.py`). A request takes up to ten times
    as long then.

    Args:
        is_congested: Returns True while requests wait.
    """

    def __init__(self, is_congested: Callable[[], bool]) -> None:
        self._is_congested = is_congested
        self._due_at = 0.0

    def __call__(self) -> None:
        """Pause for a bounded time if a pause is due. The work calls this often."""
        now = time.monotonic()
        if now < self._due_at:
            return
        end = now + _MAX_PAUSE_SECONDS
        while self._is_congested() and time.monotonic() < end:
            _sleep(_STEP_SECONDS)
        self._due_at = time.monotonic() + _RUN_SECONDS

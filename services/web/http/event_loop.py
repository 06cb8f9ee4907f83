"""Pauses of a greenlet."""

from typing import Final

import gevent

MIN_PAUSE_SECONDS: Final = 0.0001
"""Shortest pause in which the event loop looks after everything else."""


def pass_turn() -> None:
    """Let everything else that is ready go first.

    `gevent.sleep(0)` is no pause: the greenlet would go on, up to fifty times, before the event
    loop receives anything or looks at its timers.
    """
    gevent.sleep(MIN_PAUSE_SECONDS)

"""The ticks of a source: the times at which its readings are due."""

import math
import random
import time
from collections.abc import Callable, Iterator
from typing import Final

from services.clock import now_microseconds
from services.concurrency import Shutdown
from services.reading import MICROSECONDS

_MIN_TICK_SECONDS: Final = 0.02
"""Shortest tick. At higher rates one tick has several times."""


def ticks(
    rate: float, shutdown: Shutdown, clock: Callable[[], int] = now_microseconds
) -> Iterator[list[int]]:
    """Wait for the next tick and yield its times, until the shutdown.

    No time comes twice, also if the clock is set back.

    Args:
        rate: Times in a second.
        shutdown: Ends the wait.
        clock: Returns the time in microseconds since 1970.

    Yields:
        The times of a tick in microseconds since 1970. The first tick is due at once.
    """
    times_per_tick = max(1, math.ceil(rate * _MIN_TICK_SECONDS))
    tick_seconds, spacing = times_per_tick / rate, MICROSECONDS / rate
    due = time.monotonic()
    shift = last = 0.0
    while not shutdown.wait(due - time.monotonic()):
        # After sleep mode, continue from now instead of catching up on the missed ticks.
        due = max(due, time.monotonic() - tick_seconds)
        # Use the time at which the tick was due: the times of a late tick must not overlap those
        # of the next one.
        now = clock() - (time.monotonic() - due) * MICROSECONDS
        if now + shift - spacing * (times_per_tick - 1) <= last:
            # The clock was set back: move between the times that have been used.
            shift = random.uniform(0.2, 0.8) * spacing
        last = now + shift
        yield [round(last - spacing * back) for back in reversed(range(times_per_tick))]
        due += tick_seconds

"""The pace of a source: the times at which its readings are due."""

import math
import random
import time
from collections.abc import Callable, Iterator
from typing import Final

from services.clock import now_microseconds
from services.concurrency import Shutdown
from services.reading import MICROSECONDS

_SHORTEST_TICK: Final = 0.02
"""Seconds. At higher rates a tick has several times."""


def ticks(
    rate: float, stop: Shutdown, clock: Callable[[], int] = now_microseconds
) -> Iterator[list[int]]:
    """Wait for what is due, `rate` times a second, until asked to stop: microseconds since 1970.

    No time comes twice, also when the clock is set back. The first is due at once.
    """
    per_tick = max(1, math.ceil(rate * _SHORTEST_TICK))
    tick, spacing = per_tick / rate, MICROSECONDS / rate
    due = time.monotonic()
    shift = last = 0.0
    while not stop.wait(due - time.monotonic()):
        # A machine that was asleep goes on from now, and does not make up for what it missed.
        due = max(due, time.monotonic() - tick)
        # Stamped with when it was due: a late tick must not run into the times of the next.
        now = clock() - (time.monotonic() - due) * MICROSECONDS
        if now + shift - spacing * (per_tick - 1) <= last:
            # The clock was set back. The times that were given out already are not given again.
            shift = random.uniform(0.2, 0.8) * spacing
        last = now + shift
        yield [round(last - spacing * back) for back in reversed(range(per_tick))]
        due += tick

"""Turns for greenlets that compute, so that together they leave most of the time to others."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import gevent
from gevent.lock import BoundedSemaphore

from services.web.http.event_loop import MIN_PAUSE_SECONDS

SLICE_SECONDS: Final = 0.003
"""Time after which a long computation should end its turn."""

_PAUSE_RATIO: Final = 1.0
"""Seconds of pause for each second of a turn."""


class PacedTurns:
    """Lets greenlets compute one after the other, each with a pause after its turn.

    A thousand viewers may ask for the same work at the same time. Without turns, the event loop
    would run all of it before it serves anybody else.
    """

    def __init__(self) -> None:
        self._semaphore = BoundedSemaphore(1)

    def pause(self, seconds: float) -> None:
        """Wait for a turn of this length, in which nothing is computed.

        Work that follows the pause then comes at most once in this time.
        """
        with self._semaphore:
            gevent.sleep(seconds)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for a turn, which lasts as long as the block. The block must not wait."""
        with self._semaphore:
            begun_at = time.monotonic()
            yield
            gevent.sleep(max(MIN_PAUSE_SECONDS, _PAUSE_RATIO * (time.monotonic() - begun_at)))

"""Limits for what viewers send. They have nothing to say beyond pings and pongs.

To parse the smallest frame takes 24 microseconds. A viewer that sends frames without a pause
would keep the process busy.
"""

import time
from collections.abc import Callable
from typing import Final

import gevent

from services.concurrency import TokenBucket
from services.web.live.paced_turns import PacedTurns

RECEIVE_BYTES: Final = 256
"""Bytes that are received at once. They hold up to 42 frames, which take 1 ms to parse."""

RECEIVE_BURST: Final = 16
RECEIVES_PER_SECOND: Final = 2.0
"""Rate at which a viewer may send something for long, after the burst."""

_SECONDS_PER_BYTE: Final = 12e-6
"""Pause for each byte of all viewers together: three times as long as it takes to parse."""

_DISCARD_BYTES: Final = 65_536
_DISCARD_PAUSE_SECONDS: Final = 0.05


class ReceiveLimit:
    """The limit for one viewer.

    Args:
        turns: Turns in which the frames of all viewers are parsed.
        monotonic: Clock in seconds that is never set back.
    """

    def __init__(self, turns: PacedTurns, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._turns = turns
        self._bucket = TokenBucket(RECEIVES_PER_SECOND, RECEIVE_BURST, monotonic)

    def allows(self) -> bool:
        """Count one more receipt. Return False if the viewer sends too often."""
        if self._bucket.delay():
            return False
        self._bucket.take()
        return True

    def wait_for_turn(self, size: int) -> None:
        """Wait until this number of bytes may be parsed."""
        if size:
            self._turns.pause(_SECONDS_PER_BYTE * size)


def discard(receive: Callable[[int], bytes], seconds: float) -> None:
    """Read until the other side closes the link, or the time is over.

    Unread bytes would make the system reset the link, and the last frame would be lost.
    """
    deadline = time.monotonic() + seconds
    while receive(_DISCARD_BYTES) and time.monotonic() < deadline:
        gevent.sleep(_DISCARD_PAUSE_SECONDS)

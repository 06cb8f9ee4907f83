"""Losses on the channel: times in which messages of other tools may have been missed."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from services.position import Gap

NOT_HEARD: Final = "the writer did not hear the channel; messages of other tools may be missing"
OVERFLOWED: Final = (
    "other tools published faster than the writer could read; some of their messages are missing"
)

_QUIET_SECONDS: Final = 2.0
"""Time without another loss after which a period is over."""

_MAX_SECONDS: Final = 60.0
"""Time after which a period is recorded although it goes on."""


class _Period:
    """A time with losses of one kind. `began_at` and `grew_at` are on the monotonic clock."""

    def __init__(self, start: int, end: int, now: float) -> None:
        self.start, self.end = start, end
        self.began_at = self.grew_at = now


class ChannelLosses:
    """Collects losses in the bridge's threads until the writer's loop records them.

    Losses of the same kind that follow each other are one gap, of unknown size.

    Args:
        monotonic: Clock in seconds that is never set back.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._periods: dict[str, _Period] = {}

    def add(self, start: int, end: int, reason: str) -> None:
        """Add a loss between two times in microseconds."""
        with self._lock:
            now = self._monotonic()
            period = self._periods.setdefault(reason, _Period(start, end, now))
            period.start, period.end = min(period.start, start), max(period.end, end)
            period.grew_at = now

    def take(self, *, unfinished: bool = False) -> list[Gap]:
        """Return the gaps that are over or have lasted for a minute, and forget them.

        Args:
            unfinished: Return all gaps.
        """
        with self._lock:
            now = self._monotonic()
            due = [
                reason
                for reason, period in self._periods.items()
                if unfinished
                or now - period.grew_at >= _QUIET_SECONDS
                or now - period.began_at >= _MAX_SECONDS
            ]
            periods = [(reason, self._periods.pop(reason)) for reason in due]
        return [
            Gap(period.start, period.end, None, reason, is_outage=True)
            for reason, period in periods
        ]

    @contextmanager
    def taken(self, *, unfinished: bool = False) -> Iterator[list[Gap]]:
        """Yield what `take` returns. If the block fails, the gaps are taken again later."""
        gaps = self.take(unfinished=unfinished)
        try:
            yield gaps
        except BaseException:
            for gap in gaps:
                self.add(gap.start or 0, gap.end or 0, gap.reason)
            raise

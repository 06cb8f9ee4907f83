"""The room on the database's disk: said when it gets low, before it is an emergency."""

import logging
import time
from collections.abc import Callable
from typing import Final

from services.clock import now_microseconds
from services.errors import StripchartError
from services.log import FaultLog
from services.settings import Settings
from services.store import DiskSpace, Growth, Reader, measure_disk, reading_engine

_PAUSE_SECONDS: Final = 60.0
_GROWTH_SECONDS: Final = 3_600.0
_QUESTION_SECONDS: Final = 0.03
"""What the question how fast the database grows may take: no reading waits for longer."""

_GOOD: Final = 1.1
"""So much more than is needed must be free for the disk to count as good again."""


class DiskMonitor:
    """Looks at the disk now and then. journal: the journal's name in the database.

    monotonic: seconds that no hand sets.
    """

    def __init__(
        self,
        settings: Settings,
        journal: str,
        logger: logging.Logger,
        monotonic: Callable[[], float] = time.monotonic,
        space: Callable[[Settings], DiskSpace] = measure_disk,
    ) -> None:
        self._settings = settings
        self._reader = Reader(reading_engine(settings), journal)
        self._monotonic = monotonic
        self._space = space
        self._growth: Growth | None = None
        self._next = self._next_growth = monotonic()
        self._low = FaultLog(
            logger,
            "disk space for the database low",
            "disk space for the database sufficient again",
            monotonic,
        )

    def check(self) -> None:
        """Look, if it is time to, and say what is new."""
        now = self._monotonic()
        if now < self._next:
            return
        self._next = now + _PAUSE_SECONDS
        try:
            space = self._space(self._settings)
            if now >= self._next_growth:
                self._next_growth = now + _GROWTH_SECONDS
                self._growth = self._reader.growth(
                    now_microseconds(), self._settings.retention, _QUESTION_SECONDS
                )
        except StripchartError:
            # Whoever writes meets the same, and says it.
            return
        shortage = space.shortage(self._growth)
        if shortage is not None:
            self._low.begin(f"{shortage}; make room, or see STRIPCHART_KEEP")
        elif space.shortage(self._growth, _GOOD) is None:
            self._low.end()

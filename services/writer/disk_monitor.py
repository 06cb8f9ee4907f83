"""Watches the disk of the database, and logs when its free space gets low."""

import logging
import time
from collections.abc import Callable
from typing import Final

from services.concurrency import Ticker
from services.errors import StripchartError
from services.log import FaultLog
from services.settings import Settings
from services.store import DiskSpace, DiskUsage, Reader, measure_disk, reading_engine

_CHECK_SECONDS: Final = 60.0
_GROWTH_SECONDS: Final = 3_600.0
_GROWTH_QUERY_SECONDS: Final = 0.03
"""Limit of the query for the database's growth, because readings wait meanwhile."""

_RECOVERY_FACTOR: Final = 1.1
"""Multiple of the required free space from which on the disk counts as good again."""


class DiskMonitor:
    """Checks the disk once a minute, and the growth of the database once an hour.

    Args:
        settings: Settings with the database and the limit of free space.
        journal: Name of the journal in the database.
        logger: Receives the messages.
        monotonic: Clock in seconds that is never set back.
        measure: Measures the disk.
    """

    def __init__(
        self,
        settings: Settings,
        journal: str,
        logger: logging.Logger,
        monotonic: Callable[[], float] = time.monotonic,
        measure: Callable[[Settings], DiskSpace] = measure_disk,
    ) -> None:
        self._usage = DiskUsage(
            settings,
            Reader(reading_engine(settings), journal),
            _GROWTH_SECONDS,
            query_seconds=_GROWTH_QUERY_SECONDS,
            monotonic=monotonic,
            measure=measure,
        )
        self._check_ticker = Ticker(_CHECK_SECONDS, monotonic)
        self._low = FaultLog(
            logger,
            "disk space for the database low",
            "disk space for the database sufficient again",
            monotonic,
        )

    def check_when_due(self) -> None:
        """Check the disk if the last check was a minute ago, and log a change."""
        if not self._check_ticker.is_due():
            return
        try:
            space = self._usage.space()
        except StripchartError:
            # The writer's loop meets the same error and logs it.
            return
        growth = self._usage.growth()
        shortage = space.shortage(growth)
        if shortage is not None:
            self._low.begin(f"{shortage}; free some, or see STRIPCHART_KEEP")
        elif space.shortage(growth, _RECOVERY_FACTOR) is None:
            self._low.end()

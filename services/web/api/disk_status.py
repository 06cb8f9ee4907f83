"""State of the database's disk: used space, growth, and the time when the disk will be full."""

import time
from collections.abc import Callable
from typing import Any, Final

from services.clock import now_microseconds
from services.errors import StripchartError
from services.reading import MICROSECONDS
from services.settings import Settings
from services.store import DiskSpace, DiskUsage, Growth, Reader, measure_disk
from services.web.http.threads import Threads

_GROWTH_SECONDS: Final = 600.0
"""Time between measurements of the growth."""

_FIRST_GROWTH_SECONDS: Final = 10.0
"""The same while the growth is unknown."""


class DiskStatus:
    """Measures the disk at each request, and the growth every ten minutes.

    Args:
        settings: Where the database is, and which retention policy it has.
        reader: Measures the growth.
        threads: Run the measurements.
        monotonic: Clock in seconds that is never set back.
        measure: Measures the disk.
    """

    def __init__(
        self,
        settings: Settings,
        reader: Reader,
        threads: Threads,
        monotonic: Callable[[], float] = time.monotonic,
        measure: Callable[[Settings], DiskSpace] = measure_disk,
    ) -> None:
        self._threads = threads
        self._usage = DiskUsage(
            settings,
            reader,
            _GROWTH_SECONDS,
            retry_seconds=_FIRST_GROWTH_SECONDS,
            monotonic=monotonic,
            measure=measure,
        )

    def document(self) -> dict[str, Any] | None:
        """Return sizes in bytes and times in seconds, None if the disk can't be measured."""
        try:
            space, growth = self._threads.run(self._measure)
        except StripchartError:
            return None
        shortage, seconds_left = space.shortage(growth), space.seconds_left(growth)
        now = now_microseconds() / MICROSECONDS
        return {
            "low": shortage is not None,
            "note": shortage,
            "size": space.database_bytes,
            "free": space.free_bytes,
            "per_day": None if growth is None else round(growth.bytes_per_day),
            "full_at": None if seconds_left is None else round(now + seconds_left),
        }

    def wal_bytes(self) -> int | None:
        """Return the size of the write-ahead log, None if the disk can't be measured."""
        try:
            return self._threads.run(self._usage.space).wal_bytes
        except StripchartError:
            return None

    def _measure(self) -> tuple[DiskSpace, Growth | None]:
        return self._usage.space(), self._usage.growth()

"""State of the database's disk: used space, growth, and the time when the disk will be full."""

import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

from services.clock import now_microseconds
from services.errors import StripchartError
from services.reading import MICROSECONDS
from services.settings import Settings
from services.store import DiskSpace, Growth, Reader, measure_disk
from services.web.http.query_pool import QueryPool

_GROWTH_SECONDS: Final = 600.0
"""Time between measurements of the growth."""

_FIRST_GROWTH_SECONDS: Final = 10.0
"""The same while the growth is unknown."""

_DAY_SECONDS: Final = 86_400


class DiskStatus:
    """Measures the disk at each request, and the growth every ten minutes.

    Args:
        settings: Where the database is, and which retention policy it has.
        reader: Measures the growth.
        query_pool: Runs the measurements.
        monotonic: Clock in seconds that is never set back.
        measure: Measures the disk.
    """

    def __init__(
        self,
        settings: Settings,
        reader: Reader,
        query_pool: QueryPool,
        monotonic: Callable[[], float] = time.monotonic,
        measure: Callable[[Settings], DiskSpace] = measure_disk,
    ) -> None:
        self._settings = settings
        self._reader = reader
        self._query_pool = query_pool
        self._monotonic = monotonic
        self._measure = measure
        self._growth: Growth | None = None
        self._next_growth_at = monotonic()

    def document(self) -> dict[str, Any] | None:
        """Return sizes in bytes and times in seconds, None if the disk can't be measured."""
        try:
            space = self._query_pool.run(self._measure, self._settings)
            growth = self._recent_growth()
        except StripchartError:
            return None
        shortage, days = space.shortage(growth), space.days_left(growth)
        now = now_microseconds() / MICROSECONDS
        return {
            "low": shortage is not None,
            "note": shortage,
            "size": space.database_bytes,
            "free": space.free,
            "per_day": None if growth is None else round(growth.per_day),
            "full_at": None if days is None else round(now + days * _DAY_SECONDS),
        }

    def _recent_growth(self) -> Growth | None:
        now = self._monotonic()
        if now >= self._next_growth_at:
            # Set first: requests that come meanwhile get the previous result.
            self._next_growth_at = now + (
                _GROWTH_SECONDS if self._growth else _FIRST_GROWTH_SECONDS
            )
            with suppress(StripchartError):
                self._growth = self._query_pool.run(
                    self._reader.growth, now_microseconds(), self._settings.retention
                )
        return self._growth

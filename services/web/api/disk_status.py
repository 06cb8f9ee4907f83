"""What the database takes on its disk, how fast it grows, and how long the disk lasts."""

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
_FIRST_SECONDS: Final = 10.0
"""The same while nothing is known yet."""

_DAY_SECONDS: Final = 86_400


class DiskStatus:
    """Looks at the disk each time it is asked, and at the growth every ten minutes."""

    def __init__(
        self,
        settings: Settings,
        reader: Reader,
        queries: QueryPool,
        monotonic: Callable[[], float] = time.monotonic,
        space: Callable[[Settings], DiskSpace] = measure_disk,
    ) -> None:
        self._settings = settings
        self._reader = reader
        self._queries = queries
        self._monotonic = monotonic
        self._space = space
        self._growth: Growth | None = None
        self._next = monotonic()

    def document(self) -> dict[str, Any] | None:
        """Sizes in bytes and times in seconds; None while the disk can't be looked at."""
        try:
            space = self._queries.run(self._space, self._settings)
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
        if now >= self._next:
            # Whoever asks meanwhile gets what was known before.
            self._next = now + (_GROWTH_SECONDS if self._growth else _FIRST_SECONDS)
            with suppress(StripchartError):
                question = self._reader.growth
                self._growth = self._queries.run(
                    question, now_microseconds(), self._settings.retention
                )
        return self._growth

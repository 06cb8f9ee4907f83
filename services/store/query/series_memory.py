"""Memory of what was found out about series, so that it is not read again at each request."""

import time
from collections.abc import Callable, Hashable
from typing import Final, Generic, NamedTuple, TypeVar

T = TypeVar("T")

MEMORY_SECONDS: Final = 600.0
"""Time for which a finding stays although there are new readings."""

NEW_SERIES_SECONDS: Final = 5.0
"""The same for a series with few readings, of which the next ones can tell more."""


class _Finding(NamedTuple, Generic[T]):
    found: T
    last_ts: int | None
    expires_at: float


class SeriesMemory(Generic[T]):
    """Remembers one finding for each series. Threads may share it.

    Args:
        clock: Monotonic time in seconds.
        max_series: Series to remember; with more, it begins again.
    """

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, max_series: int = 100_000
    ) -> None:
        self._clock = clock
        self._max_series = max_series
        self._findings: dict[Hashable, _Finding[T]] = {}

    def get(self, key: Hashable, last_ts: int | None) -> T | None:
        """Return what was found out about a series, None if it must be found out.

        Args:
            key: What the finding depends on, apart from the readings.
            last_ts: Time of its newest reading. Without a new one, a finding does not age.
        """
        finding = self._findings.get(key)
        if finding is None:
            return None
        is_current = finding.last_ts == last_ts or self._clock() < finding.expires_at
        return finding.found if is_current else None

    def put(self, key: Hashable, last_ts: int | None, found: T, *, has_few_readings: bool) -> None:
        """Remember what was found out about a series.

        Args:
            key: What the finding depends on, apart from the readings.
            last_ts: Time of its newest reading.
            found: The finding.
            has_few_readings: True if the next readings can tell more.
        """
        seconds = NEW_SERIES_SECONDS if has_few_readings else MEMORY_SECONDS
        if len(self._findings) >= self._max_series:
            self._findings = {}
        self._findings[key] = _Finding(found, last_ts, self._clock() + seconds)

"""Limits of viewers: the series and times that a token or a share link lets them see."""

import time
from collections.abc import Hashable, Sequence
from typing import Final, NamedTuple

from services.pattern import SeriesFilter
from services.web.live.series_ids import LiveReading


class ViewerLimits(NamedTuple):
    """The series and times that viewers may see.

    Attributes:
        series: The series, None for all.
        window_seconds: Age of readings that may be seen, None for any.
    """

    series: SeriesFilter | None = None
    window_seconds: float | None = None

    def __bool__(self) -> bool:
        """Return True if there is anything that may not be seen."""
        return self.series is not None or self.window_seconds is not None

    @property
    def key(self) -> Hashable:
        """A key that only equal limits share."""
        return None if self.series is None else self.series.texts, self.window_seconds

    @property
    def comparison_count(self) -> int:
        """Number of patterns, and one for the names, with which each new series is compared."""
        return 1 + (self.series.pattern_count if self.series else 0) if self else 0

    def allows(self, name: str) -> bool:
        """Return True if a series may be seen."""
        return self.series is None or name in self.series

    def without_old_readings(self, readings: Sequence[LiveReading]) -> Sequence[LiveReading]:
        """Return the readings that are not too old to be seen."""
        if self.window_seconds is None:
            return readings
        start = time.time() - self.window_seconds
        return [reading for reading in readings if reading[2] >= start]


NO_LIMITS: Final = ViewerLimits()
"""The limits of viewers who may see everything."""

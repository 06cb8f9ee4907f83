"""Limits of viewers: the series and times that a token or a share link lets them see."""

import time
from collections.abc import Hashable, Sequence
from math import inf
from typing import Final, NamedTuple, Self

from services.allowed_series import AllowedSeries
from services.point import SeriesPoint
from services.reading import ts_to_seconds
from services.web.access.principal import Principal
from services.web.live.series_ids import LiveReading


class ViewerLimits(NamedTuple):
    """The series and times that viewers may see.

    Attributes:
        series: The series, None for all.
        window_seconds: Age of readings that may be seen, None for any.
        start: First time of a fixed range in microseconds, None for any.
        end: Last time of the range.
        view: Name of the view that they look at by a share link, None without one.
    """

    series: AllowedSeries | None = None
    window_seconds: float | None = None
    start: int | None = None
    end: int | None = None
    view: str | None = None

    @classmethod
    def of_principal(cls, principal: Principal) -> Self:
        """Return the limits of a principal."""
        return cls(
            principal.series,
            principal.window_seconds,
            principal.start,
            principal.end,
            principal.view,
        )

    def __bool__(self) -> bool:
        """Return True if there is anything that may not be seen."""
        return any(limit is not None for limit in self)

    @property
    def has_times(self) -> bool:
        """True if some times may not be seen."""
        return (self.window_seconds, self.start, self.end) != (None, None, None)

    @property
    def key(self) -> Hashable:
        """A key that only equal limits share."""
        return tuple(self)

    @property
    def comparison_count(self) -> int:
        """Number of patterns and tags, and one for the names, to compare each new series with."""
        return 1 + (self.series.comparison_count if self.series else 0) if self else 0

    def allows(self, name: str, point: SeriesPoint | None) -> bool:
        """Return True if a series may be seen; None is a series without a point."""
        return self.series is None or self.series.allows(name, point)

    def within_times(self, readings: Sequence[LiveReading]) -> Sequence[LiveReading]:
        """Return the readings at times that may be seen. The window ends now."""
        first = -inf if self.start is None else ts_to_seconds(self.start)
        last = inf if self.end is None else ts_to_seconds(self.end)
        if self.window_seconds is not None:
            first = max(first, time.time() - self.window_seconds)
        return [reading for reading in readings if first <= reading[2] <= last]


NO_LIMITS: Final = ViewerLimits()
"""The limits of viewers who may see everything."""

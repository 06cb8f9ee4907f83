"""Restrictions: the series and times beyond which a token or a share link gives no access."""

from typing import Final, NamedTuple

from services.allowed_series import AllowedSeries
from services.reading import END_OF_TIME


class Restriction(NamedTuple):
    """The part of all readings that somebody may read and write.

    Attributes:
        series: Its series, None for all.
        start: Its first time in microseconds.
        end: Its last time.
    """

    series: AllowedSeries | None = None
    start: int = -END_OF_TIME
    end: int = END_OF_TIME

    def __bool__(self) -> bool:
        """Return True if anything is beyond it."""
        return self.series is not None or self.has_times

    @property
    def has_times(self) -> bool:
        """True if some times are beyond it."""
        return self.start > -END_OF_TIME or self.end < END_OF_TIME

    def allows(self, name: str) -> bool:
        """Return True if every series of this name is in it."""
        return self.series is None or name in self.series

    def clamp(self, ts: int) -> int:
        """Return the time in it that is next to another time. Both are in microseconds."""
        return min(max(ts, self.start), self.end)

    def clamp_end(self, ts: int | None) -> int | None:
        """Return the end in it that is next to the end of a range, None for no end."""
        if ts is None:
            return self.end if self.end < END_OF_TIME else None
        return self.clamp(ts)


NO_RESTRICTION: Final = Restriction()
"""The restriction of those who may use everything."""

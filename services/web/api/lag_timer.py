"""Measures how long the oldest entry has waited for the writer, whatever the clock does."""

import time
from collections.abc import Callable

from services.clock import now_microseconds
from services.position import EntryId
from services.reading import MICROSECONDS


class LagTimer:
    """The age of the oldest entry that the database does not have yet.

    The entry's id tells its age, unless a clock was set since then. So the result is kept between
    two bounds that this process observed: when it first saw the entry, and when the database last
    had everything.

    Args:
        clock: Clock in microseconds since 1970.
        monotonic: Clock in seconds that is never set back.
    """

    def __init__(
        self,
        clock: Callable[[], int] = now_microseconds,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clock = clock
        self._monotonic = monotonic
        self._oldest: EntryId | None = None
        self._first_seen_at = 0.0
        self._up_to_date_at: float | None = None

    def seconds(self, oldest: EntryId | None) -> float:
        """Return the seconds that the oldest entry has waited.

        Args:
            oldest: The oldest entry that the database does not have, None if it has all.
        """
        now = self._monotonic()
        if oldest is None:
            self._oldest, self._up_to_date_at = None, now
            return 0.0
        if oldest != self._oldest:
            self._oldest, self._first_seen_at = oldest, now
        age = self._clock() / MICROSECONDS - oldest.milliseconds / 1000
        waited = max(age, now - self._first_seen_at)
        return waited if self._up_to_date_at is None else min(waited, now - self._up_to_date_at)

"""How often the writer commits: at once while it is quiet, less often under a steady drizzle."""

import time
from collections.abc import Callable


class TokenBucket:
    """A credit of things that may be done at once; what is spent comes back by and by.

    rate: how many a second in the long run. burst: how many at once after a rest.
    """

    def __init__(
        self, rate: float, burst: float, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._rate = rate
        self._burst = burst
        self._monotonic = monotonic
        self._credit = burst
        self._at = monotonic()

    def take(self) -> None:
        """Do one."""
        self._refill()
        self._credit = max(self._credit - 1.0, 0.0)

    def delay(self) -> float:
        """The seconds until the next one may be done."""
        self._refill()
        return max(0.0, (1.0 - self._credit) / self._rate)

    def _refill(self) -> None:
        now = self._monotonic()
        self._credit = min(self._burst, self._credit + (now - self._at) * self._rate)
        self._at = now

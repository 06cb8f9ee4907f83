"""Failed logins: after each one, the next may come later and later.

The counters are in Redis, so that all web processes share them, and in memory for the time in
which Redis does not answer.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from math import ceil
from typing import Final

from limits import RateLimitItem, parse_many
from limits.errors import StorageError
from limits.storage import Storage
from limits.strategies import FixedWindowRateLimiter
from werkzeug.exceptions import TooManyRequests

from services.access import hash_secret
from services.web.access.request_limits import network_of

_BY_ADDRESS: Final = parse_many("5/minute; 20/hour; 60/day")
_BY_USER: Final = parse_many("10/minute; 60/hour; 200/day")
"""Many addresses together may fail more often: they must not keep a user out for long."""


class LoginAttempts:
    """Counts failed logins by address and by user.

    Args:
        storages: Where they are counted. One that does not answer is left out.
        clock: Time in seconds, as `limits` counts it.
    """

    def __init__(self, storages: Iterable[Storage], clock: Callable[[], float] = time.time) -> None:
        self._limiters = [FixedWindowRateLimiter(storage) for storage in storages]
        self._clock = clock

    def check(self, address: str, user: str) -> None:
        """Check that there may be another attempt.

        Raises:
            TooManyRequests: There were too many that failed.
        """
        reset_at = max(
            (self._reset_at(each, address, user) for each in self._limiters), default=0.0
        )
        if reset_at:
            seconds = max(1, ceil(reset_at - self._clock()))
            raise TooManyRequests(
                f"too many failed logins: try again in {seconds} s", retry_after=seconds
            )

    def add_failure(self, address: str, user: str) -> None:
        """Count a failed attempt."""
        for limiter in self._limiters:
            with suppress(StorageError):
                for limit, kind, key in _counters(address, user):
                    limiter.hit(limit, kind, key)

    def _reset_at(self, limiter: FixedWindowRateLimiter, address: str, user: str) -> float:
        """Return the time from which on another attempt is allowed, 0 for now."""
        reset_at = 0.0
        with suppress(StorageError):
            for limit, kind, key in _counters(address, user):
                if not limiter.test(limit, kind, key):
                    stats = limiter.get_window_stats(limit, kind, key)
                    reset_at = max(reset_at, stats.reset_time)
        return reset_at


def _counters(address: str, user: str) -> Iterator[tuple[RateLimitItem, str, str]]:
    """Return the limits of an attempt, each with its kind and key."""
    # Names are hashed: people type passwords into the field for the name.
    hashed_user = hash_secret(user)
    for limits, kind, key in (
        (_BY_ADDRESS, "login-address", network_of(address)),
        (_BY_USER, "login-user", hashed_user),
    ):
        for limit in limits:
            yield limit, kind, key

"""Limits of requests: nobody can keep the server from serving others by asking often."""

import time
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address
from math import ceil
from typing import Final

from limits import RateLimitItemPerSecond
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter
from werkzeug.exceptions import TooManyRequests

_WINDOW_SECONDS: Final = 10
_WINDOWS_PER_MINUTE: Final = 60 // _WINDOW_SECONDS
_MAX_SEARCHES: Final = 20
"""Unknown tokens of an address in a window for which the database is read at once."""

_IPV6_BITS: Final = 64
"""Start of an address of IPv6 that a network has. It can choose the rest."""


class RequestLimits:
    """Limits of one process, by address and by user or token. They are counted in memory.

    Args:
        per_minute: Requests a minute.
        clock: Time in seconds, as `limits` counts it.
    """

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._limiter = FixedWindowRateLimiter(MemoryStorage())
        amount = max(1, ceil(per_minute / _WINDOWS_PER_MINUTE))
        self._requests = RateLimitItemPerSecond(amount, _WINDOW_SECONDS)
        self._searches = RateLimitItemPerSecond(_MAX_SEARCHES, _WINDOW_SECONDS)

    def count_address(self, address: str) -> None:
        """Count a request of an address. Those of this machine have no limit.

        Raises:
            TooManyRequests: The address sends too many.
        """
        network = network_of(address)
        if network:
            self._count("address", network)

    def count_principal(self, kind: str, name: str) -> None:
        """Count a request of a user or token.

        Raises:
            TooManyRequests: They send too many.
        """
        self._count(kind, name)

    def may_search(self, address: str) -> bool:
        """Return True if the database may be read for an unknown token of an address."""
        return self._limiter.hit(self._searches, "search", network_of(address))

    def _count(self, kind: str, key: str) -> None:
        if self._limiter.hit(self._requests, kind, key):
            return
        reset_at = self._limiter.get_window_stats(self._requests, kind, key).reset_time
        seconds = max(1, ceil(reset_at - self._clock()))
        raise TooManyRequests(
            "too many requests: send several readings in one, or raise"
            " STRIPCHART_REQUESTS_PER_MINUTE",
            retry_after=seconds,
        )


def network_of(address: str) -> str:
    """Return what stands for the owner of an address, "" for this machine."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    parsed = getattr(parsed, "ipv4_mapped", None) or parsed
    if parsed.is_loopback:
        return ""
    if isinstance(parsed, IPv6Address):
        return str(IPv6Address(int(parsed) >> _IPV6_BITS << _IPV6_BITS))
    return str(parsed)

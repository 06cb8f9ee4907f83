"""The names of InfluxDB's databases that clients have created or written to.

All readings go to one journal, with any name of a database. The names are kept only for clients
that ask whether their database exists.
"""

import time
from collections.abc import Callable
from typing import Any, Final

from services.broker.connection import Broker, translate_errors
from services.errors import StripchartError

MAX_DATABASE_NAMES: Final = 100
MAX_DATABASE_NAME_CHARS: Final = 255

_REFRESH_SECONDS: Final = 3_600.0
"""Time after which a name in use is moved to the front again."""

_RETRY_SECONDS: Final = 10.0


class DatabaseNames:
    """A bounded set of names in Redis, which all web processes share.

    A new name replaces the one that was not used for the longest time, so nobody can fill the set.

    Args:
        broker: The Redis with the set.
        clock: Returns seconds since 1970.
    """

    def __init__(self, broker: Broker, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._client = broker.client
        self._key = broker.keys.databases
        self._added_at: dict[str, float] = {}
        self._failed_at = -_RETRY_SECONDS

    def add(self, name: str) -> None:
        """Add a name. Redis is asked only if this process has not added it within the last hour.

        An empty name, and one that is longer than `MAX_DATABASE_NAME_CHARS`, is not kept.

        Raises:
            BrokerUnavailableError: Redis can't be used.
            JournalFullError: Redis is out of memory.
        """
        now = self._clock()
        is_fresh = 0 <= now - self._added_at.get(name, 0.0) < _REFRESH_SECONDS
        if is_fresh or not 0 < len(name) <= MAX_DATABASE_NAME_CHARS:
            return
        with translate_errors(self._client), self._client.pipeline(transaction=False) as pipeline:
            pipeline.zadd(self._key, {name: now})
            pipeline.zremrangebyrank(self._key, 0, -MAX_DATABASE_NAMES - 1)
            pipeline.execute()
        if len(self._added_at) >= MAX_DATABASE_NAMES:
            self._added_at.clear()
        self._added_at[name] = now

    def try_add(self, name: str) -> None:
        """Add a name if Redis takes it. After a failure Redis is left alone for ten seconds."""
        now = self._clock()
        if abs(now - self._failed_at) < _RETRY_SECONDS:
            return
        try:
            self.add(name)
        except StripchartError:
            self._failed_at = now

    def read_all(self) -> list[str]:
        """Return all names in the order of the alphabet.

        Raises:
            BrokerUnavailableError: Redis can't be used.
        """
        with translate_errors(self._client):
            names: Any = self._client.zrange(self._key, 0, -1)
        return sorted(name.decode(errors="replace") for name in names)

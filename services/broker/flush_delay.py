"""The time for which committing may wait: none unless Redis keeps the journal on its disk."""

import time
from collections.abc import Callable
from typing import Any, Final

import redis

from services.broker.connection import Broker, translate_errors
from services.concurrency import Ticker
from services.errors import BrokerUnavailableError, JournalFullError

_CHECK_SECONDS: Final = 10.0


class FlushDelay:
    """The setting STRIPCHART_FLUSH_SECONDS where Redis has an append-only file, otherwise 0.

    Args:
        broker: The Redis.
        monotonic: Clock in seconds that is never set back.
        if_unknown: What to assume if Redis does not say whether it has such a file.
    """

    def __init__(
        self,
        broker: Broker,
        monotonic: Callable[[], float] = time.monotonic,
        *,
        if_unknown: bool = False,
    ) -> None:
        self._broker = broker
        self._if_unknown = if_unknown
        self._check_due = Ticker(_CHECK_SECONDS, monotonic)
        self._seconds = 0.0

    def seconds(self) -> float:
        """Return the delay in seconds. Redis is asked every 10 s."""
        settings = self._broker.settings
        if not settings.flush_seconds or not settings.durable:
            return 0.0
        if self._check_due.is_due():
            self._seconds = settings.flush_seconds if self._has_append_only_file() else 0.0
        return self._seconds

    def _has_append_only_file(self) -> bool:
        """Return True if Redis has one."""
        client = self._broker.client
        try:
            with translate_errors(client):
                info: dict[str, Any] = client.info("persistence")
        except (BrokerUnavailableError, JournalFullError, redis.exceptions.RedisError):
            return self._if_unknown
        return bool(info.get("aof_enabled"))

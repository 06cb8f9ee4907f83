"""A subscription to channels of Redis that notices when it may have missed a message.

Pub/sub stores no messages: a message that is published while the connection is broken is lost, and
redis-py connects again without an error. So `Subscription` reports each confirmed subscription as
`Resubscribed`, and the caller then reads the journal. Pings find a connection that has died.
"""

import re
import socket
import time
from collections.abc import Callable
from typing import Any, Final, NamedTuple

import redis

from services.broker.connection import Broker, close_idle_connections, translate_errors
from services.errors import BrokerUnavailableError, JournalFullError
from services.position import Cursor, EntryId

_PING_SECONDS: Final = 3.0
_MAX_PONG_SECONDS: Final = 7.0

# The start of a message that append.lua has published.
_ID_FIELD: Final = re.compile(rb'\{"id":"([0-9a-z]{1,40}):(\d{1,20}-\d{1,20})"')


class Announcement(NamedTuple):
    """A message that was published on a channel."""

    channel: str
    text: bytes

    @property
    def cursor(self) -> Cursor | None:
        """The id of a message that is in the journal, None for an external message."""
        match = _ID_FIELD.match(self.text)
        try:
            return Cursor(match[1].decode(), EntryId.parse(match[2])) if match else None
        except ValueError:
            return None


class Resubscribed(NamedTuple):
    """The subscription has begun, or begun again; messages before it may have been missed."""


class Subscription:
    """Receives announcements in the order in which Redis sends them.

    Args:
        broker: The Redis to subscribe to.
        channels: Names of the channels.
        monotonic: Clock in seconds that is never set back.

    Raises:
        BrokerUnavailableError: Redis can't be used.
    """

    def __init__(
        self, broker: Broker, channels: list[str], monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._client = broker.client
        self._pubsub = broker.client.pubsub()
        self._channels = channels
        self._monotonic = monotonic
        self._received_at = self._pinged_at = monotonic()
        # When the first ping was sent that has no answer yet.
        self._unanswered_since: float | None = None
        with translate_errors(self._client):
            self._pubsub.subscribe(*channels)
        # A fake connection can't read with a time limit.
        self._is_fake = not isinstance(self._pubsub.connection._get_socket(), socket.socket)

    @property
    def silent_seconds(self) -> float:
        """Seconds since Redis sent something for the last time."""
        return self._monotonic() - self._received_at

    def get(self, seconds: float) -> Announcement | Resubscribed | None:
        """Wait for the next event, but at most the given seconds.

        Returns:
            The event, or None if there was none.

        Raises:
            BrokerUnavailableError: The connection is broken. A new subscription is needed.
        """
        self._ping_when_idle()
        try:
            event = self._receive(min(seconds, _PING_SECONDS))
        except JournalFullError:
            if self._unanswered_since is None:
                raise
            # A Redis that can't write to its disk refuses even a ping. That is an answer too, and
            # the subscription goes on.
            event = {"type": "pong"}
        if event is None:
            self._check_pong()
            return None
        self._received_at = self._monotonic()
        self._unanswered_since = None
        return self._event_of(event)

    def _receive(self, seconds: float) -> dict[str, Any] | None:
        with translate_errors(self._client):
            if self._is_fake:
                event: dict[str, Any] | None = self._pubsub.get_message(timeout=seconds)
            else:
                # Before it reads, `get_message` polls twice, which takes gevent longer than all
                # else. It also connects again; the caller of `get` does so.
                event = self._pubsub.handle_message(self._read_response(seconds))
        return event

    def _read_response(self, seconds: float) -> Any:
        """Return what Redis sends, None if that is nothing."""
        connection: Any = self._pubsub.connection
        try:
            return connection.read_response(timeout=seconds, disconnect_on_error=False)
        except redis.exceptions.TimeoutError:
            return None

    def _event_of(self, event: dict[str, Any]) -> Announcement | Resubscribed | None:
        if event["type"] == "message":
            return Announcement(event["channel"].decode(), event["data"])
        # Redis confirms channel by channel; after the last one, all of them are subscribed.
        if event["type"] == "subscribe" and event["channel"].decode() == self._channels[-1]:
            return Resubscribed()
        return None

    def _ping_when_idle(self) -> None:
        now = self._monotonic()
        if now - max(self._received_at, self._pinged_at) >= _PING_SECONDS:
            self._pinged_at = now
            if self._unanswered_since is None:
                self._unanswered_since = now
            with translate_errors(self._client):
                self._pubsub.ping()

    def _check_pong(self) -> None:
        """Raise BrokerUnavailableError if a ping had no answer for too long.

        Called only when idle: a busy caller may not have read the pong yet.
        """
        now = self._monotonic()
        if self._unanswered_since is not None and now - self._unanswered_since > _MAX_PONG_SECONDS:
            close_idle_connections(self._client)
            raise BrokerUnavailableError(f"Redis has sent nothing for {self.silent_seconds:.0f} s")

    def close(self) -> None:
        """End the subscription and close its connection."""
        self._pubsub.close()

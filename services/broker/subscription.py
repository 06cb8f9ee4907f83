"""A subscription to the channels, which says when something may have been missed.

Pub/sub forgets: whatever is published while a connection is broken is gone, and redis-py mends
the connection without a word. So every confirmation of a subscription is handed on as a `Gap`,
upon which the journal is to be read; and a link that has gone dead is found by pings on it.
"""

import re
import time
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from services.broker.connection import Broker, drop_idle, translate_errors
from services.errors import BrokerUnavailableError
from services.position import Cursor, EntryId

_PING_SECONDS: Final = 3.0
_UNANSWERED_SECONDS: Final = 7.0

# How a message begins that the script `append` has made.
_OURS: Final = re.compile(rb'\{"id":"([0-9a-z]{1,40}):(\d{1,20}-\d{1,20})"')


class Announcement(NamedTuple):
    """A message that was published on a channel."""

    channel: str
    text: bytes

    @property
    def cursor(self) -> Cursor | None:
        """The id that a message of the journal has; None for a stranger's."""
        match = _OURS.match(self.text)
        try:
            return Cursor(match[1].decode(), EntryId.parse(match[2])) if match else None
        except ValueError:
            return None


class Resubscribed(NamedTuple):
    """The subscription has just begun, or begun again: something may have been missed."""


class Subscription:
    """Announcements from these channels, in the order in which Redis sent them."""

    def __init__(
        self, broker: Broker, channels: list[str], monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._client = broker.client
        self._pubsub = broker.client.pubsub()
        self._channels = channels
        self._monotonic = monotonic
        self._heard = self._pinged = monotonic()
        self._asked: float | None = None
        with translate_errors(self._client):
            self._pubsub.subscribe(*channels)

    def get(self, seconds: float) -> Announcement | Resubscribed | None:
        """The next event, or None when there was none for so long.

        Raises BrokerUnavailableError when the link is broken; then subscribe anew.
        """
        self._ping_when_due()
        with translate_errors(self._client):
            try:
                event = self._pubsub.get_message(timeout=min(seconds, _PING_SECONDS))
            except TypeError as error:
                # Redis-py looks at the socket of a connection that it has just given up.
                raise BrokerUnavailableError("the link to Redis broke") from error
        if event is None:
            self._give_up_when_dead()
            return None
        self._heard = self._monotonic()
        self._asked = None
        return self._event(event)

    def _event(self, event: dict[str, Any]) -> Announcement | Resubscribed | None:
        if event["type"] == "message":
            return Announcement(event["channel"].decode(), event["data"])
        # The last channel's confirmation tells that all of them are subscribed.
        if event["type"] == "subscribe" and event["channel"].decode() == self._channels[-1]:
            return Resubscribed()
        return None

    def _ping_when_due(self) -> None:
        now = self._monotonic()
        if now - max(self._heard, self._pinged) >= _PING_SECONDS:
            self._pinged = now
            if self._asked is None:
                self._asked = now
            with translate_errors(self._client):
                self._pubsub.ping()

    def _give_up_when_dead(self) -> None:
        """Only when there was nothing to read: a caller who was busy may just not have looked."""
        now = self._monotonic()
        if self._asked is not None and now - self._asked > _UNANSWERED_SECONDS:
            drop_idle(self._client)
            raise BrokerUnavailableError(f"Redis has been silent for {now - self._heard:.0f} s")

    def close(self) -> None:
        """End the subscription."""
        self._pubsub.close()

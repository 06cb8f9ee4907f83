"""Listens to the channel in a thread of its own, so that no work delays the listening.

Pub/sub stores no messages, and Redis cuts a subscriber that has too much to read.
"""

import threading
from collections import deque
from collections.abc import Callable
from typing import Final, NamedTuple

from services.broker import Announcement, Resubscribed, Subscription
from services.concurrency import ServiceThread, Shutdown
from services.errors import BrokerUnavailableError
from services.reading import MICROSECONDS
from services.writer.channel_losses import NOT_HEARD, OVERFLOWED, ChannelLosses

_LISTEN_SECONDS: Final = 0.5
_JOIN_SECONDS: Final = 2.0
_MAX_MESSAGES: Final = 50_000
_MAX_BYTES: Final = 64 << 20


class ReceivedMessage(NamedTuple):
    """A message that does not begin with an id.

    Attributes:
        text: The message.
        arrival_ts: Time of arrival in microseconds since 1970.
    """

    text: bytes
    arrival_ts: int


class ReceiveQueue:
    """Messages between the listener and the bridge, bounded in number and bytes.

    Args:
        max_messages: Maximum number of messages.
        max_bytes: Maximum of the bytes of all texts.
    """

    def __init__(self, max_messages: int = _MAX_MESSAGES, max_bytes: int = _MAX_BYTES) -> None:
        self._max_messages, self._max_bytes = max_messages, max_bytes
        self._messages: deque[ReceivedMessage] = deque()
        self._bytes = 0
        self._changed = threading.Condition()
        self._is_awake = False

    def __len__(self) -> int:
        return len(self._messages)

    def put(self, message: ReceivedMessage) -> bool:
        """Add a message. Returns False if there is no room for it."""
        with self._changed:
            size = self._bytes + len(message.text)
            if len(self._messages) == self._max_messages or size > self._max_bytes:
                return False
            self._messages.append(message)
            self._bytes = size
            self._changed.notify()
        return True

    def wake(self) -> None:
        """End the current or the next wait."""
        with self._changed:
            self._is_awake = True
            self._changed.notify()

    def wait(self, seconds: float) -> None:
        """Wait for a message or for `wake`, but at most the given seconds."""
        with self._changed:
            self._changed.wait_for(lambda: self._messages or self._is_awake, seconds)
            self._is_awake = False

    def oldest(self) -> ReceivedMessage:
        """Return the oldest message. Raises IndexError if there is none."""
        return self._messages[0]

    def remove_oldest(self) -> None:
        """Remove the oldest message. Raises IndexError if there is none."""
        with self._changed:
            self._bytes -= len(self._messages.popleft().text)

    def clear(self) -> None:
        """Remove all messages."""
        with self._changed:
            self._messages.clear()
            self._bytes = 0


class ChannelListener:
    """Reads one subscription into a queue until it is closed or the subscription breaks.

    Messages that begin with an id are skipped. They are in the journal, or belong to another
    instance: pub/sub ignores the number of the Redis database.

    Attributes:
        other_epoch: The epoch of an id that differs from `epoch`, None if there was none.
        epoch: The journal's epoch as far as it is known.
        is_subscribed: True once Redis has confirmed the subscription.
        failure: The error that broke the subscription, None while it works.
        heard_at: Time in microseconds up to which no message can have been missed, None before
            the subscription has begun.
    """

    def __init__(
        self,
        subscription: Subscription,
        queue: ReceiveQueue,
        losses: ChannelLosses,
        clock: Callable[[], int],
        *,
        shutdown: Shutdown,
        heard_at: int | None = None,
    ) -> None:
        """Start to listen.

        Args:
            subscription: The subscription, which is closed at the end.
            queue: Receives the messages.
            losses: Receives the times in which nothing was heard, or the queue was full.
            clock: Wall clock in microseconds since 1970.
            shutdown: Requested when the thread fails.
            heard_at: The same as the attribute, of the listener before this one.
        """
        self._subscription = subscription
        self._queue = queue
        self._losses = losses
        self._clock = clock
        self._closing = False
        self.epoch: str | None = None
        self.other_epoch: str | None = None
        self.is_subscribed = False
        self.failure: BrokerUnavailableError | None = None
        self.heard_at = heard_at
        self._thread = ServiceThread("channel-listener", self._run, shutdown)
        self._thread.start()

    def close(self) -> None:
        """End the subscription. Raises an unexpected exception of the thread."""
        self._closing = True
        self._thread.join(_JOIN_SECONDS)

    def _run(self, shutdown: Shutdown) -> None:
        try:
            while not (self._closing or shutdown.requested):
                self._handle(self._subscription.get(_LISTEN_SECONDS))
        except BrokerUnavailableError as error:
            self.failure = error
        finally:
            self._subscription.close()
            self._queue.wake()

    def _handle(self, event: Announcement | Resubscribed | None) -> None:
        now = self._clock()
        if isinstance(event, Resubscribed):
            self.is_subscribed = True
            if self.heard_at is not None:
                self._losses.add(self.heard_at, now, NOT_HEARD)
        elif self.heard_at is None:
            # Redis has not confirmed the subscription yet.
            return
        self.heard_at = now - round(self._subscription.silent_seconds * MICROSECONDS)
        if isinstance(event, Announcement):
            cursor = event.cursor
            if cursor is not None:
                if cursor.epoch != self.epoch:
                    self.other_epoch = cursor.epoch
            elif not self._queue.put(ReceivedMessage(event.text, now)):
                self._losses.add(now, now, OVERFLOWED)

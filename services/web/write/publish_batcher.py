"""Publish batcher: writes that arrive together go to Redis in one round trip.

Each write is a call of its own, accepted or refused as a whole. Nobody waits for further writes:
what arrives while Redis works on one batch is the next batch.
"""

from collections.abc import Sequence
from contextlib import suppress
from typing import Final, NamedTuple

import gevent
from gevent.event import AsyncResult

from services.broker import Appended, Journal, Message
from services.errors import BrokerUnavailableError, JournalFullError, StripchartError
from services.web.http.clients import take_turn

MAX_BATCH_BYTES: Final = 1 << 20
"""Bytes of messages in one batch. A single write may be larger."""


class _PendingPublish(NamedTuple):
    messages: Sequence[Message]
    result: AsyncResult

    @property
    def size_bytes(self) -> int:
        return sum(len(message.text) for message in self.messages)


class PublishBatcher:
    """Publishes writes to the journal in batches. Each web process has one.

    Args:
        journal: Receives the messages.
        max_batch_bytes: Bytes of messages in one batch.

    Attributes:
        published_count: Readings that the journal has accepted.
        refused_count: Readings that the journal had no room for.
    """

    def __init__(self, journal: Journal, max_batch_bytes: int = MAX_BATCH_BYTES) -> None:
        self.published_count = self.refused_count = 0
        self._journal = journal
        self._max_batch_bytes = max_batch_bytes
        self._pending: list[_PendingPublish] = []
        self._running = False
        self._is_publishing_backlog = False

    def publish(self, messages: Sequence[Message]) -> None:
        """Publish messages, all or none. Returns when the journal has them.

        Raises:
            BrokerUnavailableError: Redis does not answer.
            JournalFullError: The journal is full.
        """
        pending = _PendingPublish(messages, AsyncResult())
        self._pending.append(pending)
        if not self._running:
            self._running = True
            gevent.spawn(self._run)
        try:
            pending.result.get()
        finally:
            take_turn()

    def _run(self) -> None:
        try:
            while self._pending:
                self._send(self._next_batch())
        finally:
            self._running = False

    def _next_batch(self) -> list[_PendingPublish]:
        size = count = 0
        for pending in self._pending:
            size += pending.size_bytes
            if count and size > self._max_batch_bytes:
                break
            count += 1
        batch, self._pending = self._pending[:count], self._pending[count:]
        return batch

    def _send(self, batch: list[_PendingPublish]) -> None:
        try:
            results = self._journal.publish_many([pending.messages for pending in batch])
        except Exception as error:  # noqa: BLE001 (raised again in each waiting request)
            for pending in batch:
                pending.result.set_exception(error)
            return
        for pending, result in zip(batch, results, strict=True):
            count = sum(message.reading_count for message in pending.messages)
            if isinstance(result, StripchartError):
                self.refused_count += count
                pending.result.set_exception(result)
            else:
                self.published_count += count
                pending.result.set(result)
        if any(isinstance(result, Appended) and result.has_backlog for result in results):
            self._start_publishing_backlog()

    def _start_publishing_backlog(self) -> None:
        if not self._is_publishing_backlog:
            self._is_publishing_backlog = True
            gevent.spawn(self._publish_backlog)

    def _publish_backlog(self) -> None:
        """Publish the backlog beside the requests, which don't wait for it."""
        try:
            # After an error, the next write or another process goes on.
            with suppress(BrokerUnavailableError, JournalFullError):
                while (delay := self._journal.backlog.publish_step()) is not None:
                    gevent.sleep(delay)
        finally:
            self._is_publishing_backlog = False

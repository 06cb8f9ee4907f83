"""The channel bridge copies external messages from the channel into the journal.

It runs in a thread of its own, because pub/sub stores no messages: a slow disk or a locked database
must not stop it from listening. Only the holder of the lease copies messages, so that two writers
never copy the same one.
"""

import logging
from collections import deque
from collections.abc import Callable
from typing import Final

from services.broker import Announcement, Broker, Journal, Subscription
from services.concurrency import Backoff, Retry, ServiceThread, Shutdown
from services.errors import (
    BrokerUnavailableError,
    JournalFullError,
    LeaseLostError,
    LeaseTakenError,
)
from services.formats.json import message_id
from services.log import FaultLog
from services.position import Cursor
from services.writer.external_messages import ExternalMessageDecoder, PendingMessages
from services.writer.lease_holder import LeaseHolder

logger = logging.getLogger("writer")

_LISTEN_SECONDS: Final = 0.5
_ACQUIRE_SECONDS: Final = 1.0
_JOIN_SECONDS: Final = 2.0


class ChannelBridge:
    """Listens to the channel, and appends messages that have no id of this journal.

    Args:
        broker: The Redis with the channel.
        journal: The journal.
        lease_holder: Holds the writer's lease.
        clock: Wall clock in microseconds since 1970.
        shutdown: Ends the thread; requested when the thread fails.
    """

    def __init__(
        self,
        broker: Broker,
        journal: Journal,
        lease_holder: LeaseHolder,
        clock: Callable[[], int],
        shutdown: Shutdown,
    ) -> None:
        self._broker = broker
        self._journal = journal
        self._lease_holder = lease_holder
        self._decoder = ExternalMessageDecoder(clock)
        self._epoch: str | None = None
        self._received: deque[Announcement] = deque()
        self._pending = PendingMessages()
        self._full = FaultLog(logger, "external messages paused", "external messages resumed")
        # A writer that no longer listens would lose messages silently, so its failure ends it.
        self._thread = ServiceThread("channel-bridge", self.run, shutdown)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def join(self) -> None:
        """Wait up to 2 s for the thread to end. Raises the exception that ended it, if any."""
        self._thread.join(_JOIN_SECONDS)

    def run(self, shutdown: Shutdown) -> None:
        """Acquire the lease and bridge messages until the shutdown, then release the lease."""
        fault = FaultLog(logger, "channel unavailable", "channel available again")
        retry = Retry(shutdown, fault, Backoff(0.25, 2.0))
        while not shutdown.requested:
            try:
                held = self._lease_holder.acquire()
                retry.succeeded()
                if held:
                    self._listen(shutdown)
                else:
                    self._leave_to_other_writer()
                    shutdown.wait(_ACQUIRE_SECONDS)
            except (BrokerUnavailableError, JournalFullError) as error:
                self._lease_holder.suspend()
                retry.failed(error)
        self._lease_holder.release()

    def _listen(self, shutdown: Shutdown) -> None:
        subscription = Subscription(self._broker, [self._broker.keys.channel])
        try:
            while not shutdown.requested and self._lease_holder.held:
                event = subscription.get(_LISTEN_SECONDS)
                if isinstance(event, Announcement):
                    self._received.append(event)
                self._decode_received()
                self._append_pending()
                self._lease_holder.renew_when_due()
        finally:
            subscription.close()

    def _decode_received(self) -> None:
        """Decode the received announcements. One of them is kept if Redis fails meanwhile."""
        while self._received:
            announcement = self._received[0]
            if not self._is_in_journal(announcement):
                decoded = self._decoder.decode(announcement.text)
                self._reject(announcement.text, decoded.reasons)
                for message in decoded.messages:
                    self._pending.add(message)
            self._received.popleft()

    def _is_in_journal(self, announcement: Announcement) -> bool:
        """Return True if the message has an id of the journal's epoch."""
        cursor = announcement.cursor
        if cursor is None:
            try:
                cursor = Cursor.parse(message_id(announcement.text) or "")
            except ValueError:
                return False
        if cursor.epoch != self._epoch:
            self._epoch = self._journal.epoch()
        return cursor.epoch == self._epoch

    def _append_pending(self) -> None:
        while self._pending:
            try:
                self._lease_holder.append_external([self._pending.oldest()])
            except JournalFullError as error:
                self._full.begin(error)
                return
            except LeaseTakenError:
                # The other writer may release the lease before this one asks for it again.
                self._leave_to_other_writer()
                return
            except LeaseLostError:
                return
            self._pending.remove_oldest()
        dropped = self._pending.take_dropped_count()
        self._full.end(f"{dropped} were dropped" if dropped else "")

    def _leave_to_other_writer(self) -> None:
        """Discard what the other writer has received too, so that nothing is stored twice."""
        count = len(self._received) + len(self._pending)
        if count:
            logger.warning("%d external messages left to the holder of the lease", count)
            self._received.clear()
            self._pending.clear()

    def _reject(self, text: bytes, reasons: list[str]) -> None:
        if not reasons:
            return
        try:
            self._journal.add_dead_letters([(text, reason) for reason in reasons], "channel")
        except JournalFullError as error:
            self._full.begin(error)

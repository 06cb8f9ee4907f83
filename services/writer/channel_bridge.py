"""The channel bridge copies external messages from the channel into the journal.

It runs in threads of its own, because pub/sub stores no messages: one listens, the other decodes
and appends. Neither a slow disk nor a message that takes long to decode may stop the listening.
Only the holder of the lease copies messages, so that two writers never copy the same one.
"""

import logging
import time
from collections import deque
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Final

from services.broker import Broker, Journal, Message, Subscription
from services.concurrency import Backoff, Retry, ServiceThread, Shutdown
from services.errors import (
    BrokerRefusedError,
    BrokerUnavailableError,
    JournalFullError,
    LeaseLostError,
    LeaseTakenError,
)
from services.formats.json import message_id
from services.log import ChangeLog, FaultLog
from services.metric import Sample
from services.metric_table import READINGS_PUBLISHED, READINGS_REJECTED
from services.position import Cursor
from services.writer.channel_listener import ChannelListener, ReceiveQueue
from services.writer.channel_losses import ChannelLosses
from services.writer.external_messages import ExternalMessageDecoder
from services.writer.lease_holder import LeaseHolder

logger = logging.getLogger("writer")

_WAIT_SECONDS: Final = 0.5
_ACQUIRE_SECONDS: Final = 1.0
_FULL_SECONDS: Final = 0.25
_JOIN_SECONDS: Final = 3.0
_DECODE_SECONDS: Final = 0.1
"""Time after which decoded messages are appended, so that the others don't wait for them."""

_MAX_APPENDED_MESSAGES: Final = 100


class ChannelBridge:
    """Listens to the channel, and appends messages that have no id of a journal.

    Args:
        broker: The Redis with the channel.
        journal: The journal.
        lease_holder: Holds the writer's lease.
        clock: Wall clock in microseconds since 1970.
        shutdown: Ends the threads; requested when one of them fails.
        losses: Receives the times in which messages may have been missed.
    """

    def __init__(
        self,
        broker: Broker,
        journal: Journal,
        lease_holder: LeaseHolder,
        clock: Callable[[], int],
        shutdown: Shutdown,
        *,
        losses: ChannelLosses,
    ) -> None:
        self._broker = broker
        self._journal = journal
        self._lease_holder = lease_holder
        self._clock = clock
        self._losses = losses
        self._listener: ChannelListener | None = None
        self._heard_at: int | None = None
        self._decoder = ExternalMessageDecoder()
        self._received = ReceiveQueue()
        self._pending: deque[Message] = deque()
        self._backlog_due_at = 0.0
        self._published_count = self._rejected_count = 0
        self._full = FaultLog(logger, "external messages paused", "external messages resumed")
        self._notices = ChangeLog(logger)
        self._not_kept = FaultLog(logger, "dead letters not kept", "dead letters kept again")
        # A writer that no longer listens would lose messages silently, so its failure ends it.
        self._thread = ServiceThread("channel-bridge", self.run, shutdown)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def join(self) -> None:
        """Wait up to 3 s for the thread to end. Raises the exception that ended it, if any."""
        self._thread.join(_JOIN_SECONDS)

    def samples(self) -> Iterator[Sample]:
        """Yield the samples of the messages so far."""
        yield Sample(READINGS_PUBLISHED, self._published_count)
        yield Sample(READINGS_REJECTED, self._rejected_count, ("bare_message",))

    def run(self, shutdown: Shutdown) -> None:
        """Acquire the lease and bridge messages until the shutdown, then release the lease."""
        fault = FaultLog(logger, "channel unavailable", "channel available again")
        retry = Retry(shutdown, fault, Backoff(0.25, 2.0))
        while not shutdown.requested:
            try:
                if self._lease_holder.acquire():
                    self._listen(shutdown)
                    self._bridge(shutdown, retry)
                else:
                    retry.succeeded()
                    self._leave_to_other_writer()
                    shutdown.wait(_ACQUIRE_SECONDS)
            except (BrokerUnavailableError, JournalFullError) as error:
                self._lease_holder.suspend()
                retry.failed(error)
        self._close_listener()
        self._lease_holder.release()

    def _listen(self, shutdown: Shutdown) -> None:
        """Listen, unless a listener works already: it goes on while the lease is renewed."""
        if self._listener is not None and self._listener.failure is None:
            return
        self._close_listener()
        subscription = Subscription(self._broker, [self._broker.keys.channel])
        self._listener = ChannelListener(
            subscription,
            self._received,
            self._losses,
            self._clock,
            shutdown=shutdown,
            heard_at=self._heard_at,
        )

    def _close_listener(self) -> None:
        if self._listener is not None:
            listener, self._listener = self._listener, None
            listener.close()
            self._heard_at = listener.heard_at

    def _bridge(self, shutdown: Shutdown, retry: Retry) -> None:
        """Bridge messages while the lease is held. Raises an error of the subscription."""
        while not shutdown.requested and self._lease_holder.held:
            self._wait(shutdown)
            listener = self._listener
            if listener is not None and listener.failure is not None:
                raise listener.failure
            self._log_other_instance()
            self._decode_received()
            self._append_pending()
            self._publish_backlog()
            self._lease_holder.renew_when_due()
            # A user who may not subscribe learns it only from the confirmation.
            if listener is not None and listener.is_subscribed:
                retry.succeeded()

    def _wait(self, shutdown: Shutdown) -> None:
        if self._full.active:
            shutdown.wait(_FULL_SECONDS)
        else:
            self._received.wait(max(0.0, self._backlog_due_at - time.monotonic()))

    def _publish_backlog(self) -> None:
        """Publish the next step of a backlog that its publisher may have left."""
        now = time.monotonic()
        if now >= self._backlog_due_at:
            delay = self._journal.backlog.publish_step()
            self._backlog_due_at = now + (_WAIT_SECONDS if delay is None else delay)

    def _decode_received(self) -> None:
        """Decode received messages for a while, unless decoded ones wait for the journal.

        One of them is kept if Redis fails meanwhile.
        """
        end = time.monotonic() + _DECODE_SECONDS
        while self._received and not self._is_full and time.monotonic() < end:
            message = self._received.oldest()
            if not _has_id(message.text):
                decoded = self._decoder.decode(message.text, message.arrival_ts)
                self._reject(message.text, decoded.reasons)
                self._pending += decoded.messages
            self._received.remove_oldest()

    @property
    def _is_full(self) -> bool:
        return len(self._pending) >= _MAX_APPENDED_MESSAGES

    def _log_other_instance(self) -> None:
        """Log once that another instance uses the channel, if the listener heard its messages."""
        listener = self._listener
        if listener is None or listener.other_epoch is None:
            return
        epoch, listener.other_epoch = listener.other_epoch, None
        # The journal may have a new epoch.
        listener.epoch = self._journal.epoch()
        if epoch != listener.epoch:
            channel = self._broker.keys.channel
            self._notices.log(
                logging.WARNING,
                "channel",
                f"another Stripchart publishes on the channel {channel}: its messages are not"
                " stored here, but those of other tools are stored by both (to separate them,"
                " set CHANNEL)",
            )

    def _append_pending(self) -> None:
        count = _MAX_APPENDED_MESSAGES
        while self._pending:
            messages = list(islice(self._pending, count))
            try:
                self._lease_holder.append_external(messages)
            except JournalFullError as error:
                if len(messages) == 1:
                    self._full.begin(error)
                    return
                # A part of them may fit.
                count = 1
                continue
            except LeaseTakenError:
                # The other writer may release the lease before this one asks for it again.
                self._leave_to_other_writer()
                return
            except LeaseLostError:
                return
            self._published_count += sum(message.reading_count for message in messages)
            for _ in messages:
                self._pending.popleft()
        self._full.end()

    def _leave_to_other_writer(self) -> None:
        """Stop to listen, and discard what the other writer has received too.

        So nothing is stored twice.
        """
        self._close_listener()
        self._heard_at = None
        count = len(self._received) + len(self._pending)
        if count:
            logger.warning("%d external messages left to the holder of the lease", count)
            self._received.clear()
            self._pending.clear()

    def _reject(self, text: bytes, reasons: list[str]) -> None:
        if not reasons:
            return
        self._rejected_count += len(reasons)
        try:
            self._journal.add_dead_letters([(text, reason) for reason in reasons], "channel")
        except (BrokerRefusedError, JournalFullError) as error:
            self._not_kept.begin(error)
        else:
            self._not_kept.end()


def _has_id(text: bytes) -> bool:
    """Return True if a message has an id of a journal, also if it does not begin with it."""
    try:
        Cursor.parse(message_id(text) or "")
    except ValueError:
        return False
    return True

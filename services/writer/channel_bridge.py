"""The adoption of strangers' messages: bare publishes of other tools become journal entries.

It runs in a thread of its own, because what is published while nobody listens is gone: neither a
slow disk nor a locked database may keep it from listening. Only the holder of the lease adopts.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Final

from services.broker import Announcement, Broker, Journal, Lease, Message, Subscription
from services.clock import TimestampAllocator
from services.concurrency import Backoff, Shutdown
from services.errors import (
    BrokerUnavailableError,
    JournalFullError,
    LeaseLostError,
    LeaseTakenError,
    MalformedError,
)
from services.formats.json import decode_json, message_id
from services.formats.parsing.result import DecodeResult
from services.log import FaultLog
from services.position import Checkpoint, Cursor

logger = logging.getLogger("writer")

_CLAIM_SECONDS: Final = 3.0
_LISTEN_SECONDS: Final = 0.5
_JOIN_SECONDS: Final = 2.0
_MOST_BYTES: Final = 1 << 20
_MOST_PENDING: Final = 10_000
_MOST_REASONS: Final = 20
"""Faults of one message that are told one by one."""


class ChannelBridge:
    """Listens to the channel and adopts what has no id of the journal's epoch.

    clock: microseconds since 1970.
    """

    def __init__(
        self, broker: Broker, journal: Journal, lease: Lease, clock: Callable[[], int]
    ) -> None:
        self._broker = broker
        self._journal = journal
        self._lease = lease
        self._clock = clock
        self._stamps = TimestampAllocator(clock)
        self._held = False
        self._told: Checkpoint | None = None
        self._epoch: str | None = None
        self._heard: deque[Announcement] = deque()
        self._pending: deque[Message] = deque()
        self._dropped = 0
        self._thread: threading.Thread | None = None
        self._failure: BaseException | None = None
        self._full = FaultLog(
            logger, "adoption of bare messages paused", "adoption of bare messages resumed"
        )

    def start(self, stop: Shutdown) -> None:
        """Run in a thread until asked to stop."""
        self._thread = threading.Thread(target=self._run, args=[stop], name="adoption", daemon=True)
        self._thread.start()

    def join(self) -> None:
        """Wait for the thread to end. Raises what it ended with, if that was an error."""
        if self._thread is not None:
            self._thread.join(_JOIN_SECONDS)
        if self._failure is not None:
            raise self._failure

    def _run(self, stop: Shutdown) -> None:
        try:
            self.run(stop)
        except BaseException as error:  # noqa: BLE001 (it is raised again by join)
            # A writer that does not listen any more would lose messages in silence.
            self._failure = error
            stop.request()

    def acknowledge(self, position: Checkpoint) -> None:
        """Tell Redis how far the database is, if the lease is held. BrokerUnavailableError."""
        if self._held and position != self._told:
            try:
                self._journal.acknowledge(position, self._lease)
                self._told = position
            except LeaseLostError:
                # The thread claims it again; until then another one trims.
                self._held = False
            except JournalFullError as error:
                # Redis can't save what it is told. The next batch tells it again.
                logger.debug("the journal was not trimmed: %s", error)

    def run(self, stop: Shutdown) -> None:
        """Claim the lease, listen and adopt, until asked to stop; then release the lease."""
        fault = FaultLog(logger, "channel unavailable", "channel available again")
        waiting = FaultLog(
            logger, "waiting to adopt bare messages", "adoption of bare messages taken over"
        )
        pause = Backoff(0.25, 2.0)
        while not stop.requested:
            try:
                self._held = self._lease.acquire()
                fault.end()
                pause.reset()
                if self._held:
                    waiting.end()
                    self._told = None
                    self._listen(stop)
                else:
                    waiting.begin("another writer holds the lease")
                    self._forget()
                    stop.wait(1.0)
            except (BrokerUnavailableError, JournalFullError) as error:
                self._held = False
                fault.begin(error)
                stop.wait(pause.next_delay())
        self._release()

    def _forget(self) -> None:
        """Leave to the other writer what it may have heard as well: twice is worse than once."""
        self._told = None
        if self._heard or self._pending:
            logger.warning(
                "%d messages are left to the holder of the lease",
                len(self._heard) + len(self._pending),
            )
            self._heard.clear()
            self._pending.clear()

    def _release(self) -> None:
        self._held = False
        try:
            self._lease.release()
        except BrokerUnavailableError:
            logger.debug("the lease could not be released: it will run out")

    def _listen(self, stop: Shutdown) -> None:
        subscription = Subscription(self._broker, [self._broker.keys.channel])
        try:
            claimed = time.monotonic()
            while not stop.requested and self._held:
                event = subscription.get(_LISTEN_SECONDS)
                if isinstance(event, Announcement):
                    self._heard.append(event)
                self._receive()
                self._adopt_pending()
                if time.monotonic() - claimed > _CLAIM_SECONDS:
                    claimed = time.monotonic()
                    self._held = self._lease.acquire()
        finally:
            subscription.close()

    def _receive(self) -> None:
        """Sort out what was heard; it stays heard while Redis can't be asked."""
        while self._heard:
            if not self._is_ours(self._heard[0]):
                self._judge(self._heard[0].text)
            self._heard.popleft()

    def _judge(self, text: bytes) -> None:
        if len(text) > _MOST_BYTES:
            self._reject(text, [f"larger than {_MOST_BYTES} bytes"])
            return
        try:
            decoded = decode_json(text, self._clock(), self._stamps.reserve)
        except MalformedError as error:
            self._reject(text, [str(error)])
            return
        self._reject(text, _reasons(decoded))
        for message in Message.of(decoded.readings):
            if len(self._pending) == _MOST_PENDING:
                self._pending.popleft()
                self._dropped += 1
            self._pending.append(message)

    def _is_ours(self, message: Announcement) -> bool:
        cursor = message.cursor
        if cursor is None:
            try:
                cursor = Cursor.parse(message_id(message.text) or "")
            except ValueError:
                return False
        epoch = cursor.epoch
        if epoch != self._epoch:
            self._epoch = self._journal.epoch()
        return epoch == self._epoch

    def _adopt_pending(self) -> None:
        while self._pending:
            try:
                self._journal.append_external([self._pending[0]], self._lease)
            except JournalFullError as error:
                self._full.begin(error)
                return
            except LeaseTakenError:
                # The other one may be gone before this one claims the lease again.
                self._held = False
                self._forget()
                return
            except LeaseLostError:
                self._held = False
                return
            self._pending.popleft()
        self._full.end(f"{self._dropped} were dropped" if self._dropped else "")
        self._dropped = 0

    def _reject(self, text: bytes, reasons: list[str]) -> None:
        if reasons:
            try:
                self._journal.add_dead_letters([(text, reason) for reason in reasons], "channel")
            except JournalFullError as error:
                self._full.begin(error)


def _reasons(decoded: DecodeResult) -> list[str]:
    told = decoded.faults[:_MOST_REASONS]
    reasons = [f"reading {fault.item_index}: {fault.reason}" for fault in told]
    more = len(decoded.faults) - len(told) + decoded.omitted_fault_count
    if more:
        reasons.append(f"and {more} more of its readings")
    return reasons

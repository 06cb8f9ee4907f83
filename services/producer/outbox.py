"""The outbox: readings on their way to the journal, held back while it does not accept them.

A thread sends them, so that sampling keeps its pace while Redis is slow or unavailable.
"""

import logging
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Final

from services.broker import Journal, Message
from services.concurrency import Backoff, Retry, ServiceThread, Shutdown
from services.errors import BrokerUnavailableError, JournalFullError
from services.log import FaultLog
from services.metric import Sample
from services.metric_table import READINGS_DROPPED, READINGS_HELD, READINGS_PUBLISHED
from services.point import SeriesPoint, SeriesPoints
from services.reading import Reading

logger = logging.getLogger("producer")

_BATCH_READINGS: Final = 5_000
"""Readings in one call of the publish script."""

_MAX_POINTS: Final = 100_000
"""Points that are kept. A series without one gets it with its next reading."""

_IDLE_SECONDS: Final = 0.5


class Outbox:
    """A bounded queue of readings, in the order in which they were added.

    Above the bound the oldest readings are dropped. Every added reading is sent, held, or counted
    as dropped. After a lost reply a batch is sent again: series and time identify a reading, and
    its time stays the same, so a second copy is harmless.
    """

    def __init__(self, journal: Journal, max_readings: int) -> None:
        self.max_readings = max_readings
        self._journal = journal
        self._published_count = self._dropped_count = 0
        self._held: deque[Reading] = deque()
        self._points: dict[str, SeriesPoint | None] = {}
        self._sending = 0
        self._dropped = 0
        self._late = 0
        self._filled = threading.Condition()
        self._fault = FaultLog(logger, "readings held back", "publishing resumed")
        self._thread: ServiceThread | None = None

    def __len__(self) -> int:
        """Return the number of readings that are not sent, also those of a running call."""
        with self._filled:
            return len(self._held) + self._sending

    @property
    def dropped(self) -> int:
        """Number of dropped readings that the log does not mention yet."""
        return self._dropped

    def samples(self) -> Iterator[Sample]:
        """Yield the samples of the readings so far."""
        yield Sample(READINGS_PUBLISHED, self._published_count)
        yield Sample(READINGS_DROPPED, self._dropped_count)
        yield Sample(READINGS_HELD, len(self))

    def add(self, readings: Sequence[Reading], points: SeriesPoints | None = None) -> None:
        """Append readings, and drop the oldest if there are too many.

        Args:
            readings: The readings.
            points: Points of the series that came in line protocol.
        """
        with self._filled:
            self._held.extend(readings)
            if points:
                if len(self._points) > _MAX_POINTS:
                    # The thread that sends may be reading the old ones.
                    self._points = {}
                self._points.update(points)
            self._enforce_bound()
            self._filled.notify()

    def start(self, shutdown: Shutdown) -> None:
        """Send from a thread until the shutdown, and then once more.

        Args:
            shutdown: Ends the thread. It is also requested if the thread fails: a producer that
                can't send would only drop readings.
        """
        self._thread = ServiceThread("outbox", self.run, shutdown)
        self._thread.start()

    def join(self, seconds: float) -> None:
        """Wait up to `seconds` for the end of the thread. Raises the error that ended it."""
        if self._thread is not None:
            self._thread.join(seconds)

    def run(self, shutdown: Shutdown) -> None:
        """Send until the shutdown, and then once more."""
        retry = Retry(shutdown, self._fault, Backoff(0.25, 2.0))
        while not shutdown.requested:
            with self._filled:
                if not self._held:
                    self._filled.wait(_IDLE_SECONDS)
            retry.until_stopped(self.flush, lambda error: error.transient)
        with suppress(BrokerUnavailableError, JournalFullError):
            self.flush()

    def flush(self) -> None:
        """Send all readings that are held.

        Raises:
            BrokerUnavailableError, JournalFullError: Readings are still held.
        """
        while batch := self._take_batch():
            try:
                self._journal.publish(Message.of(batch, self._points))
            except BaseException as error:
                self._put_back(batch)
                if isinstance(error, BrokerUnavailableError | JournalFullError):
                    # Readings that are sent during the fault count as late.
                    self._fault.begin(error)
                raise
            self._count_sent(batch)
        self._log_delays()

    def _take_batch(self) -> list[Reading]:
        with self._filled:
            batch = [self._held.popleft() for _ in range(min(_BATCH_READINGS, len(self._held)))]
            self._sending = len(batch)
            return batch

    def _put_back(self, batch: list[Reading]) -> None:
        with self._filled:
            self._sending = 0
            self._held.extendleft(reversed(batch))
            self._enforce_bound()

    def _count_sent(self, batch: list[Reading]) -> None:
        with self._filled:
            self._sending = 0
            self._published_count += len(batch)
            if self._fault.active:
                self._late += len(batch)

    def _log_delays(self) -> None:
        """Log how many readings were late or dropped because of a fault, or dropped without one."""
        with self._filled:
            late, dropped = self._late, self._dropped
            self._late = self._dropped = 0
        if self._fault.active:
            self._fault.end(f"{late} readings were late, {dropped} were dropped")
        elif dropped:
            logger.warning("%d readings dropped: they came faster than they could be sent", dropped)

    def _enforce_bound(self) -> None:
        while len(self._held) > self.max_readings:
            self._held.popleft()
            self._dropped += 1
            self._dropped_count += 1

"""The outbox: readings on their way to the journal, held back while it takes none.

It sends from a thread of its own, so that sampling keeps its pace while Redis is slow or away.
"""

import logging
import threading
from collections import deque
from collections.abc import Sequence
from typing import Final

from services.broker import Journal, Message
from services.concurrency import Backoff, Shutdown
from services.errors import BrokerUnavailableError, JournalFullError
from services.log import FaultLog
from services.reading import Reading

logger = logging.getLogger("producer")

_CALL: Final = 5_000
"""Readings in one call of the publish script."""

_IDLE_SECONDS: Final = 0.5


class Outbox:
    """Readings in the order they were made, at most `bound` of them; the oldest go first.

    What Redis may or may not have taken is sent again, with the time that it was stamped with:
    series and time identify a reading, so twice is harmless. Every reading that was put in is
    sent, held, or counted as dropped.
    """

    def __init__(self, journal: Journal, bound: int) -> None:
        self._journal = journal
        self._bound = bound
        self._held: deque[Reading] = deque()
        self._sending = 0
        self._dropped = 0
        self._late = 0
        self._filled = threading.Condition()
        self._fault = FaultLog(logger, "readings held back", "readings sent again")
        self._thread: threading.Thread | None = None
        self._failure: BaseException | None = None

    def __len__(self) -> int:
        """The readings that are not sent, those of a call that is under way among them."""
        with self._filled:
            return len(self._held) + self._sending

    @property
    def bound(self) -> int:
        """The most readings that are held."""
        return self._bound

    @property
    def dropped(self) -> int:
        """Readings that were dropped and of which nothing has been said yet."""
        return self._dropped

    def add(self, readings: Sequence[Reading]) -> None:
        """Take readings in, at the cost of the oldest where there is no room."""
        with self._filled:
            self._held.extend(readings)
            self._keep_bound()
            self._filled.notify()

    def start(self, stop: Shutdown) -> None:
        """Send in a thread until asked to stop, and what is left then once more."""
        self._thread = threading.Thread(target=self._run, args=[stop], name="outbox", daemon=True)
        self._thread.start()

    def join(self, seconds: float) -> None:
        """Wait for the thread to end. Raises what it ended with, if that was an error."""
        if self._thread is not None:
            self._thread.join(seconds)
        if self._failure is not None:
            raise self._failure

    def _run(self, stop: Shutdown) -> None:
        try:
            self.run(stop)
            self.flush()
        except BaseException as error:  # noqa: BLE001 (it is raised again by join)
            # A producer that does not send any more would drop everything in silence.
            self._failure = error
            stop.request()

    def run(self, stop: Shutdown) -> None:
        """Send until asked to stop."""
        pause = Backoff(0.25, 2.0)
        while not stop.requested:
            with self._filled:
                if not self._held:
                    self._filled.wait(_IDLE_SECONDS)
            if self.flush():
                pause.reset()
            else:
                stop.wait(pause.next_delay())

    def flush(self) -> bool:
        """Send what is held; tells whether all of it was taken."""
        while part := self._take():
            try:
                self._journal.publish(Message.of(part))
            except (BrokerUnavailableError, JournalFullError) as error:
                self._put_back(part)
                self._fault.begin(error)
                return False
            except BaseException:
                self._put_back(part)
                raise
            self._sent(part)
        self._tell()
        return True

    def _take(self) -> list[Reading]:
        with self._filled:
            part = [self._held.popleft() for _ in range(min(_CALL, len(self._held)))]
            self._sending = len(part)
            return part

    def _put_back(self, part: list[Reading]) -> None:
        with self._filled:
            self._sending = 0
            self._held.extendleft(reversed(part))
            self._keep_bound()

    def _sent(self, part: list[Reading]) -> None:
        with self._filled:
            self._sending = 0
            if self._fault.active:
                self._late += len(part)

    def _tell(self) -> None:
        """Say what the fault that is over has cost, or what was dropped without one."""
        with self._filled:
            late, dropped = self._late, self._dropped
            self._late = self._dropped = 0
        if self._fault.active:
            self._fault.end(f"{late} were late, {dropped} were dropped")
        elif dropped:
            logger.warning("readings came faster than they could be sent: %d were dropped", dropped)

    def _keep_bound(self) -> None:
        while len(self._held) > self._bound:
            self._held.popleft()
            self._dropped += 1

"""The outbox: readings on their way to the journal, held back while it takes none.

It sends from a thread of its own, so that sampling keeps its pace while Redis is slow or away.
"""

import logging
import threading
from collections import deque
from collections.abc import Sequence
from typing import Final

from services.broker import Journal, Message
from services.errors import BrokerUnavailableError, JournalFullError
from services.lifecycle import Backoff, Stop
from services.log import Outage
from services.reading import Reading

logger = logging.getLogger("producer")

_CALL: Final = 5_000
"""Readings in one call of the publish script."""

_IDLE_SECONDS: Final = 0.5


class Outbox:
    """Readings in the order they were made, at most `bound` of them; the oldest go first.

    What Redis may or may not have taken is sent again, with the time that it was stamped with:
    series and time identify a reading, so twice is harmless.
    """

    def __init__(self, journal: Journal, bound: int) -> None:
        self._journal = journal
        self._bound = bound
        self._held: deque[Reading] = deque()
        self._dropped = 0
        self._filled = threading.Condition()
        self._outage = Outage(logger, "readings are held back")

    def __len__(self) -> int:
        return len(self._held)

    def put(self, readings: Sequence[Reading]) -> None:
        """Take readings in, at the cost of the oldest where there is no room."""
        with self._filled:
            self._held.extend(readings)
            self._keep_bound()
            self._filled.notify()

    def run(self, stop: Stop) -> None:
        """Send until asked to stop; what is left then is for a last `flush`."""
        pause = Backoff(0.25, 2.0)
        while not stop.requested:
            with self._filled:
                if not self._held:
                    self._filled.wait(_IDLE_SECONDS)
            if self.flush():
                pause.reset()
            else:
                stop.wait(pause.pause())

    def flush(self) -> bool:
        """Send what is held; tells whether all of it was taken."""
        sent = 0
        while part := self._take():
            try:
                self._journal.publish(Message.of(part))
            except (BrokerUnavailableError, JournalFullError) as error:
                self._put_back(part)
                self._outage.begin(error)
                return False
            sent += len(part)
        self._outage.end(f"{sent} readings were sent late, {self._dropped} had to be dropped")
        self._dropped = 0
        return True

    def _take(self) -> list[Reading]:
        with self._filled:
            return [self._held.popleft() for _ in range(min(_CALL, len(self._held)))]

    def _put_back(self, part: list[Reading]) -> None:
        with self._filled:
            self._held.extendleft(reversed(part))
            self._keep_bound()

    def _keep_bound(self) -> None:
        while len(self._held) > self._bound:
            self._held.popleft()
            self._dropped += 1

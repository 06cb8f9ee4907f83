"""Ring buffer of the newest messages, from which most replays are served."""

from collections import deque
from collections.abc import Sequence
from itertools import islice
from typing import Final, NamedTuple, Self

from services.broker import Received
from services.position import JOURNAL_START, Cursor, EntryId
from services.reading import Reading
from services.web.live.notice import Notice

MAX_RECENT_READINGS: Final = 10_000
"""Readings that the ring buffer holds by default."""


class LiveMessage(NamedTuple):
    """A message or a command as viewers receive it.

    Attributes:
        entry: Its entry in the journal.
        readings: Its readings; a command has none.
        notice: What viewers learn about a command, None for a message.
    """

    entry: EntryId
    readings: Sequence[Reading]
    notice: Notice | None = None

    @classmethod
    def from_received(cls, received: Received) -> Self:
        """Convert what the follower received."""
        command = received.command
        notice = None if command is None else Notice.of_command(command)
        return cls(received.cursor.entry, received.readings, notice)

    @property
    def weight(self) -> int:
        """Share of the ring buffer, in readings. A message without readings counts as one."""
        return max(1, len(self.readings))


class RecentMessages:
    """The newest messages of one journal, oldest first.

    Attributes:
        generation: Number of restarts. A restart makes cached pages invalid.
    """

    def __init__(self, max_readings: int = MAX_RECENT_READINGS) -> None:
        self.generation = 0
        self._max_readings = max_readings
        self._messages: deque[LiveMessage] = deque()
        self._weight = 0
        self._epoch: str | None = None
        self._floor = JOURNAL_START

    @property
    def floor(self) -> Cursor | None:
        """Cursor of the newest message that is no longer held, None before the first restart."""
        return None if self._epoch is None else Cursor(self._epoch, self._floor)

    def restart(self, cursor: Cursor) -> None:
        """Forget all messages. The next one follows `cursor`."""
        self.generation += 1
        self._messages.clear()
        self._weight = 0
        self._epoch, self._floor = cursor

    def append(self, message: LiveMessage) -> None:
        """Add the newest message, and drop the oldest ones beyond the bound."""
        self._messages.append(message)
        self._weight += message.weight
        while self._weight > self._max_readings and len(self._messages) > 1:
            oldest = self._messages.popleft()
            self._weight -= oldest.weight
            self._floor = oldest.entry

    def since(self, cursor: Cursor) -> list[LiveMessage] | None:
        """Return the messages after a cursor, or None if the buffer does not reach back to it."""
        if cursor.epoch != self._epoch or cursor.entry < self._floor:
            return None
        first = len(self._messages)
        for message in reversed(self._messages):
            if message.entry <= cursor.entry:
                break
            first -= 1
        return list(islice(self._messages, first, None))

"""Room in the journal: a bulk of readings leaves three quarters of it to everybody else."""

import time
from collections.abc import Callable, Sequence
from typing import Final

from services.broker import Journal, Message
from services.settings import Settings

_SHARE: Final = 4
_LOOK_SECONDS: Final = 0.02
_TELL_SECONDS: Final = 10.0


class Backpressure:
    """Waits for the writer, so that what is not stored yet stays below a quarter of the bound.

    Live readings are never refused because of us, and what viewers come back by stays.
    notice: is told, once, that the writer does not get on.
    """

    def __init__(
        self,
        journal: Journal,
        settings: Settings,
        notice: Callable[[str], None],
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._journal = journal
        self._entries = settings.journal_max_entries // _SHARE
        self._bytes = settings.journal_max_bytes // _SHARE
        self._notice = notice
        self._sleep = sleep
        self._told = False

    def wait_for_room(self, messages: Sequence[Message]) -> None:
        """Wait until there is room for these. Raises BrokerUnavailableError."""
        size = sum(len(message.text) for message in messages)
        least, since = None, time.monotonic()
        while True:
            backlog = self._journal.lag()
            # A call that needs more than a quarter itself goes alone.
            if not backlog.entries or (
                backlog.entries + len(messages) <= self._entries
                and backlog.bytes + size <= self._bytes
            ):
                return
            if least is None or backlog.entries < least:
                least, since = backlog.entries, time.monotonic()
            if not self._told and time.monotonic() - since > _TELL_SECONDS:
                self._notice("waiting for the writer: is it running?")
                self._told = True
            self._sleep(_LOOK_SECONDS)

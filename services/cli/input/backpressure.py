"""Back-pressure: bulk work waits, so that the lag stays below a quarter of the journal's bound."""

import time
from collections.abc import Callable, Sequence
from typing import Final

from services.broker import Journal, Message
from services.settings import Settings

_DIVISOR: Final = 4
"""Bulk work fills at most this part of the journal's bound."""

_POLL_SECONDS: Final = 0.02
_NOTICE_SECONDS: Final = 10.0


class Backpressure:
    """Waits for the writer before a message is published.

    So live readings are never refused because of bulk work, and the entries that reconnecting
    viewers need stay in the journal.

    Args:
        journal: The journal.
        settings: They set the journal's bound.
        notice: Called once with a sentence for the operator if the writer makes no progress.
        sleep: Waits for some seconds.
        notice_seconds: Time without progress before the notice.
    """

    def __init__(
        self,
        journal: Journal,
        settings: Settings,
        notice: Callable[[str], None],
        sleep: Callable[[float], None] = time.sleep,
        notice_seconds: float = _NOTICE_SECONDS,
    ) -> None:
        self._journal = journal
        self._max_entries = settings.journal_max_entries // _DIVISOR
        self._max_bytes = settings.journal_max_bytes // _DIVISOR
        self._notice = notice
        self._sleep = sleep
        self._notice_seconds = notice_seconds
        self._noticed = False

    def wait(self, messages: Sequence[Message]) -> None:
        """Wait until these messages may be published.

        Raises:
            BrokerUnavailableError: Redis can't be used.
        """
        size_bytes = sum(len(message.text) for message in messages)
        min_entries, progress_at = None, time.monotonic()
        while True:
            lag = self._journal.lag()
            # Messages that exceed a quarter are published when the journal has no other ones.
            if not lag.entries or (
                lag.entries + len(messages) <= self._max_entries
                and lag.bytes + size_bytes <= self._max_bytes
            ):
                return
            # The writer may wait for more, which we don't send before it has committed.
            self._journal.commits.request()
            if min_entries is None or lag.entries < min_entries:
                min_entries, progress_at = lag.entries, time.monotonic()
            if not self._noticed and time.monotonic() - progress_at > self._notice_seconds:
                self._notice("waiting for the writer: is it running?")
                self._noticed = True
            self._sleep(_POLL_SECONDS)

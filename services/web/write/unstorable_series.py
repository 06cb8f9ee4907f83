"""Report of line-protocol values that are left out, because their series can't be stored.

Their sender gets a success: Telegraf would otherwise drop its whole batch, and can't mend it. So
the operator gets the reasons, once an hour for each series, as such programs repeat themselves.
"""

import logging
import re
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final

from services.broker import Journal
from services.errors import BrokerRefusedError, BrokerUnavailableError, JournalFullError
from services.log import RateLimitedCount

logger = logging.getLogger("web")

_LEFT_OUT: Final = (
    "line protocol: %d values left out, because their series can't be stored; `stripchart"
    " doctor` names the stream that has the newest lines and the reasons"
)
_REPEAT_SECONDS: Final = 3_600.0
_MAX_REMEMBERED: Final = 1_000
_SOURCE: Final = "line protocol"

_KEY = re.compile(rb"(?:\\.|[^\\ ])*", re.DOTALL)

UnstorableLine = tuple[bytes, str]
"""A line, or its beginning, and the reason why a series in it can't be stored."""


class UnstorableSeriesReport:
    """Counts values that are left out in the log, and keeps their lines as dead letters.

    Args:
        journal: Receives the dead letters.
        monotonic: The clock, in seconds.
    """

    def __init__(self, journal: Journal, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._journal = journal
        self._monotonic = monotonic
        self._count = 0
        self._log = RateLimitedCount(logger, _LEFT_OUT)
        self._reported_at: dict[int, float] = {}

    def report(self, lines: Sequence[UnstorableLine], count: int) -> None:
        """Report values that are left out.

        Args:
            lines: The first lines of them.
            count: Number of values, more than zero.
        """
        self._count += count
        self._log.update(self._count)
        now = self._monotonic()
        # The key of a line and the field in the reason identify the series.
        due = {
            hash((match[0] if (match := _KEY.match(text)) else text, reason)): (text, reason)
            for text, reason in lines
        }
        due = {
            series: letter
            for series, letter in due.items()
            if now - self._reported_at.get(series, -_REPEAT_SECONDS) >= _REPEAT_SECONDS
        }
        if not due:
            return
        # Without Redis, which has just accepted the others, the next write reports them.
        with suppress(BrokerRefusedError, BrokerUnavailableError, JournalFullError):
            self._journal.add_dead_letters(due.values(), _SOURCE)
            if len(self._reported_at) + len(due) > _MAX_REMEMBERED:
                self._reported_at.clear()
            self._reported_at.update(dict.fromkeys(due, now))

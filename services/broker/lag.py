"""Lag: the part of the journal that the database has not committed yet."""

import time
from collections import deque
from collections.abc import Callable
from typing import Final, NamedTuple

from services.broker.connection import Broker, translate_errors
from services.broker.entries import parse_counters, parse_number
from services.clock import now_microseconds
from services.errors import BrokerUnavailableError, JournalFullError
from services.position import JOURNAL_START, EntryId
from services.reading import MICROSECONDS

MAX_LAG_SECONDS: Final = 10.0
"""Age of the oldest uncommitted entry from which on the writer counts as too slow."""

_MAX_ENDS: Final = 100
"""Ends of the journal that are remembered while there is a lag."""


class Lag(NamedTuple):
    """The uncommitted part of the journal: its entries, and the bytes of their texts."""

    entries: int
    bytes: int

    def share(self, max_entries: int, max_bytes: int) -> float:
        """Return the share of the journal's bound that the lag takes, normally up to 1."""
        return max(self.entries / max_entries, self.bytes / max_bytes)


def read_lag(broker: Broker, committed: EntryId | None = None) -> Lag:
    """Return the uncommitted part of the journal: the whole journal before the first commit.

    Args:
        broker: The Redis with the journal.
        committed: The last entry that the database holds; by default the one that the writer
            acknowledged last.

    Raises:
        BrokerUnavailableError: Redis can't be used.
    """
    journal, state = broker.keys.journal, broker.keys.state
    with translate_errors(broker.client), broker.client.pipeline(transaction=False) as pipeline:
        pipeline.hmget(state, ["n", "b", "committed"])
        pipeline.execute_command("XRANGE", journal, "-", "+", "COUNT", 1)
        (n, b, acknowledged), oldest = pipeline.execute()
        entry = acknowledged if committed is None else str(committed)
        found = None
        if entry is not None:
            pipeline.execute_command("XRANGE", journal, entry, entry)
            (found,) = pipeline.execute()
    last_sequence, total_bytes = parse_number(n), parse_number(b)
    if found:
        counters = parse_counters(found[0])
        # An entry that another tool appended has no number.
        if counters.sequence:
            return Lag(
                max(0, last_sequence - counters.sequence),
                max(0, total_bytes - counters.total_bytes),
            )
    if not oldest:
        return Lag(0, 0)
    first = parse_counters(oldest[0])
    return Lag(
        last_sequence - first.sequence + 1, total_bytes - first.total_bytes + first.text_bytes
    )


def redis_clock(broker: Broker) -> Callable[[], int]:
    """Return the clock of a Redis, in microseconds since 1970; ours if Redis does not say it."""

    def clock() -> int:
        try:
            with translate_errors(broker.client):
                seconds, micros = broker.client.time()
        except (BrokerUnavailableError, JournalFullError):
            return now_microseconds()
        return int(seconds) * MICROSECONDS + int(micros)

    return clock


class _EndOfJournal(NamedTuple):
    """The newest entry of the journal, and when this process saw it on the monotonic clock.

    For a journal without lag it is JOURNAL_START.
    """

    newest: EntryId
    at: float


class LagTimer:
    """Measures how long the oldest uncommitted entry has waited.

    The entry's id tells its age, unless Redis's clock was set in between. So the result stays
    between two times that this process has measured: since it saw the entry for the first time,
    and since it saw a journal without this entry for the last time.

    Args:
        clock: The clock that ids come from, in microseconds since 1970.
        monotonic: Clock in seconds that is never set back.
    """

    def __init__(
        self,
        clock: Callable[[], int] = now_microseconds,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clock = clock
        self._monotonic = monotonic
        self._oldest: EntryId | None = None
        self._oldest_seen_at = 0.0
        self._ends: deque[_EndOfJournal] = deque()

    def seconds(self, oldest: EntryId | None, newest: EntryId | None) -> float:
        """Return the age of the oldest uncommitted entry in seconds.

        Args:
            oldest: The entry, None if there is no lag; then the result is 0.
            newest: The newest entry of the journal, None if it is empty.
        """
        now = self._monotonic()
        if oldest is None:
            self._oldest = None
            # What waits later does not wait yet.
            self._ends = deque([_EndOfJournal(JOURNAL_START, now)])
            return 0.0
        age = self._age(oldest, now)
        if len(self._ends) < _MAX_ENDS:
            self._ends.append(_EndOfJournal(newest or JOURNAL_START, now))
        return age

    def _age(self, oldest: EntryId, now: float) -> float:
        if oldest != self._oldest:
            self._oldest, self._oldest_seen_at = oldest, now
        age_by_id = self._clock() / MICROSECONDS - oldest.milliseconds / 1000
        age = max(age_by_id, now - self._oldest_seen_at)
        ends = self._ends
        # The first one that stays is the last one before the oldest entry, if there is one.
        while len(ends) > 1 and ends[1].newest < oldest:
            ends.popleft()
        return min(age, now - ends[0].at) if ends and ends[0].newest < oldest else age

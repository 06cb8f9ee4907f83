"""The schedule of commits: rarely while nobody reads, at once when somebody does.

Each commit writes some blocks of the disk, however few readings it stores. An acknowledged reading
is safe in Redis's file, so it can wait there until a commit pays.
"""

import logging
from typing import Final

from services.broker import Broker
from services.broker.commit_requests import CommitRequests, is_reached
from services.broker.flush_delay import FlushDelay
from services.concurrency import TokenBucket
from services.errors import BrokerRefusedError, BrokerUnavailableError, JournalFullError
from services.log import FaultLog
from services.position import Cursor
from services.writer.pending_commit import PendingCommit

logger = logging.getLogger("writer")

READINGS_PER_COMMIT: Final = 20_000
"""Readings from which on a commit pays."""

_JOURNAL_SHARE: Final = 4
"""A commit is due when this part of the journal's bound waits."""

_RATE: Final = 20.0
_BURST: Final = 200.0
"""Commits in a second, and reads of the journal while readings wait. So a steady flow of single
readings is read, and committed, in groups.
"""

_WAIT_SECONDS: Final = 1.0


class CommitSchedule:
    """Decides when the readings that wait are committed.

    Args:
        broker: The Redis with the journal, which receives the requests.
    """

    def __init__(self, broker: Broker) -> None:
        self._delay = FlushDelay(broker)
        self._requests = CommitRequests(broker)
        self._is_soon = False
        self._target: Cursor | None = None
        self._max_entries = broker.settings.journal_max_entries // _JOURNAL_SHARE
        self._max_bytes = broker.settings.journal_max_bytes // _JOURNAL_SHARE
        self._commits = TokenBucket(_RATE, _BURST)
        self._reads = TokenBucket(_RATE, _BURST)
        self._refused = FaultLog(logger, "commits don't wait for readers", "commits wait again")

    def is_due(self, pending: PendingCommit) -> bool:
        """Return True if the readings that wait must be committed now."""
        return bool(pending) and (
            self._is_soon
            or self._target is not None
            or self._seconds_left(pending) <= 0
            or pending.reading_count >= READINGS_PER_COMMIT
            or pending.entry_count >= self._max_entries
            or pending.size_bytes >= self._max_bytes
        )

    def is_requested(self, pending: PendingCommit) -> bool:
        """Return True if a commit is requested, and all that it asks for waits."""
        target, end = self._target, pending.end
        return target is not None and end is not None and is_reached(target, end.cursor)

    def commit_soon(self) -> None:
        """Make the next commit due."""
        self._is_soon = True

    def committed(self, position: Cursor | None) -> None:
        """Count a commit.

        Args:
            position: What the database holds now, None if a command is not finished. A request
                stays until all that it asks for is committed, or the journal is another one.
        """
        self._is_soon = False
        self._commits.take()
        target = self._target
        if target is not None and position is not None:
            reached = target.epoch != position.epoch or is_reached(target, position)
            self._target = None if reached else target

    def pause_seconds(self) -> float:
        """Return the time to wait before the next commit, normally 0."""
        return self._commits.delay()

    def wait(self, pending: PendingCommit) -> None:
        """Wait until the journal has more, or a commit is requested or due, but at most 1 s.

        Args:
            pending: The readings that wait, at least one.

        Raises:
            BrokerUnavailableError: Redis can't be used.
            JournalFullError: Redis is out of memory.
        """
        seconds = min(_WAIT_SECONDS, self._seconds_left(pending))
        if pending.start is None or pending.end is None or seconds <= 0:
            return
        after = pending.end.cursor.entry
        # At a high rate, several entries are read at once.
        delay = self._reads.delay()
        try:
            if delay:
                self._target = self._requests.wait(pending.start.cursor, min(seconds, delay))
            else:
                self._reads.take()
                self._target = self._requests.wait(pending.start.cursor, seconds, after=after)
            self._refused.end()
        except BrokerRefusedError as error:
            # Nobody could ask for a commit.
            self._refused.begin(error)
            self._is_soon = True
        except (BrokerUnavailableError, JournalFullError):
            self._is_soon = True
            raise

    def _seconds_left(self, pending: PendingCommit) -> float:
        return self._delay.seconds() - pending.age_seconds

"""Requests to commit: a reader of the database asks the writer to store the journal.

The writer commits rarely, which spares the disk. So a reader of the database asks first, and waits
until the database holds everything that was acknowledged before. Requests have a stream of their
own, which holds the last one. So the writer waits for entries and requests with one call, and
misses none.
"""

import threading
import time
from collections.abc import Sequence
from contextlib import closing, suppress
from typing import Final

from services.broker.connection import Broker, translate_errors
from services.broker.round_trip import RoundTrip
from services.errors import BrokerUnavailableError, JournalFullError
from services.position import JOURNAL_START, Cursor, EntryId
from services.settings import Settings

MAX_WAIT_SECONDS: Final = 1.0
"""Time for which a reader waits for the writer. Then it gets what the database has."""

_MIN_POLL_SECONDS: Final = 0.0005
_MAX_POLL_SECONDS: Final = 0.02


class CommitWaiter:
    """Waits until the database holds everything that was acknowledged before.

    Args:
        broker: The Redis with the journal.
    """

    def __init__(self, broker: Broker) -> None:
        self._client = broker.client
        self._keys = broker.keys
        self._request_script = broker.script("request_commit")
        self._script_keys = [broker.keys.journal, broker.keys.state, broker.keys.requests]
        # Nearly every query makes this call, which costs redis-py as much as the query itself.
        self._round_trip = RoundTrip(broker.client)

    def wait(self, seconds: float = MAX_WAIT_SECONDS) -> bool:
        """Ask the writer to commit, and wait until it has.

        Returns:
            False if the database does not hold everything after the given seconds.

        Raises:
            BrokerUnavailableError: Redis can't be used.
            JournalFullError: Redis is out of memory.
        """
        begin = now = time.monotonic()
        target = self.request()
        while target is not None:
            # Sooner at first, so that no wait is much longer than the commit.
            delay = min(max(_MIN_POLL_SECONDS, (now - begin) / 4), _MAX_POLL_SECONDS)
            time.sleep(delay)
            committed = self._committed()
            if committed.epoch != target.epoch:
                # The writer began another journal, of which it may not have stored all.
                target = self.request()
            elif committed.entry >= target.entry:
                return True
            now = time.monotonic()
            if now - begin >= seconds:
                return False
        return True

    def request(self) -> Cursor | None:
        """Ask the writer to commit.

        Returns:
            The cursor that the database has to reach, or None if it holds everything.

        Raises:
            BrokerUnavailableError: Redis can't be used.
            JournalFullError: Redis is out of memory.
        """
        with translate_errors(self._client):
            response = self._round_trip.run_script(self._request_script, self._script_keys)
        if not response:
            return None
        epoch, entry = map(bytes, response)
        return Cursor(epoch.decode(errors="replace"), EntryId.parse(entry))

    def _committed(self) -> Cursor:
        """Return what the database holds, as the writer has acknowledged it."""
        with translate_errors(self._client):
            response = self._round_trip.run_one(["HMGET", self._keys.state, "epoch", "committed"])
        epoch, entry = response
        try:
            committed = JOURNAL_START if entry is None else EntryId.parse(entry)
        except ValueError:
            committed = JOURNAL_START
        return Cursor((epoch or b"").decode(errors="replace"), committed)


def wait_for_commit(settings: Settings) -> None:
    """Wait at most 1 s until the database holds what was acknowledged before.

    Without Redis or a writer, the database is used as it is.
    """
    broker = Broker.connect(settings)

    def wait() -> None:
        with closing(broker), suppress(BrokerUnavailableError, JournalFullError):
            CommitWaiter(broker).wait()

    # A Redis that hangs would hold the caller for 5 s.
    thread = threading.Thread(target=wait, daemon=True)
    thread.start()
    thread.join(MAX_WAIT_SECONDS)


class CommitRequests:
    """Receives requests to commit, for the writer.

    Args:
        broker: The Redis with the stream of the requests.
    """

    def __init__(self, broker: Broker) -> None:
        self._client = broker.client
        self._round_trip = RoundTrip(broker.client)
        self._keys = broker.keys
        self._received = b"0-0"

    def wait(
        self, committed: Cursor, seconds: float, *, after: EntryId | None = None
    ) -> Cursor | None:
        """Wait for a request, but at most the given seconds.

        Args:
            committed: What the database holds; a request for this or less is ignored.
            seconds: The time to wait.
            after: An entry of the journal. If it is given, this also ends when a later one comes.

        Returns:
            What the database has to reach, None if there is no request.

        Raises:
            BrokerUnavailableError: Redis can't be used.
        """
        streams: dict[str, bytes | str] = {self._keys.requests: self._received}
        if after is not None:
            streams[self._keys.journal] = str(after)
        with translate_errors(self._client):
            response = self._round_trip.run_one([
                "XREAD", "COUNT", 1, "BLOCK", max(1, int(seconds * 1000)),
                "STREAMS", *streams, *streams.values(),
            ])  # fmt: skip
        entries = dict(response or ()).get(self._keys.requests.encode())
        if not entries:
            return None
        self._received, fields = entries[0]
        requested = _parse(fields)
        return None if is_reached(requested, committed) else requested


def is_reached(requested: Cursor, committed: Cursor) -> bool:
    """Return True if the database holds what was requested from the same journal."""
    return requested.epoch == committed.epoch and requested.entry <= committed.entry


def _parse(fields: Sequence[bytes]) -> Cursor:
    try:
        _, epoch, _, entry = fields
        return Cursor(epoch.decode(), EntryId.parse(entry))
    except ValueError:
        # Another program has written to the stream.
        return Cursor("", JOURNAL_START)

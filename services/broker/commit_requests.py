"""Requests to commit: a reader asks the writer to store what it has read from the journal.

The writer commits rarely, which spares the disk. So a reader of the database asks first, and waits
until the database holds everything that was acknowledged before. A request is an
announcement on the channel of the commands. It is not in the journal, because it changes nothing.
"""

import re
import threading
import time
from contextlib import closing, suppress
from typing import Any, Final

import redis

from services.broker.connection import Broker, translate_errors
from services.broker.round_trip import Command, RoundTrip
from services.broker.subscription import Announcement, Resubscribed, Subscription
from services.errors import BrokerUnavailableError, JournalFullError
from services.position import JOURNAL_START, Cursor, EntryId
from services.settings import Settings

MAX_WAIT_SECONDS: Final = 1.0
"""Time for which a reader waits for the writer. Then it gets what the database has."""

_MIN_POLL_SECONDS: Final = 0.0005
_MAX_POLL_SECONDS: Final = 0.02
_REPEAT_SECONDS: Final = 0.25
"""Time after which a request is repeated: pub/sub may have lost it."""

_REQUEST: Final = re.compile(rb'\{"commit":"([0-9a-z]{1,40}:\d{1,20}-\d{1,20})"\}')


class CommitWaiter:
    """Waits until the database holds everything that was acknowledged before.

    Args:
        broker: The Redis with the journal.
    """

    def __init__(self, broker: Broker) -> None:
        self._client = broker.client
        self._keys = broker.keys
        self._request_script = broker.script("request_commit")
        self._script_keys = [broker.keys.journal, broker.keys.state]
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
        end, repeat_at = now + seconds, now + _REPEAT_SECONDS
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
            if now >= end:
                return False
            if now >= repeat_at:
                self.request()
                repeat_at = now + _REPEAT_SECONDS
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
            response = self._call_script()
        if not response:
            return None
        epoch, entry = map(bytes, response)
        return Cursor(epoch.decode(errors="replace"), EntryId.parse(entry))

    def _call_script(self) -> Any:
        keys, args = self._script_keys, [self._keys.commands]
        with suppress(redis.ConnectionError):
            command: Command = ["EVALSHA", self._request_script.sha, len(keys), *keys, *args]
            (response,) = self._round_trip.run([command])
            if not isinstance(response, Exception):
                return response
        # Redis doesn't know the script yet, has ended the connection, or refuses the call.
        return self._request_script(keys=keys, args=args)

    def _committed(self) -> Cursor:
        """Return what the database holds, as the writer has acknowledged it."""
        with translate_errors(self._client):
            fields: list[Any] = self._client.hmget(self._keys.state, ["epoch", "committed"])
        epoch, entry = fields
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
    """Receives requests to commit, for the writer. A command counts as one.

    Args:
        broker: The Redis with the channel of the commands.
    """

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._subscription: Subscription | None = None

    def wait(self, committed: Cursor, seconds: float) -> bool:
        """Wait for a request, but at most the given seconds.

        Args:
            committed: What the database holds; a request for this or less is ignored.
            seconds: The time to wait.

        Returns:
            True if there is a request, or if one may have been missed.

        Raises:
            BrokerUnavailableError: Redis can't be used.
            JournalFullError: Redis is out of memory.
        """
        end = time.monotonic() + seconds
        try:
            if self._subscription is None:
                self._subscription = Subscription(self._broker, [self._broker.keys.commands])
            while True:
                event = self._subscription.get(max(0.0, end - time.monotonic()))
                if isinstance(event, Resubscribed):
                    return True
                if isinstance(event, Announcement) and _is_new(event, committed):
                    return True
                if time.monotonic() >= end:
                    return False
        except (BrokerUnavailableError, JournalFullError):
            self.close()
            raise

    def close(self) -> None:
        """End the subscription."""
        if self._subscription is not None:
            subscription, self._subscription = self._subscription, None
            subscription.close()


def _is_new(announcement: Announcement, committed: Cursor) -> bool:
    """Return True if the database does not hold yet what an announcement asks for."""
    requested = announcement.cursor
    match = _REQUEST.fullmatch(announcement.text)
    if match is not None:
        requested = Cursor.parse(match[1].decode())
    if requested is None or requested.epoch != committed.epoch:
        # Another instance of the same channel, or a journal that was just created.
        return True
    return requested.entry > committed.entry

"""Follows the journal: subscribe, catch up, drop duplicates, go live.

Pub/sub is fast, but it stores no messages; the journal does. So the follower reads the journal
whenever it may have missed a message: when the subscription begins, when it begins again, and when
an announced id does not increase. Commands are announced on a channel of their own. A follower
that misses the announcement of a command finds the command in the journal.
"""

import time
from collections import deque
from collections.abc import Iterator, Sequence
from itertools import takewhile
from typing import Final, NamedTuple

from services.broker.connection import Broker
from services.broker.entries import Entry, JournalSnapshot
from services.broker.gap_detection import (
    JOURNAL_RECREATED,
    cursor_after_gap,
    detect_discontinuity,
    reaches_back,
)
from services.broker.journal import Journal
from services.broker.lazy_readings import LazyReadings
from services.broker.subscription import Announcement, Resubscribed, Subscription
from services.command import Command
from services.concurrency import Backoff
from services.errors import BrokerUnavailableError, JournalFullError, MalformedError
from services.formats.commands import decode_command
from services.position import JOURNAL_START, Checkpoint, Cursor, EntryId
from services.reading import Reading

PAGE_ENTRIES: Final = 500
"""Maximum number of entries that are read from the journal at once."""

PAGE_READINGS: Final = 5_000
"""Pages end at multiples of this, so that reconnecting viewers share cached pages."""

_POLL_SECONDS: Final = 0.25

_MAX_OTHER_EPOCHS: Final = 64
"""Epochs of other instances that are remembered. Each other one costs a read of the journal."""


class Started(NamedTuple):
    """The follower starts at the end of the journal; every event has a later cursor."""

    cursor: Cursor


class Received(NamedTuple):
    """A message or a command was received.

    Attributes:
        cursor: The position after it.
        readings: Its readings, none for a command.
        command: The command, None for a message.
    """

    cursor: Cursor
    readings: Sequence[Reading]
    command: Command | None = None


class DataLost(NamedTuple):
    """The journal no longer holds some entries that were not received.

    Attributes:
        reason: A sentence for people about the loss.
        cursor: The position from which the follower goes on.
    """

    reason: str
    cursor: Cursor


class CaughtUp(NamedTuple):
    """Everything in the journal was received; later events are live."""


class Disconnected(NamedTuple):
    """Redis can't be used; the follower connects again after a delay."""

    error: BrokerUnavailableError | JournalFullError


Event = Started | Received | DataLost | CaughtUp | Disconnected


class Follower:
    """Follows the journal from its end on, across failures of Redis."""

    def __init__(self, broker: Broker, journal: Journal) -> None:
        self._broker = broker
        self._journal = journal
        self._cursor: Cursor | None = None
        # Counters of the entry at the cursor. The sequence number is None after a loss: then the
        # next entry is accepted as it is.
        self._sequence: int | None = None
        self._reading_count = 0
        # The journal was read up to here, so an announcement of these entries is a late one.
        self._read_until = JOURNAL_START
        self._catch_up_requested = False
        # Epochs of other instances, whose messages share the channel: pub/sub ignores the number
        # of the Redis database.
        self._other_epochs: deque[str] = deque(maxlen=_MAX_OTHER_EPOCHS)

    def events(self) -> Iterator[Event]:
        """Yield the events from now on. Never ends."""
        backoff = Backoff(0.25, 2.0)
        while True:
            try:
                for event in self._subscribe_and_follow():
                    if isinstance(event, CaughtUp):
                        backoff.reset()
                    yield event
            except (BrokerUnavailableError, JournalFullError) as error:
                yield Disconnected(error)
                time.sleep(backoff.next_delay())

    def request_catch_up(self) -> None:
        """Read the journal soon, because it may hold entries that were not announced."""
        self._catch_up_requested = True

    def clear_catch_up_request(self) -> bool:
        """Return True if a catch-up was requested since the last call."""
        requested, self._catch_up_requested = self._catch_up_requested, False
        return requested

    def _subscribe_and_follow(self) -> Iterator[Event]:
        keys = self._broker.keys
        # One connection for all channels, so announcements keep the order of the journal.
        subscription = Subscription(self._broker, [keys.channel, keys.adopted, keys.commands])
        try:
            while True:
                event = subscription.get(_POLL_SECONDS)
                requested = self.clear_catch_up_request()
                if requested or isinstance(event, Resubscribed):
                    # A Redis that was restarted may have loaded an older epoch.
                    self._other_epochs.clear()
                    yield from self.catch_up()
                if isinstance(event, Announcement):
                    yield from self.handle_announcement(event)
        finally:
            subscription.close()

    def handle_announcement(self, announcement: Announcement) -> Iterator[Event]:
        """Yield the events that follow from an announcement.

        An external message yields nothing: the channel bridge announces it again, with an id. A
        message of another instance yields nothing either.

        Raises:
            BrokerUnavailableError: The journal had to be read, and Redis can't be used.
            JournalFullError: Redis is out of memory.
        """
        announced, current = announcement.cursor, self._cursor
        if announced is None or current is None:
            return
        if announced.epoch == current.epoch and announced.entry > current.entry:
            received = self._received_from(announcement, announced)
            sequence = None if self._sequence is None else self._sequence + 1
            self._move(announced, sequence, self._reading_count + len(received.readings))
            yield received
        elif announced.epoch != current.epoch:
            if announced.epoch not in self._other_epochs:
                yield from self.catch_up()
                if announced.epoch != self._require_cursor().epoch:
                    self._other_epochs.append(announced.epoch)
        elif announced.entry > self._read_until:
            yield from self.catch_up()

    def _received_from(self, announcement: Announcement, cursor: Cursor) -> Received:
        if announcement.channel != self._broker.keys.commands:
            return _received(cursor, "m", announcement.text)
        # Without the id, which is its first field, it is the text of the command.
        return _received(cursor, "c", b"{%b" % announcement.text.partition(b",")[2])

    def catch_up(self) -> Iterator[Event]:
        """Read the journal from the follower's position to its end.

        The first call only finds the end of the journal, and yields Started and CaughtUp.

        Raises:
            BrokerUnavailableError: Redis can't be used.
            JournalFullError: Redis is out of memory.
        """
        if self._cursor is None:
            end = self._journal.end()
            self._move(*end)
            self._read_until = end.cursor.entry
            yield Started(end.cursor)
        more = True
        while more:
            cursor = self._require_cursor()
            snapshot = _read_from(self._journal, cursor.entry, PAGE_ENTRIES)
            reason = self._discontinuity(cursor, snapshot)
            if reason is not None:
                cursor = cursor_after_gap(cursor, snapshot, self._journal.end().cursor)
                self._move(cursor, None, 0)
                yield DataLost(reason, cursor)
                continue
            for entry in snapshot.entries:
                if entry.id > cursor.entry:
                    yield self._receive(Cursor(cursor.epoch, entry.id), entry)
            more = len(snapshot.entries) > PAGE_ENTRIES
        # The last snapshot reached the end, and its counters belong to the same moment.
        cursor = self._require_cursor()
        self._move(cursor, snapshot.last_sequence, snapshot.reading_count)
        self._read_until = cursor.entry
        yield CaughtUp()

    def _receive(self, cursor: Cursor, entry: Entry) -> Received:
        # An entry that another tool appended has no counters.
        self._move(
            cursor, entry.sequence or self._sequence, max(entry.reading_count, self._reading_count)
        )
        return _received(cursor, entry.kind, entry.text)

    def _require_cursor(self) -> Cursor:
        if self._cursor is None:
            raise RuntimeError("the follower has not started")
        return self._cursor

    def _move(self, cursor: Cursor, sequence: int | None, reading_count: int) -> None:
        self._cursor, self._sequence, self._reading_count = cursor, sequence, reading_count

    def _discontinuity(self, cursor: Cursor, snapshot: JournalSnapshot) -> str | None:
        if self._sequence is None:
            return JOURNAL_RECREATED if snapshot.epoch != cursor.epoch else None
        position = Checkpoint(cursor, self._sequence, self._reading_count)
        return detect_discontinuity(position, snapshot)


def read_after(journal: Journal, cursor: Cursor, max_entries: int) -> list[Received] | None:
    """Read one page of the journal.

    Args:
        journal: The journal.
        cursor: The position before the page.
        max_entries: Maximum number of messages and commands in the page.

    Returns:
        The messages and commands after the cursor, with at most PAGE_READINGS readings and one
        more message. None if the journal no longer holds everything after the cursor.

    Raises:
        BrokerUnavailableError: Redis can't be used.
    """
    snapshot = _read_from(journal, cursor.entry, max_entries)
    if snapshot.epoch != cursor.epoch or not reaches_back(snapshot, cursor.entry):
        return None
    entries = [entry for entry in snapshot.entries if entry.id > cursor.entry]
    page = entries[0].reading_count // PAGE_READINGS + 1 if entries else 0
    return [
        _received(Cursor(cursor.epoch, entry.id), entry.kind, entry.text)
        for entry in takewhile(lambda e: e.reading_count <= page * PAGE_READINGS, entries)
    ]


def _read_from(journal: Journal, entry: EntryId, max_entries: int) -> JournalSnapshot:
    """Read the given entry, if the journal still holds it, and at most `max_entries` after it."""
    return journal.read(entry.previous, max_entries + 1)


def _received(cursor: Cursor, kind: str, text: bytes) -> Received:
    readings = LazyReadings(text) if kind == "m" else []
    return Received(cursor, readings, _command(text) if kind == "c" else None)


def _command(text: bytes) -> Command | None:
    try:
        return decode_command(text)
    except MalformedError:
        # The writer reports it; a viewer has no use for it.
        return None

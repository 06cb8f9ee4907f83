"""Follows the journal: subscribe, catch up, drop duplicates, go live.

Pub/sub says at once what is new, and forgets it; the journal keeps it. So the journal is read from
where we stand whenever something may have been missed: the subscription has begun, or begun again,
or an id does not increase. Commands are in the journal too, and are announced on a channel of
their own; by whoever does not hear them there, only the journal can tell them from a hole.
"""

import time
from collections.abc import Iterator, Sequence
from itertools import takewhile
from typing import Final, NamedTuple

from services.broker.connection import Broker
from services.broker.entries import Entry, JournalSnapshot
from services.broker.journal import Journal
from services.broker.lazy_readings import LazyReadings
from services.broker.subscription import Announcement, Resubscribed, Subscription
from services.command import Command
from services.concurrency import Backoff
from services.errors import BrokerUnavailableError, JournalFullError, MalformedError
from services.formats.commands import decode_command
from services.position import JOURNAL_START, Cursor, EntryId
from services.reading import Reading

PAGE_ENTRIES: Final = 500
"""Entries of the journal in one look."""

PAGE_READINGS: Final = 5_000
"""Where a multiple of it is passed, a page ends: so all who go on from there share the next."""

_LISTEN_SECONDS: Final = 0.25
_ANEW: Final = "the journal was lost and made anew"
_CUT: Final = "the journal lost its newest entries"
_TRIMMED: Final = "messages were trimmed before they could be read"


class Started(NamedTuple):
    """The end of the journal, which everything comes after."""

    cursor: Cursor


class Received(NamedTuple):
    """The next message or command: the cursor after it, and what it holds."""

    cursor: Cursor
    readings: Sequence[Reading]
    command: Command | None = None


class DataLost(NamedTuple):
    """Something is missing that nobody can tell any more; what comes next comes after `cursor`."""

    reason: str
    cursor: Cursor


class CaughtUp(NamedTuple):
    """All that the journal has was handed out; what comes now has just been published."""


class Disconnected(NamedTuple):
    """Redis can't be used; it is tried again after a while."""

    error: BrokerUnavailableError | JournalFullError


Event = Started | Received | DataLost | CaughtUp | Disconnected


class Follower:
    """Where we are in the journal, and what comes after it."""

    def __init__(self, broker: Broker, journal: Journal) -> None:
        self._broker = broker
        self._journal = journal
        self._cursor: Cursor | None = None
        # The number of the last entry, as far as we know, and the readings up to it. None: what
        # the journal has next is taken as it is.
        self._n: int | None = None
        self._r = 0
        # Where the journal was last read to: what is announced up to there is no news.
        self._read = JOURNAL_START
        self._asked = False

    def events(self) -> Iterator[Event]:
        """What happens from now on, for ever, across outages of Redis."""
        pause = Backoff(0.25, 2.0)
        while True:
            try:
                for event in self._listen():
                    if isinstance(event, CaughtUp):
                        pause.reset()
                    yield event
            except (BrokerUnavailableError, JournalFullError) as error:
                yield Disconnected(error)
                time.sleep(pause.next_delay())

    def request_catch_up(self) -> None:
        """Have the journal read soon: it may hold what is not announced."""
        self._asked = True

    def _listen(self) -> Iterator[Event]:
        names = self._broker.keys
        # Both channels are on one connection, so messages come in the journal's order.
        subscription = Subscription(self._broker, [names.channel, names.adopted, names.commands])
        try:
            while True:
                event = subscription.get(_LISTEN_SECONDS)
                if isinstance(event, Resubscribed) or self._asked:
                    self._asked = False
                    yield from self.catch_up()
                if isinstance(event, Announcement):
                    yield from self.handle_announcement(event)
        finally:
            subscription.close()

    def handle_announcement(self, message: Announcement) -> Iterator[Event]:
        """Take a message from a channel. What has no id of ours comes again when it has one."""
        cursor, ours = message.cursor, self._cursor
        if cursor is None or ours is None:
            return
        if cursor.epoch == ours.epoch and cursor.entry > ours.entry:
            if message.channel == self._broker.keys.commands:
                arrived = _arrived(cursor, "c", b"{%b" % message.text.partition(b",")[2])
            else:
                arrived = _arrived(cursor, "m", message.text)
            n = None if self._n is None else self._n + 1
            self._advance(cursor, n, self._r + len(arrived.readings))
            yield arrived
        elif cursor.epoch != ours.epoch or cursor.entry > self._read:
            yield from self.catch_up()

    def catch_up(self) -> Iterator[Event]:
        """What the journal has after our place in it; at first, only where its end is.

        Raises BrokerUnavailableError, JournalFullError.
        """
        if self._cursor is None:
            end = self._journal.end()
            self._advance(end.cursor, end.sequence, end.reading_count)
            self._read = end.cursor.entry
            yield Started(end.cursor)
        more = True
        while more:
            cursor = self._place()
            seen = read_from(self._journal, cursor.entry, PAGE_ENTRIES)
            reason = self._broken(cursor, seen)
            if reason is not None:
                cursor = self._go_on(cursor, seen)
                yield DataLost(reason, cursor)
                continue
            for entry in seen.entries:
                if entry.id > cursor.entry:
                    yield from self._taken(Cursor(cursor.epoch, entry.id), entry)
            more = len(seen.entries) > PAGE_ENTRIES
        # The look was complete, and its counts are of the same moment.
        cursor = self._place()
        self._advance(cursor, seen.last_sequence, seen.reading_count)
        self._read = cursor.entry
        yield CaughtUp()

    def _taken(self, cursor: Cursor, entry: Entry) -> Iterator[Event]:
        # What none of ours has appended has no number.
        self._advance(cursor, entry.sequence or self._n, max(entry.reading_count, self._r))
        yield _arrived(cursor, entry.kind, entry.text)

    def _place(self) -> Cursor:
        if self._cursor is None:
            raise RuntimeError("nothing was followed yet")
        return self._cursor

    def _advance(self, cursor: Cursor, n: int | None, r: int) -> None:
        self._cursor, self._n, self._r = cursor, n, r

    def _broken(self, cursor: Cursor, seen: JournalSnapshot) -> str | None:
        """Why what was seen does not follow on our place, or None if it does."""
        if seen.epoch != cursor.epoch:
            return _ANEW
        if self._n is None:
            return None
        if seen.last_sequence < self._n or (seen.last or JOURNAL_START) < cursor.entry:
            return _CUT
        first = seen.entries[0] if seen.entries else None
        if first is not None and first.id == cursor.entry:
            return None
        if seen.first is not None and seen.first.id < cursor.entry:
            return _CUT
        next_n, readings = seen.last_sequence + 1, seen.reading_count
        if first is not None:
            next_n, readings = (
                first.sequence,
                first.reading_count - len(list(LazyReadings(first.text))),
            )
        # With as many readings as before, nothing but commands is missing.
        return None if next_n == self._n + 1 or readings == self._r else _TRIMMED

    def _go_on(self, cursor: Cursor, seen: JournalSnapshot) -> Cursor:
        """Where to go on in a journal that does not follow on our place."""
        end = self._journal.end()
        if end.cursor.epoch != cursor.epoch:
            # It may still hold entries of the old one, which we have had.
            entry = min(end.cursor.entry, cursor.entry)
        elif seen.first is not None and seen.first.id > cursor.entry:
            entry = seen.first.id.before
        else:
            entry = end.cursor.entry
        self._advance(Cursor(end.cursor.epoch, entry), None, 0)
        return self._place()


def read_from(journal: Journal, place: EntryId, count: int) -> JournalSnapshot:
    """The entry at this place, if it is still there, and up to `count` after it."""
    return journal.read(place.before, count + 1)


def read_after(journal: Journal, cursor: Cursor, count: int) -> list[Received] | None:
    """Up to `count` messages after a cursor, or None where the journal does not reach back to it.

    They hold PAGE_READINGS readings at most, and one message more. Raises BrokerUnavailableError.
    """
    seen = read_from(journal, cursor.entry, count)
    if seen.epoch != cursor.epoch or not _reaches_back(seen, cursor.entry):
        return None
    entries = [entry for entry in seen.entries if entry.id > cursor.entry]
    most = (entries[0].reading_count // PAGE_READINGS + 1) * PAGE_READINGS if entries else 0
    return [
        _arrived(Cursor(cursor.epoch, entry.id), entry.kind, entry.text)
        for entry in takewhile(lambda entry: entry.reading_count <= most, entries)
    ]


def _reaches_back(seen: JournalSnapshot, place: EntryId) -> bool:
    """Whether a look at the journal saw all that ever came after this place."""
    if seen.entries and seen.entries[0].id == place:
        return True
    if seen.first is None:
        return seen.last_sequence == 0 and place == JOURNAL_START
    return seen.first.sequence == 1 and place < seen.first.id


def _arrived(cursor: Cursor, kind: str, text: bytes) -> Received:
    """What is in an entry. A command moves us on as well: without readings, but with its cursor."""
    return Received(
        cursor,
        LazyReadings(text) if kind == "m" else [],
        _command(text) if kind == "c" else None,
    )


def _command(text: bytes) -> Command | None:
    try:
        return decode_command(text)
    except MalformedError:
        return None

"""The relay: one subscription a process, which feeds the hub.

Both channels are on one connection, so messages come in the journal's order. Whenever something
may have been missed - the subscription has begun, or begun again, or an id does not increase -
the journal is read from where the hub stands: that is the only way to catch up.
"""

import logging
import re
from collections.abc import Callable
from typing import Final

import gevent

from services.broker import Announcement, Broker, Entry, Gap, Journal, Slice, Subscription
from services.cursor import JOURNAL_START, Cursor, EntryId
from services.errors import BrokerUnavailableError, JournalFullError, MalformedError
from services.formats.json import decode_entry
from services.lifecycle import Backoff
from services.log import Outage
from services.reading import Reading
from services.web import frames
from services.web.hub import Hub

logger = logging.getLogger("web")

PAGE: Final = 500
"""Entries of the journal in one look."""

_LISTEN_SECONDS: Final = 1.0

# How a message begins that the publish script has made.
_OURS = re.compile(rb'\{"id":"([0-9a-z]+):(\d{1,20}-\d{1,20})"')


class Relay:
    """Keeps the hub where the journal is.

    taken: called after the hub has taken something, to have it sent.
    """

    def __init__(
        self, broker: Broker, journal: Journal, hub: Hub, taken: Callable[[], None]
    ) -> None:
        self._broker = broker
        self._journal = journal
        self._hub = hub
        self._taken = taken
        # The number of the entry that the hub stands at, and where the journal was last read to.
        self._n = 0
        self._caught_up = JOURNAL_START

    def run(self) -> None:
        """Relay for ever."""
        outage, pause = Outage(logger, "nothing live can be shown"), Backoff(0.25, 2.0)
        while True:
            try:
                self._listen(outage, pause)
            except (BrokerUnavailableError, JournalFullError) as error:
                outage.begin(error)
                gevent.sleep(pause.pause())

    def _listen(self, outage: Outage, pause: Backoff) -> None:
        names = self._broker.names
        subscription = Subscription(self._broker, [names.channel, names.adopted])
        try:
            while True:
                event = subscription.get(_LISTEN_SECONDS)
                if isinstance(event, Gap):
                    self.catch_up()
                    outage.end()
                    pause.reset()
                elif isinstance(event, Announcement):
                    self.announced(event.text)
        finally:
            subscription.close()

    def announced(self, text: bytes) -> None:
        """Take a message from a channel. What has no id of ours comes again when it has one."""
        match = _OURS.match(text)
        position = self._hub.position
        if match is None or position is None:
            return
        entry = EntryId.parse(match[2])
        if match[1].decode() == position.epoch and entry > position.entry:
            self._take(entry, text)
        elif match[1].decode() != position.epoch or entry > self._caught_up:
            self.catch_up()

    def catch_up(self) -> None:
        """Take from the journal what comes after the hub's position. BrokerUnavailableError."""
        if self._hub.position is None:
            self._start()
        more = True
        while more:
            position = self._position()
            seen = self._journal.read(position.entry, PAGE)
            reason = self._broken(position, seen)
            if reason is not None:
                self._start()
                self._hub.broadcast(frames.reset(reason, self._position()))
                return
            for entry in seen.entries:
                self._take(entry.id, entry.text)
            more = len(seen.entries) == PAGE
        self._caught_up = self._position().entry

    def _start(self) -> None:
        end = self._journal.end()
        self._n = end.n
        self._hub.start(end.cursor)
        self._caught_up = end.cursor.entry

    def _broken(self, position: Cursor, seen: Slice) -> str | None:
        if seen.epoch != position.epoch:
            return "the journal was lost and made anew"
        if seen.n < self._n or (seen.last or JOURNAL_START) < position.entry:
            return "the journal lost its newest entries"
        next_n = seen.entries[0].n if seen.entries else seen.n + 1
        if next_n != self._n + 1:
            return "messages were trimmed before they were relayed"
        return None

    def _position(self) -> Cursor:
        if self._hub.position is None:
            raise RuntimeError("the hub has not been started")
        return self._hub.position

    def _take(self, entry: EntryId, text: bytes) -> None:
        self._hub.take(entry, readings_of(text))
        self._n += 1
        self._taken()


def readings_of(text: bytes) -> list[Reading]:
    """The readings of a message; none where it is malformed, which the writer will say."""
    try:
        return decode_entry(text).readings
    except MalformedError:
        return []


def reaches_back(seen: Slice, cursor: Cursor) -> bool:
    """Whether a look at the journal after `cursor` saw everything that ever came after it."""
    first: Entry | None = seen.first
    if seen.epoch != cursor.epoch:
        return False
    if first is None:
        return seen.n == 0
    return first.id <= cursor.entry or first.n == 1

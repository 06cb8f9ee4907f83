"""Follows the journal from now on: every reading, in order, none twice, across outages of Redis."""

import time
from collections.abc import Callable, Iterator

from services.broker import Announcement, Broker, Gap, Journal, Subscription
from services.cursor import Cursor
from services.errors import BrokerUnavailableError, JournalFullError, MalformedError
from services.formats.json import decode_entry, message_id
from services.lifecycle import Backoff
from services.reading import Reading

_PAGE = 500
_LISTEN_SECONDS = 2.0
_LOST = "readings may be missing here: "


class Follower:
    """Where we are in the journal. notice: is told, once each, what an operator should know."""

    def __init__(self, broker: Broker, notice: Callable[[str], None]) -> None:
        self._broker = broker
        self._journal = Journal(broker)
        self._notice = notice
        self._cursor: Cursor | None = None

    def readings(self) -> Iterator[Reading]:
        """All readings that come from now on, for ever."""
        pause, away = Backoff(0.25, 2.0), False
        while True:
            try:
                for reading in self._listen():
                    if reading is not None:
                        yield reading
                    elif away:
                        self._notice("Redis is back")
                        pause.reset()
                        away = False
            except (BrokerUnavailableError, JournalFullError) as error:
                if not away:
                    self._notice(f"{error}; waiting for it")
                away = True
                time.sleep(pause.pause())

    def _listen(self) -> Iterator[Reading | None]:
        """Readings from one subscription; None tells that it stands and all is caught up."""
        names = self._broker.names
        subscription = Subscription(self._broker, [names.channel, names.adopted])
        try:
            while True:
                event = subscription.get(_LISTEN_SECONDS)
                if isinstance(event, Gap):
                    yield from self._catch_up()
                    yield None
                elif isinstance(event, Announcement):
                    yield from self._announced(event.text)
        finally:
            subscription.close()

    def _announced(self, text: bytes) -> Iterator[Reading]:
        """What a message holds, if it is new. Strangers' come again once they have an id."""
        try:
            cursor = Cursor.parse(message_id(text) or "")
        except ValueError:
            return
        if self._cursor is None or cursor.epoch != self._cursor.epoch:
            yield from self._catch_up()
        elif cursor.entry > self._cursor.entry:
            self._cursor = cursor
            yield from _readings(text)

    def _catch_up(self) -> Iterator[Reading]:
        """What the journal holds beyond where we are; at first, only where we are."""
        if self._cursor is None:
            self._cursor = self._journal.end().cursor
            return
        more = True
        while more:
            seen = self._journal.read(self._cursor.entry, _PAGE)
            if seen.epoch != self._cursor.epoch:
                self._notice(f"{_LOST}the journal was made anew")
                end = self._journal.end().cursor
                # A new journal may still hold entries of the old one, which we have had.
                self._cursor = Cursor(end.epoch, min(end.entry, self._cursor.entry))
                continue
            if seen.first is not None and seen.first.id > self._cursor.entry and seen.first.n > 1:
                self._notice(f"{_LOST}the journal no longer reaches back so far")
            for entry in seen.entries:
                self._cursor = Cursor(self._cursor.epoch, entry.id)
                if entry.kind == "m":
                    yield from _readings(entry.text)
            more = len(seen.entries) == _PAGE


def _readings(text: bytes) -> list[Reading]:
    """The readings of a message; none where it is malformed, which is the writer's to say."""
    try:
        return decode_entry(text).readings
    except MalformedError:
        return []

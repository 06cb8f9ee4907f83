"""The past: what came after a cursor, page by page, from the hub's memory or the journal.

After a restart all viewers come back at one time, most of them with the same cursor. So a page is
read once for all who ask for it, and encoded once for each selection of series.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

import gevent

from services.broker import PAGE_ENTRIES, PAGE_READINGS, Journal, Received, read_after
from services.command import affected_series
from services.errors import BrokerUnavailableError, JournalFullError
from services.position import Cursor
from services.reading import ts_to_seconds
from services.web.live import frames
from services.web.live.frames import Frame
from services.web.live.hub import Hub, RecentMessage, Selection

_MOST_PAGES: Final = 16
_MOST_PIECES: Final = 16
_WORTH_KEEPING: Final = 500
"""Readings that make a page of the hub's memory worth to be kept for others."""

_FIRST_ENTRIES: Final = 10
"""Entries in the first look at the journal, before it is known how much is in them."""


class ReplayFrames(NamedTuple):
    """What a page is for a selection. numbers: to be told before; size: its readings."""

    numbers: dict[str, int]
    frames: list[Frame]
    size: int


class ReplayPage:
    """Messages that follow on a cursor. end: the cursor after them."""

    def __init__(self, end: Cursor, messages: Sequence[RecentMessage], hub: Hub) -> None:
        self.end = end
        self._messages = messages
        self._hub = hub
        self._pieces: dict[frozenset[str], ReplayFrames] = {}

    def frames_for(self, selection: Selection) -> ReplayFrames:
        """The frames for those who have selected this."""
        piece = self._pieces.get(selection.patterns)
        if piece is None:
            if len(self._pieces) >= _MOST_PIECES:
                self._pieces.clear()
            piece = self._pieces[selection.patterns] = self._encoded(selection)
        return piece

    def _encoded(self, selection: Selection) -> ReplayFrames:
        """Frames of bounded size, in the journal's order."""
        numbers: dict[str, int] = {}
        made: list[Frame] = []
        columns: frames.Columns = {}
        size = sent = 0
        cursor = self.end
        for message in self._messages:
            changed = any(name in selection for name in message.changed)
            if columns and (changed or size - sent >= PAGE_READINGS):
                # With the cursor before a change: who goes now is to hear of it.
                made.append(frames.readings(cursor, columns))
                columns, sent = {}, size
            cursor = self.end._replace(entry=message.entry)
            if changed:
                made.append(frames.changed(cursor, message.changed))
            for reading in message.readings:
                number = (
                    self._hub.series_id(reading.series) if reading.series in selection else None
                )
                if number is not None:
                    times, values = columns.setdefault(number, ([], []))
                    times.append(ts_to_seconds(reading.ts))
                    values.append(reading.value)
                    numbers[reading.series] = number
                    size += 1
        if columns:
            made.append(frames.readings(cursor, columns))
        return ReplayFrames(numbers, made, size)


_Key = tuple[int, Cursor]


class ReplayCache:
    """Pages of what the hub remembers and of what only the journal has."""

    def __init__(self, journal: Journal, hub: Hub) -> None:
        self._journal = journal
        self._hub = hub
        self._pages: dict[_Key, ReplayPage] = {}
        self._asked: dict[_Key, gevent.Greenlet] = {}
        self._entries = _FIRST_ENTRIES

    def recent_pages(self, cursor: Cursor) -> list[ReplayPage] | None:
        """All that came after a cursor up to where the hub is now, without waiting.

        None where the hub's memory does not reach back to it.
        """
        recent = self._hub.recent_since(cursor)
        if recent is None:
            return None
        pages: list[ReplayPage] = []
        while recent:
            # One of the journal's, which may be ahead of the hub, begins before the memory does.
            page = self._pages.get(self._key(cursor))
            if page is None:
                page = ReplayPage(cursor._replace(entry=recent[-1].entry), recent, self._hub)
                if sum(message.size for message in recent) >= _WORTH_KEEPING:
                    self._keep(self._key(cursor), page)
            pages.append(page)
            cursor = page.end
            recent = self._hub.recent_since(cursor)
        return pages

    def read_page(self, cursor: Cursor) -> ReplayPage | None:
        """What the journal has next after a cursor; None where it does not reach back to it.

        Waits. Raises BrokerUnavailableError, JournalFullError.
        """
        key = self._key(cursor)
        page = self._pages.get(key)
        if page is not None:
            return page
        if key not in self._asked:
            self._asked[key] = gevent.spawn(self._read, key)
        found: ReplayPage | Exception | None = self._asked[key].get()
        if isinstance(found, Exception):
            raise found
        return found

    def clear(self) -> None:
        """Let go of what was kept for those who come back at one time."""
        self._pages.clear()

    def _read(self, key: _Key) -> ReplayPage | Exception | None:
        _, cursor = key
        try:
            found = read_after(self._journal, cursor, self._entries)
        except (BrokerUnavailableError, JournalFullError) as error:
            return error
        finally:
            del self._asked[key]
        if not found:
            return None
        readings = sum(len(message.readings) for message in found)
        self._entries = max(
            1, min(PAGE_ENTRIES, 2 * PAGE_READINGS * len(found) // max(1, readings))
        )
        page = ReplayPage(found[-1].cursor, [_relayed(message) for message in found], self._hub)
        self._keep(key, page)
        return page

    def _key(self, cursor: Cursor) -> _Key:
        # A hub that began anew may have lost what was after a cursor.
        return self._hub.starts, cursor

    def _keep(self, key: _Key, page: ReplayPage) -> None:
        while len(self._pages) >= _MOST_PAGES:
            del self._pages[next(iter(self._pages))]
        self._pages[key] = page


def _relayed(message: Received) -> RecentMessage:
    command = message.command
    return RecentMessage(
        message.cursor.entry, message.readings, affected_series(command) if command else ()
    )

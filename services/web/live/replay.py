"""Replays of what reconnecting viewers missed, in pages from the ring buffer or the journal.

After a restart all viewers reconnect at the same time, most of them with the same cursor. So a
page is read once for all viewers, and encoded once for each selection.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple
from weakref import WeakKeyDictionary

import gevent

from services.broker import PAGE_ENTRIES, PAGE_READINGS, Journal, read_after
from services.errors import BrokerUnavailableError, JournalFullError
from services.position import Cursor
from services.web.live import frames
from services.web.live.columns import LiveColumns, add_readings
from services.web.live.frames import Frame
from services.web.live.recent import LiveMessage, RecentMessages
from services.web.live.selection import Selection
from services.web.live.series_ids import SeriesIds

MAX_CACHED_PAGES: Final = 16
MIN_CACHED_READINGS: Final = 500
"""Readings from which on a page of the ring buffer is cached for other viewers."""

_MAX_SELECTIONS_PER_PAGE: Final = 16
_FIRST_ENTRIES: Final = 10
"""Entries in the first read of the journal, before the readings in an entry are known."""


class ReplayFrames(NamedTuple):
    """A page, encoded for one selection.

    Attributes:
        frames: The frames, in the journal's order. The ids in them must be announced before.
        reading_count: Number of readings in the frames.
    """

    frames: list[Frame]
    reading_count: int


class ReplayPage:
    """The messages that follow a cursor.

    Args:
        end: Cursor of the last message.
        messages: The messages, in the journal's order.
        series_ids: Ids of series.
        page_readings: Readings after which a frame ends.

    Attributes:
        end: Cursor of the last message.
    """

    def __init__(
        self,
        end: Cursor,
        messages: Sequence[LiveMessage],
        series_ids: SeriesIds,
        page_readings: int = PAGE_READINGS,
    ) -> None:
        self.end: Final = end
        self._messages = messages
        self._series_ids = series_ids
        self._page_readings = page_readings
        self._encoded: WeakKeyDictionary[Selection, ReplayFrames] = WeakKeyDictionary()
        for message in messages:
            series_ids.add(message.readings)

    @property
    def weight(self) -> int:
        """Number of readings and of messages without readings."""
        return sum(message.weight for message in self._messages)

    def is_encoded(self, selection: Selection) -> bool:
        """Return True if `encode` need not encode."""
        return selection in self._encoded

    def encode(self, selection: Selection) -> ReplayFrames:
        """Return the frames for viewers with this selection."""
        encoded = self._encoded.get(selection)
        if encoded is None:
            if len(self._encoded) >= _MAX_SELECTIONS_PER_PAGE:
                self._encoded.clear()
            encoded = self._encoded[selection] = self._encode(selection)
        return encoded

    def _encode(self, selection: Selection) -> ReplayFrames:
        encoded: list[Frame] = []
        columns: LiveColumns = {}
        count = sent = 0
        cursor = self.end
        for message in self._messages:
            notice = message.notice and selection.notice_for(message.notice)
            if columns and (notice or count - sent >= self._page_readings):
                # With the cursor before a command: a viewer that disconnects here receives its
                # notice when it reconnects.
                encoded.append(frames.readings(cursor, columns))
                columns, sent = {}, count
            cursor = self.end._replace(entry=message.entry)
            if notice:
                encoded.append(frames.notice(cursor, notice))
            readings = selection.select(self._series_ids.identify(message.readings))
            add_readings(columns, readings)
            count += len(readings)
        if columns:
            encoded.append(frames.readings(cursor, columns))
        return ReplayFrames(encoded, count)


_PageKey = tuple[int, Cursor]


class ReplayCache:
    """Pages of the ring buffer and of the older part of the journal.

    Args:
        journal: Where pages are read that the ring buffer no longer holds.
        recent: The ring buffer.
        series_ids: Ids of series.
        page_readings: Readings after which a frame ends.
        min_cached_readings: Readings from which on a page of the ring buffer is cached.
    """

    def __init__(
        self,
        journal: Journal,
        recent: RecentMessages,
        series_ids: SeriesIds,
        page_readings: int = PAGE_READINGS,
        min_cached_readings: int = MIN_CACHED_READINGS,
    ) -> None:
        self._journal = journal
        self._recent = recent
        self._series_ids = series_ids
        self._page_readings = page_readings
        self._min_cached_readings = min_cached_readings
        self._pages: dict[_PageKey, ReplayPage] = {}
        self._reads: dict[_PageKey, gevent.Greenlet] = {}
        self._entries_per_page = _FIRST_ENTRIES

    @property
    def page_count(self) -> int:
        """Number of cached pages."""
        return len(self._pages)

    def recent_page(self, cursor: Cursor) -> ReplayPage | None:
        """Return the messages after a cursor from the ring buffer, without waiting.

        The buffer may hold more messages after the page.

        Returns:
            The page, or None if the ring buffer does not reach back to the cursor.
        """
        messages = self._recent.since(cursor)
        if messages is None:
            return None
        # A page of the journal, which may reach further than the hub, is never found here: its
        # cursor lies before the ring buffer.
        page = self._pages.get(self._key(cursor))
        if page is None:
            page = self._page(cursor, messages)
            if page.weight >= self._min_cached_readings:
                self._cache(self._key(cursor), page)
        return page

    def journal_page(self, cursor: Cursor) -> ReplayPage | None:
        """Return the next messages after a cursor from the journal. Waits for Redis.

        Returns:
            The page, or None if the journal does not reach back to the cursor.

        Raises:
            BrokerUnavailableError: Redis does not answer.
            JournalFullError: Redis has no memory left.
        """
        key = self._key(cursor)
        page = self._pages.get(key)
        if page is not None:
            return page
        if key not in self._reads:
            self._reads[key] = gevent.spawn(self._read, key)
        result: ReplayPage | Exception | None = self._reads[key].get()
        if isinstance(result, Exception):
            raise result
        return result

    def clear(self) -> None:
        """Drop the pages, which only serve viewers that reconnect at the same time."""
        self._pages.clear()

    def _read(self, key: _PageKey) -> ReplayPage | Exception | None:
        _generation, cursor = key
        try:
            received = read_after(self._journal, cursor, self._entries_per_page)
        except (BrokerUnavailableError, JournalFullError) as error:
            return error
        finally:
            del self._reads[key]
        if not received:
            return None
        readings = sum(len(message.readings) for message in received)
        self._entries_per_page = max(
            1, min(PAGE_ENTRIES, 2 * PAGE_READINGS * len(received) // max(1, readings))
        )
        messages = [LiveMessage.from_received(message) for message in received]
        page = self._page(cursor, messages)
        self._cache(key, page)
        return page

    def _page(self, start: Cursor, messages: Sequence[LiveMessage]) -> ReplayPage:
        end = start._replace(entry=messages[-1].entry) if messages else start
        return ReplayPage(end, messages, self._series_ids, self._page_readings)

    def _key(self, cursor: Cursor) -> _PageKey:
        # After a restart of the hub, the messages after a cursor may be lost.
        return self._recent.generation, cursor

    def _cache(self, key: _PageKey, page: ReplayPage) -> None:
        while len(self._pages) >= MAX_CACHED_PAGES:
            del self._pages[next(iter(self._pages))]
        self._pages[key] = page

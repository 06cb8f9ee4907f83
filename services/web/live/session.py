"""One viewer's session: greeted, brought up to date, and then part of the stream."""

import time
from collections.abc import Callable
from itertools import islice
from typing import Final

from services.broker import read_after
from services.broker.gap_detection import JOURNAL_RECREATED
from services.errors import BrokerUnavailableError, JournalFullError
from services.position import Cursor
from services.web.live import frames
from services.web.live.broadcaster import PING_SECONDS, Broadcaster
from services.web.live.hub import MAX_SERIES_PER_FRAME, Selection, series_frames
from services.web.live.replay import ReplayPage
from services.web.live.send_queue import SendQueue

_AHEAD_SECONDS: Final = 1.0
_BEHIND_SECONDS: Final = 1.0
_BEHIND_LOOK_SECONDS: Final = 0.1
_REDIS_AWAY_SECONDS: Final = 1.0


class _GoneError(Exception):
    """The viewer left while it was made to wait."""


class Session:
    """One viewer, from its greeting to its end."""

    def __init__(self, live: Broadcaster, viewer: SendQueue, selection: Selection) -> None:
        self._live = live
        self._hub = live.hub
        self._viewer = viewer
        self._selection = selection
        self._told: dict[str, int] = {}
        self._count = 0

    def run(self, given: str | None, listen: Callable[[], object]) -> None:
        """Greet the viewer, bring it up to date, and let it take part until it goes.

        given: the cursor that it comes back with. listen: returns, or raises, once it has gone.
        """
        try:
            try:
                self.begin(given)
            except (BrokerUnavailableError, JournalFullError):
                self._viewer.finish(
                    frames.Close(frames.TRY_AGAIN, "Redis is away", _REDIS_AWAY_SECONDS)
                )
            listen()
        except _GoneError:
            pass
        finally:
            self._hub.leave(self._viewer, self._selection)
            self._viewer.close()

    def begin(self, given: str | None) -> None:
        """Greet the viewer and send what it has missed; from then on it takes part."""
        position = self._wait_for_hub()
        if given is None:
            self._greet(position)
        else:
            reason = self._resume(given, position)
            if reason is None:
                self._viewer.write(frames.recovered(self._count))
            else:
                self._viewer.write(frames.reset(reason, self._wait_for_hub()))
        # Nothing has yielded since the viewer was up to date: it has all that the hub has sent.
        self._tell(self._hub.known_series_ids(self._selection))
        self._selection = self._hub.join(self._viewer, self._selection)
        self._told = {}

    def _wait_for_hub(self) -> Cursor:
        """Where the hub stands. While Redis is away it has no place, only a sign of life."""
        while self._hub.position is None:
            if self._viewer.closed:
                raise _GoneError
            self._viewer.write(frames.ping(time.time(), None))
            self._live.wait_for_move(PING_SECONDS)
        self._hub.flush()
        return self._hub.position

    def _greet(self, cursor: Cursor) -> None:
        known = self._hub.known_series_ids(self._selection)
        self._told = dict(islice(known.items(), MAX_SERIES_PER_FRAME))
        self._viewer.write(frames.hello(cursor, time.time(), self._told))
        self._tell(known)

    def _resume(self, given: str, position: Cursor) -> str | None:
        """Send what came after a cursor; returns why that can't be told, or None."""
        try:
            cursor = Cursor.parse(given)
        except ValueError:
            self._greet(position)
            return "the cursor can't be read"
        self._greet(cursor if cursor.epoch == position.epoch else position)
        self._wait_until(self._live.journal.end().cursor)
        return self._replay(cursor)

    def _wait_until(self, end: Cursor) -> None:
        """Let the hub hear what was acknowledged before: it belongs to what is recovered."""
        give_up = time.monotonic() + _BEHIND_SECONDS
        position = self._wait_for_hub()
        while position < end and position.epoch == end.epoch and time.monotonic() < give_up:
            self._await_move(position, _BEHIND_LOOK_SECONDS)
            position = self._wait_for_hub()

    def _await_move(self, position: Cursor, seconds: float) -> None:
        """Wait for the hub to move on from here. What it does not hear it is to look for."""
        self._live.wait_for_move(seconds)
        if self._hub.position == position:
            self._live.request_catch_up()

    def _replay(self, cursor: Cursor) -> str | None:
        look_again = 0.0
        while not self._viewer.closed:
            position = self._wait_for_hub()
            if cursor.epoch != position.epoch:
                return JOURNAL_RECREATED
            if cursor.entry > position.entry:
                # The database may be ahead of the hub, and so may the server that it was at.
                if time.monotonic() >= look_again:
                    if read_after(self._live.journal, cursor, 1) is None:
                        return "the cursor is ahead of the journal"
                    look_again = time.monotonic() + _AHEAD_SECONDS
                self._await_move(position, _BEHIND_LOOK_SECONDS)
                continue
            pages = self._live.replay_cache.recent_pages(cursor)
            if pages is not None:
                for page in pages:
                    self._send(page)
                return None
            self._viewer.drain()
            next_page = self._live.replay_cache.read_page(cursor)
            if next_page is None:
                return "the journal no longer reaches back"
            self._send(next_page)
            cursor = next_page.end
        return None

    def _send(self, page: ReplayPage) -> None:
        """Send what is selected of a page to this viewer alone."""
        piece = page.frames_for(self._selection)
        self._tell(piece.numbers)
        for frame in piece.frames:
            self._viewer.write(frame)
        self._count += piece.size

    def _tell(self, numbers: dict[str, int]) -> None:
        """Tell numbers of series that the viewer does not know yet."""
        news = {name: number for name, number in numbers.items() if name not in self._told}
        self._told |= news
        for frame in series_frames(news):
            self._viewer.write(frame)

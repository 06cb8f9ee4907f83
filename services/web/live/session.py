"""The session of one viewer: greeting, replay, then live frames until it disconnects."""

import time
from collections.abc import Callable
from typing import Final, NamedTuple

from services.broker import read_after
from services.broker.gap_detection import JOURNAL_RECREATED
from services.errors import BrokerUnavailableError, JournalFullError
from services.position import Cursor
from services.web.live import frames
from services.web.live.broadcaster import PING_SECONDS, Broadcaster
from services.web.live.paced_turns import SLICE_SECONDS
from services.web.live.replay import MIN_CACHED_READINGS, ReplayPage
from services.web.live.selection import Selection
from services.web.live.send_queue import SendQueue

_REDIS_RETRY_SECONDS: Final = 1.0


class SessionTiming(NamedTuple):
    """Times of a replay, in seconds.

    Attributes:
        poll_seconds: Longest wait for the hub before the relay must read the journal.
        max_lag_seconds: Longest wait until the hub has reached the end of the journal.
        ahead_check_seconds: Time between checks of a cursor that is ahead of the hub.
    """

    poll_seconds: float = 0.1
    max_lag_seconds: float = 1.0
    ahead_check_seconds: float = 1.0


_DEFAULT_TIMING: Final = SessionTiming()


class _ViewerLeftError(Exception):
    """The viewer disconnected while it had to wait."""


class Session:
    """One viewer, from the greeting to the end of its connection.

    Args:
        broadcaster: The live stream of this process.
        viewer: The viewer's send queue.
        selection: The series that the viewer asked for.
        timing: Times of a replay.
    """

    def __init__(
        self,
        broadcaster: Broadcaster,
        viewer: SendQueue,
        selection: Selection,
        timing: SessionTiming = _DEFAULT_TIMING,
    ) -> None:
        self._broadcaster = broadcaster
        self._hub = broadcaster.hub
        self._viewer = viewer
        self._selection = selection
        self._timing = timing
        self._announced = 0
        self._recovered_count = 0

    def run(self, cursor: str | None, listen: Callable[[], object]) -> None:
        """Serve the viewer until it disconnects.

        Args:
            cursor: Cursor that the viewer reconnects with, None for a new viewer.
            listen: Returns, or raises, when the viewer has disconnected.
        """
        try:
            try:
                self.begin(cursor)
            except (BrokerUnavailableError, JournalFullError):
                self._viewer.finish(
                    frames.CloseFrame(
                        frames.CLOSE_TRY_AGAIN, "Redis is unavailable", _REDIS_RETRY_SECONDS
                    )
                )
            listen()
        except _ViewerLeftError:
            pass
        finally:
            self._hub.leave(self._viewer, self._selection)
            self._viewer.close()

    def begin(self, cursor: str | None) -> None:
        """Greet the viewer, replay the messages that it missed, and add it to the hub.

        Args:
            cursor: Cursor that the viewer reconnects with, None for a new viewer.

        Raises:
            BrokerUnavailableError: Redis does not answer.
            JournalFullError: Redis has no memory left.
        """
        self._compare_series()
        position = self._wait_for_hub()
        if cursor is None:
            self._greet(position)
            # A long greeting may have yielded.
            reset_reason = self._replay(position)
            if reset_reason is not None:
                self._viewer.send_frame(frames.reset(reset_reason, self._wait_for_hub()))
        else:
            reset_reason = self._resume(cursor, position)
            if reset_reason is None:
                self._viewer.send_frame(frames.recovered(self._recovered_count))
            else:
                self._viewer.send_frame(frames.reset(reset_reason, self._wait_for_hub()))
        # Nothing has yielded since the viewer was up to date: it has all that the hub has sent.
        while self._announced < self._hub.series_ids.last:
            self._announce_page()
        self._hub.join(self._viewer, self._selection)

    def _wait_for_hub(self) -> Cursor:
        """Return the hub's position. Until the hub has one, the viewer receives pings."""
        while self._hub.position is None:
            if self._viewer.closed:
                raise _ViewerLeftError
            self._viewer.send_frame(frames.ping(time.time(), None))
            self._broadcaster.wait_for_flush(PING_SECONDS)
        self._hub.flush()
        return self._hub.position

    def _greet(self, cursor: Cursor) -> None:
        ids, self._announced = self._selection.page_ids(0)
        self._viewer.send_frame(frames.hello(cursor, time.time(), ids))
        self._announce()

    def _resume(self, text: str, position: Cursor) -> str | None:
        """Greet the viewer and send what follows its cursor.

        Returns:
            None, or the reason why a replay is impossible.
        """
        try:
            cursor = Cursor.parse(text)
        except ValueError:
            self._greet(position)
            return "the cursor can't be read"
        self._greet(cursor if cursor.epoch == position.epoch else position)
        self._wait_until(self._broadcaster.journal.end().cursor)
        return self._replay(cursor)

    def _wait_until(self, end: Cursor) -> None:
        """Wait until the hub has received all entries that were appended before the viewer came.

        These readings count as recovered.
        """
        deadline = time.monotonic() + self._timing.max_lag_seconds
        position = self._wait_for_hub()
        while position < end and position.epoch == end.epoch and time.monotonic() < deadline:
            self._wait_for_progress(position)
            position = self._wait_for_hub()

    def _wait_for_progress(self, position: Cursor) -> None:
        """Wait until the hub moves on. If it does not, make it read the journal."""
        self._broadcaster.wait_for_flush(self._timing.poll_seconds)
        if self._hub.position == position:
            self._broadcaster.request_catch_up()

    def _replay(self, cursor: Cursor) -> str | None:
        """Send pages until the viewer is at the hub's position.

        Returns:
            None, or the reason why a replay is impossible.
        """
        cache = self._broadcaster.replay_cache
        next_check = 0.0
        while not self._viewer.closed:
            position = self._wait_for_hub()
            if cursor.epoch != position.epoch:
                return JOURNAL_RECREATED
            if cursor.entry == position.entry:
                return None
            if cursor.entry > position.entry:
                # The database, or another server that the viewer comes from, may be ahead.
                if time.monotonic() >= next_check:
                    if read_after(self._broadcaster.journal, cursor, 1) is None:
                        return "the cursor is ahead of the journal"
                    next_check = time.monotonic() + self._timing.ahead_check_seconds
                self._wait_for_progress(position)
                continue
            page = cache.recent_page(cursor)
            if page is None:
                self._viewer.drain()
                page = cache.journal_page(cursor)
            if page is None:
                return "the journal no longer reaches back"
            self._send(page)
            cursor = page.end
        return None

    def _send(self, page: ReplayPage) -> None:
        """Send the selected part of a page to this viewer alone."""
        self._compare_series()
        self._announce()
        if page.weight >= MIN_CACHED_READINGS and not page.is_encoded(self._selection):
            with self._broadcaster.send_turns.turn():
                page.encode(self._selection)
        encoded = page.encode(self._selection)
        for frame in encoded.frames:
            self._viewer.send_frame(frame)
        self._recovered_count += encoded.reading_count

    def _compare_series(self) -> None:
        """Compare all series with the viewer's patterns, in turns with other viewers."""
        while not self._selection.is_up_to_date:
            if self._viewer.closed:
                raise _ViewerLeftError
            with self._broadcaster.compare_turns.turn():
                self._selection.compare(SLICE_SECONDS)

    def _announce(self) -> None:
        """Send the ids that the viewer does not know yet, as fast as it reads them.

        A thousand viewers that do not read could otherwise fill the memory with names.
        """
        while self._announced < self._hub.series_ids.last:
            self._viewer.drain()
            if self._viewer.closed:
                raise _ViewerLeftError
            with self._broadcaster.send_turns.turn():
                deadline = time.monotonic() + SLICE_SECONDS
                while self._viewer.ready and time.monotonic() < deadline:
                    self._announce_page()

    def _announce_page(self) -> None:
        """Send one frame of ids, if there are any that the viewer does not know."""
        frame, self._announced = self._selection.page_frame(self._announced)
        if frame is not None:
            self._viewer.send_frame(frame)

"""The hub receives every message once and sends it to all viewers, encoded once.

Viewers with the same selection form a group and share its frames. The hub does no I/O except
sending encoded frames, and never yields meanwhile: between two calls all viewers are at the same
place in the journal.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from services.position import Cursor
from services.web.live import frames
from services.web.live.columns import LiveColumns, add_readings
from services.web.live.frames import Frame
from services.web.live.live_metrics import LiveMetrics
from services.web.live.notice import Notice
from services.web.live.paced_turns import SLICE_SECONDS
from services.web.live.recent import MAX_RECENT_READINGS, LiveMessage, RecentMessages
from services.web.live.selection import Selection, Selections
from services.web.live.send_queue import SendQueue, send_to_all
from services.web.live.series_ids import MAX_SERIES_IDS, LiveReading, SeriesIds


class _ViewerGroup:
    """The viewers of one selection, and the readings to be sent to them."""

    def __init__(self, selection: Selection, last_id: int) -> None:
        self.selection: Final = selection
        # A dict keeps the order of arrival, which is about the order in memory.
        self.viewers: dict[SendQueue, None] = {}
        # All viewers know the selected ids up to this one.
        self._announced = last_id
        self._columns: LiveColumns = {}

    def add(self, readings: Sequence[LiveReading]) -> None:
        """Add the selected readings to the next frame."""
        add_readings(self._columns, self.selection.select(readings))

    def pop_frames(self, cursor: Cursor, last_id: int) -> list[Frame]:
        """Encode the readings that were added, and forget them.

        Args:
            cursor: The cursor after them.
            last_id: The newest id of all series.
        """
        if not self._columns:
            return []
        encoded = []
        while self._announced < last_id:
            frame, self._announced = self.selection.page_frame(self._announced)
            if frame is not None:
                encoded.append(frame)
        encoded.append(frames.readings(cursor, self._columns))
        self._columns = {}
        return encoded


class Hub:
    """The live stream of this process: its position, its newest messages, and its viewers.

    Args:
        max_recent_readings: Readings in the ring buffer.
        max_series: Series that get an id. Readings of further series are not sent.
        is_computing: Returns True while a thread of this process computes.

    Attributes:
        position: Cursor of the newest message, None before `start`.
        metrics: Counts what is sent, and the viewers.
        recent: The newest messages.
        series_ids: Ids of all series that came up while there were viewers.
        selections: The selections of all viewers.
    """

    def __init__(
        self,
        max_recent_readings: int = MAX_RECENT_READINGS,
        max_series: int = MAX_SERIES_IDS,
        is_computing: Callable[[], bool] = lambda: False,
    ) -> None:
        self.position: Cursor | None = None
        self.metrics: Final = LiveMetrics()
        self.recent: Final = RecentMessages(max_recent_readings)
        self.series_ids: Final = SeriesIds(max_series)
        self.selections: Final = Selections(self.series_ids)
        self._is_computing = is_computing
        self._groups: dict[Selection, _ViewerGroup] = {}

    def start(self, position: Cursor) -> None:
        """Start, or start again, at a place in the journal. The ring buffer is emptied."""
        self.flush()
        self.position = position
        self.recent.restart(position)

    def prepare(self, message: LiveMessage) -> Iterator[None]:
        """Compare new series of a message with all patterns, so that `relay` need not do it.

        Args:
            message: The next message to relay.

        Yields:
            None after each step of at most a few milliseconds. Others may run in between.
        """
        if self._groups:
            self.series_ids.add(message.readings)
        for group in list(self._groups.values()):
            while not group.selection.is_up_to_date:
                group.selection.compare(SLICE_SECONDS)
                yield

    def relay(self, message: LiveMessage) -> None:
        """Take the next message of the journal. The next `flush` sends its readings.

        The notice of a command is sent at once.

        Raises:
            RuntimeError: The hub has not been started.
        """
        if self.position is None:
            raise RuntimeError("the hub has not been started")
        if message.notice:
            # Flush with the cursor before the command: a viewer that disconnects now receives its
            # notice when it reconnects.
            self.flush()
        if self._groups:
            self.metrics.count_message(message.entry)
            readings = self.series_ids.identify(message.readings)
            for group in self._groups.values():
                group.add(readings)
        self.position = self.position._replace(entry=message.entry)
        self.recent.append(message)
        if message.notice:
            self._send_notice(message.notice, self.position)

    def _send_notice(self, notice: Notice, cursor: Cursor) -> None:
        """Send each group what it may learn of a notice."""
        whole = frames.notice(cursor, notice)
        for group in self._groups.values():
            part = group.selection.notice_for(notice)
            if part is not None:
                self._send(group, whole if part is notice else frames.notice(cursor, part))

    def flush(self) -> None:
        """Send the readings that were relayed since the last flush."""
        if self.position is not None:
            for group in self._groups.values():
                for frame in group.pop_frames(self.position, self.series_ids.last):
                    self._send(group, frame)
            self.metrics.count_flush()

    def join(self, viewer: SendQueue, selection: Selection) -> None:
        """Add a viewer, which must be up to date and know the ids of its series."""
        group = self._groups.get(selection)
        if group is None:
            group = self._groups[selection] = _ViewerGroup(selection, self.series_ids.last)
        group.viewers[viewer] = None

    def leave(self, viewer: SendQueue, selection: Selection) -> None:
        """Remove a viewer, if it has joined."""
        group = self._groups.get(selection)
        if group is not None:
            group.viewers.pop(viewer, None)
            if not group.viewers:
                del self._groups[selection]

    def broadcast(self, frame: Frame) -> None:
        """Send a frame to every viewer."""
        for group in self._groups.values():
            self._send(group, frame)

    def ping(self, now: float) -> None:
        """Send a sign of life and the newest cursor to every viewer.

        Args:
            now: The time, in Unix seconds.
        """
        self.flush()
        self.broadcast(frames.ping(now, self.position))

    def _send(self, group: _ViewerGroup, frame: Frame) -> None:
        send_to_all(group.viewers, frame, hold_lock=self._is_computing())
        self.metrics.frames_sent += len(group.viewers)

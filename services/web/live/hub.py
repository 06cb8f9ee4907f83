"""The hub receives every message once and sends it to all viewers, encoded once.

Viewers with the same filter form a group and share its frames. The hub does no I/O except
sending encoded frames, and never yields meanwhile: between two calls all viewers are at the same
place in the journal.
"""

from collections.abc import Callable, Iterable
from typing import Final

from services.pattern import SeriesFilter
from services.position import Cursor
from services.reading import Reading
from services.web.live import frames
from services.web.live.columns import LiveColumns, add_readings
from services.web.live.frames import Frame
from services.web.live.recent import MAX_RECENT_READINGS, LiveMessage, RecentMessages
from services.web.live.send_queue import SendQueue, send_to_all
from services.web.live.series_ids import MAX_SERIES_IDS, SeriesIds


class _ViewerGroup:
    """The viewers of one filter, and the readings to be sent to them."""

    def __init__(self, series_filter: SeriesFilter, series_ids: SeriesIds) -> None:
        self.series_filter = series_filter
        # A dict keeps the order of arrival, which is about the order in memory.
        self.viewers: dict[SendQueue, None] = {}
        self._series_ids = series_ids
        self._announced = series_ids.select(series_filter)
        self._new_ids: dict[str, int] = {}
        self._columns: LiveColumns = {}

    def add(self, readings: Iterable[Reading]) -> None:
        """Add the selected readings to the next frame."""
        add_readings(self._columns, readings, self._announced, self._announce)

    def _announce(self, name: str) -> int | None:
        series_id = self._series_ids.get_selected(name, self.series_filter)
        if series_id is not None:
            self._new_ids[name] = series_id
        return series_id

    def pop_frames(self, cursor: Cursor) -> list[Frame]:
        """Encode the readings that were added, and forget them."""
        if not self._columns:
            return []
        encoded = [*frames.series_pages(self._new_ids), frames.readings(cursor, self._columns)]
        self._columns, self._new_ids = {}, {}
        return encoded


class Hub:
    """The live stream of this process: its position, its newest messages, and its viewers.

    Args:
        max_recent_readings: Readings in the ring buffer.
        max_series: Series that get an id. Readings of further series are not sent.
        is_computing: Returns True while a thread of this process computes.

    Attributes:
        position: Cursor of the newest message, None before `start`.
        recent: The newest messages.
        series_ids: Ids of all series that came up.
    """

    def __init__(
        self,
        max_recent_readings: int = MAX_RECENT_READINGS,
        max_series: int = MAX_SERIES_IDS,
        is_computing: Callable[[], bool] = lambda: False,
    ) -> None:
        self.position: Cursor | None = None
        self.recent: Final = RecentMessages(max_recent_readings)
        self.series_ids: Final = SeriesIds(max_series)
        self._is_computing = is_computing
        self._groups: dict[frozenset[str], _ViewerGroup] = {}

    def start(self, position: Cursor) -> None:
        """Start, or start again, at a place in the journal. The ring buffer is emptied."""
        self.flush()
        self.position = position
        self.recent.restart(position)

    def relay(self, message: LiveMessage) -> None:
        """Take the next message of the journal. The next `flush` sends its readings.

        A correction is sent at once.

        Raises:
            RuntimeError: The hub has not been started.
        """
        if self.position is None:
            raise RuntimeError("the hub has not been started")
        if message.changed:
            # Flush with the cursor before the correction: a viewer that disconnects now receives
            # the correction when it reconnects.
            self.flush()
        for group in self._groups.values():
            group.add(message.readings)
        self.position = self.position._replace(entry=message.entry)
        self.recent.append(message)
        if message.changed:
            frame = frames.changed(self.position, message.changed)
            for group in self._groups.values():
                if any(name in group.series_filter for name in message.changed):
                    self._send(group, frame)

    def flush(self) -> None:
        """Send the readings that were relayed since the last flush."""
        if self.position is not None:
            for group in self._groups.values():
                for frame in group.pop_frames(self.position):
                    self._send(group, frame)

    def join(self, viewer: SendQueue, series_filter: SeriesFilter) -> SeriesFilter:
        """Add a viewer, which must be up to date and know the ids of its series.

        Returns:
            The filter of the viewer's group, whose cache all members share.
        """
        group = self._groups.get(series_filter.patterns)
        if group is None:
            group = _ViewerGroup(series_filter, self.series_ids)
            self._groups[series_filter.patterns] = group
        group.viewers[viewer] = None
        return group.series_filter

    def leave(self, viewer: SendQueue, series_filter: SeriesFilter) -> None:
        """Remove a viewer, if it has joined."""
        group = self._groups.get(series_filter.patterns)
        if group is not None:
            group.viewers.pop(viewer, None)
            if not group.viewers:
                del self._groups[series_filter.patterns]

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

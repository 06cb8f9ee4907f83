"""Selections of series: which ids a viewer's names and patterns select.

Viewers with the same names and patterns share a selection. It keeps one byte for each id, and
compares each name only once with its patterns.
"""

import time
from collections.abc import Sequence
from typing import Final
from weakref import WeakValueDictionary

from werkzeug.exceptions import ServiceUnavailable

from services.pattern import SeriesFilter
from services.web.live import frames
from services.web.live.frames import MAX_SERIES_PER_FRAME, Frame
from services.web.live.series_ids import LiveReading, SeriesIds

MAX_LIVE_PATTERNS: Final = 1_000
"""Patterns of all selections. Each new series is compared with every one of them."""

_CHECK_NAMES: Final = 32
"""Names that are compared between two looks at the clock."""


class Selection:
    """The series that a filter selects, among all that have an id.

    Args:
        series_filter: The filter.
        series_ids: Ids of series.

    Attributes:
        series_filter: The filter.
    """

    def __init__(self, series_filter: SeriesFilter, series_ids: SeriesIds) -> None:
        self.series_filter: Final = series_filter
        self._series_ids = series_ids
        # By id: 1 if the series is selected. There is no series 0. Ids beyond the end of the
        # array have not been compared yet.
        self._states = bytearray(1)
        # Frames of whole pages of all series, which never change.
        self._frames: list[Frame] = []

    @property
    def is_everything(self) -> bool:
        """True if all series are selected."""
        return not self.series_filter.texts

    @property
    def is_up_to_date(self) -> bool:
        """True if no id has to be compared with the patterns."""
        return not self.series_filter.pattern_count or len(self._states) > self._series_ids.last

    def compare(self, seconds: float = float("inf")) -> None:
        """Compare the names of new ids with the patterns, for about this time."""
        deadline = time.monotonic() + seconds
        name, states, series_filter = self._series_ids.name, self._states, self.series_filter
        while not self.is_up_to_date:
            first = len(states)
            end = min(first + _CHECK_NAMES, self._series_ids.last + 1)
            states.extend([name(series_id) in series_filter for series_id in range(first, end)])
            if time.monotonic() >= deadline:
                break

    def page_ids(self, after: int) -> tuple[dict[str, int], int]:
        """Return the next selected series above an id, as many as fit into one frame.

        Returns:
            Their ids by name, and the id up to which nothing was left out.
        """
        last = self._series_ids.last
        if self.is_everything:
            # Pages that end at the same ids for all viewers can share their frames.
            end = min(last, after - after % MAX_SERIES_PER_FRAME + MAX_SERIES_PER_FRAME)
            ids: Sequence[int] = range(after + 1, end + 1)
        else:
            ids = self._ids_after(after)
            end = ids[-1] if len(ids) == MAX_SERIES_PER_FRAME else last
        return {self._series_ids.name(series_id): series_id for series_id in ids}, end

    def page_frame(self, after: int) -> tuple[Frame | None, int]:
        """Return the frame that announces `page_ids`, None if there is nothing to announce."""
        number, offset = divmod(after, MAX_SERIES_PER_FRAME)
        if self.is_everything and not offset and number < len(self._frames):
            return self._frames[number], after + MAX_SERIES_PER_FRAME
        ids, end = self.page_ids(after)
        frame = frames.series(ids) if ids else None
        is_whole = not offset and len(ids) == MAX_SERIES_PER_FRAME
        if frame and self.is_everything and is_whole and number == len(self._frames):
            self._frames.append(frame)
        return frame, end

    def _ids_after(self, after: int) -> Sequence[int]:
        if not self.series_filter.pattern_count:
            known = map(self._series_ids.get, self.series_filter.names)
            ids = sorted(series_id for series_id in known if series_id and series_id > after)
            return ids[:MAX_SERIES_PER_FRAME]
        self.compare()
        ids = []
        found = self._states.find(1, after + 1)
        while found >= 0 and len(ids) < MAX_SERIES_PER_FRAME:
            ids.append(found)
            found = self._states.find(1, found + 1)
        return ids

    def select(self, readings: Sequence[LiveReading]) -> Sequence[LiveReading]:
        """Return the readings of selected series."""
        if self.is_everything:
            return readings
        if not self.series_filter.pattern_count:
            names = self.series_filter.names
            return [reading for reading in readings if reading[1] in names]
        self.compare()
        states = self._states
        return [reading for reading in readings if states[reading[0]]]

    def selects_any(self, names: Sequence[str]) -> bool:
        """Return True if one of the names is selected. They need not have an id."""
        return any(name in self.series_filter for name in names)


class Selections:
    """All selections that are in use.

    Args:
        series_ids: Ids of series.
        max_patterns: Patterns that all selections may have together.
    """

    def __init__(self, series_ids: SeriesIds, max_patterns: int = MAX_LIVE_PATTERNS) -> None:
        self._series_ids = series_ids
        self._max_patterns = max_patterns
        self._in_use: WeakValueDictionary[frozenset[str], Selection] = WeakValueDictionary()

    def get(self, series_filter: SeriesFilter) -> Selection:
        """Return the selection of a filter, which all viewers with an equal one share.

        Raises:
            ServiceUnavailable: Other viewers use too many patterns.
        """
        selection = self._in_use.get(series_filter.texts)
        if selection is None:
            used = sum(other.series_filter.pattern_count for other in self.with_patterns())
            if series_filter.pattern_count and (
                used + series_filter.pattern_count > self._max_patterns
            ):
                raise ServiceUnavailable(
                    "viewers use too many patterns at once: name the series, or try again later"
                )
            selection = Selection(series_filter, self._series_ids)
            self._in_use[series_filter.texts] = selection
        return selection

    def with_patterns(self) -> list[Selection]:
        """Return the selections that must compare each new series."""
        return [one for one in self._in_use.values() if one.series_filter.pattern_count]

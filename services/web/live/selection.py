"""Selections of series: which ids a viewer's names, patterns and tags select.

Viewers with the same of them share a selection. It keeps one byte for each id, and
compares each name only once with its patterns.
"""

import time
from collections.abc import Hashable, Iterable, Sequence
from typing import Final
from weakref import WeakValueDictionary

from werkzeug.exceptions import ServiceUnavailable

from services.pattern import SeriesFilter
from services.tag_filter import ALL_TAGS, TagFilter
from services.web.live import frames
from services.web.live.frames import MAX_SERIES_PER_FRAME, Frame
from services.web.live.notice import Notice
from services.web.live.series_ids import LiveReading, SeriesIds
from services.web.live.viewer_limits import NO_LIMITS, ViewerLimits

MAX_LIVE_PATTERNS: Final = 1_000
"""Patterns and tags of all selections. Each new series is compared with every one of them."""

_EQUAL_LIMITS_DIVISOR: Final = 4
"""Viewers with equal limits, such as those of one share link, may use a quarter of the patterns."""

_CHECK_NAMES: Final = 32
"""Names that are compared between two looks at the clock."""


class Selection:
    """The series that names, patterns and tags select, among all that have an id.

    Args:
        series_filter: Names and patterns.
        series_ids: Ids of series.
        tags: Conditions on the points of the series.
        limits: The series and times that the viewers may see.

    Attributes:
        series_filter: Names and patterns.
        tags: Conditions on the points of the series.
        limits: The series and times that the viewers may see.
        comparison_count: Patterns and conditions, with which each new series must be compared.
        is_everything: True if all series are selected, with all times.
    """

    def __init__(
        self,
        series_filter: SeriesFilter,
        series_ids: SeriesIds,
        tags: TagFilter = ALL_TAGS,
        limits: ViewerLimits = NO_LIMITS,
    ) -> None:
        self.series_filter: Final = series_filter
        self.tags: Final = tags
        self.limits: Final = limits
        self.comparison_count: Final = (
            series_filter.pattern_count + tags.text_count + limits.comparison_count
        )
        self.is_everything: Final = not (series_filter.texts or tags or limits)
        self._has_times = limits.has_times
        allowed = limits.series
        self._needs_points = bool(tags) or (allowed is not None and allowed.has_tags)
        self._series_ids = series_ids
        # By id: 1 if the series is selected. There is no series 0. Ids beyond the end of the
        # array have not been compared yet.
        self._states = bytearray(1)
        # Frames of whole pages of all series, which never change.
        self._frames: list[Frame] = []

    @property
    def is_up_to_date(self) -> bool:
        """True if no id has to be compared with the patterns."""
        return not self.comparison_count or len(self._states) > self._series_ids.last

    def compare(self, seconds: float = float("inf")) -> None:
        """Compare the names of new ids with the patterns, for about this time."""
        deadline = time.monotonic() + seconds
        states = self._states
        while not self.is_up_to_date:
            first = len(states)
            end = min(first + _CHECK_NAMES, self._series_ids.last + 1)
            states.extend(map(self._selects, range(first, end)))
            if time.monotonic() >= deadline:
                break

    def _selects(self, series_id: int) -> bool:
        """Compare a series with the names, patterns and conditions."""
        ids = self._series_ids
        name = ids.name(series_id)
        if name not in self.series_filter:
            return False
        point = ids.point(series_id) if self._needs_points else None
        return self.limits.allows(name, point) and (not self.tags or self.tags.matches(point))

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
        if not self.comparison_count:
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
        """Return the readings of selected series that the viewers may see."""
        if self.is_everything:
            return readings
        selected = self._select(readings)
        return self.limits.within_times(selected) if self._has_times else selected

    def _select(self, readings: Sequence[LiveReading]) -> Sequence[LiveReading]:
        if not self.comparison_count:
            names = self.series_filter.names
            return [reading for reading in readings if reading[1] in names]
        self.compare()
        states = self._states
        return [reading for reading in readings if states[reading[0]]]

    def notice_for(self, notice: Notice) -> Notice | None:
        """Return what the viewers learn of a notice, None if it is none of their business.

        The tags of a name without an id are not known: they may match. Who may see series by their
        tags then learns of the notice, but not this name.
        """
        if notice.type == "views":
            if not self.limits:
                return notice
            shown = self.limits.view in notice.names
            return notice._replace(names=[str(self.limits.view)]) if shown else None
        if self.is_everything:
            return notice
        allowed = [name for name in notice.names if self._allows(name)]
        series = self.limits.series
        unknown = [name for name in notice.names if self._series_ids.get(name) is None]
        is_hidden = series is not None and series.has_tags and any(map(self._may_select, unknown))
        if not is_hidden and not any(map(self._may_select, allowed)):
            return None
        return notice if len(allowed) == len(notice.names) else notice._replace(names=allowed)

    def _allows(self, name: str) -> bool:
        """Return True if it is certain that a series may be seen."""
        series_id = self._series_ids.get(name)
        if series_id is not None:
            return self.limits.allows(name, self._series_ids.point(series_id))
        return self.limits.series is None or name in self.limits.series

    def _may_select(self, name: str) -> bool:
        series_id = self._series_ids.get(name)
        return name in self.series_filter and (series_id is None or self._selects(series_id))


class Selections:
    """All selections that are in use.

    Args:
        series_ids: Ids of series.
        max_patterns: Patterns that all selections may have together.
    """

    def __init__(self, series_ids: SeriesIds, max_patterns: int = MAX_LIVE_PATTERNS) -> None:
        self._series_ids = series_ids
        self._max_patterns = max_patterns
        self._in_use: WeakValueDictionary[Hashable, Selection] = WeakValueDictionary()

    def get(
        self,
        series_filter: SeriesFilter,
        tags: TagFilter = ALL_TAGS,
        limits: ViewerLimits = NO_LIMITS,
    ) -> Selection:
        """Return the selection of filters and limits, which all viewers with equal ones share.

        Raises:
            ServiceUnavailable: Other viewers use too many patterns and tags.
        """
        key = series_filter.texts, tags, limits.key
        selection = self._in_use.get(key)
        if selection is None:
            selection = Selection(series_filter, self._series_ids, tags, limits)
            if not self._is_within_bounds(selection):
                raise ServiceUnavailable(
                    "viewers use too many patterns and tags at once: name the series, or try again"
                    " later"
                )
            self._in_use[key] = selection
        return selection

    def _is_within_bounds(self, selection: Selection) -> bool:
        """Return True if another selection may be compared with each new series."""
        count = selection.comparison_count
        others = self.with_patterns()
        if count and count + _count_comparisons(others) > self._max_patterns:
            return False
        limits = selection.limits
        if not limits:
            return True
        alike = [other for other in others if other.limits.key == limits.key]
        max_alike = self._max_patterns // _EQUAL_LIMITS_DIVISOR
        return not alike or count + _count_comparisons(alike) <= max_alike

    def with_patterns(self) -> list[Selection]:
        """Return the selections that must compare each new series."""
        return [one for one in self._in_use.values() if one.comparison_count]


def _count_comparisons(selections: Iterable[Selection]) -> int:
    return sum(selection.comparison_count for selection in selections)

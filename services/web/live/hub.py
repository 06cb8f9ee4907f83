"""The hub: takes every message once and hands it to all viewers, each frame encoded once.

Viewers with the same selection of series form a group and share its frames. The hub does no
I/O but the writing of ready-made frames, and never yields while it does: between two of its
calls every viewer stands at the same place in the journal.
"""

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from fnmatch import translate
from itertools import islice
from re import compile as compile_pattern
from typing import Final, NamedTuple

from services.position import Cursor, EntryId
from services.reading import Reading, ts_to_seconds
from services.web.live import frames
from services.web.live.frames import Frame
from services.web.live.send_queue import SendQueue, write_each

MAX_SERIES_PER_FRAME: Final = 1_000
"""Series whose numbers stand in one frame."""

REMEMBERED: Final = 10_000
"""Readings of the newest messages that are kept for viewers who come back."""

MAX_SERIES_IDS: Final = 100_000
"""Series that get a number in one process unless it is told otherwise."""


class RecentMessage(NamedTuple):
    """A message or a command that the hub has taken. changed: the series of a command."""

    entry: EntryId
    readings: Sequence[Reading]
    changed: Sequence[str] = ()

    @property
    def size(self) -> int:
        """What it takes of the memory: also a message without readings takes some."""
        return max(1, len(self.readings))


class Selection:
    """Some series by name, or by a pattern with `*`; none at all selects every series."""

    def __init__(self, patterns: Iterable[str]) -> None:
        self.patterns = frozenset(patterns)
        self._patterns = [
            compile_pattern(translate(p.replace("[", "[[]").replace("?", "[?]")))
            for p in self.patterns
            if "*" in p
        ]
        self._known: dict[str, bool] = {}

    def __contains__(self, name: str) -> bool:
        if not self.patterns or name in self.patterns:
            return True
        if not self._patterns:
            return False
        known = self._known.get(name)
        if known is None:
            if len(self._known) >= MAX_SERIES_IDS:
                self._known.clear()
            known = self._known[name] = any(p.match(name) for p in self._patterns)
        return known


class _ViewerGroup:
    """The viewers of one selection, and what is to be sent to them."""

    def __init__(self, selection: Selection, announced: dict[str, int]) -> None:
        self.selection = selection
        # In the order in which they came, and lie in memory.
        self.viewers: dict[SendQueue, None] = {}
        self.announced = announced
        self._columns: frames.Columns = {}
        self._new: dict[str, int] = {}

    def take(self, readings: Iterable[Reading], number: Callable[[str], int | None]) -> None:
        """Keep what is selected, and has a number, for the next frame."""
        for reading in readings:
            if reading.series in self.selection:
                place = self.announced.get(reading.series)
                if place is None:
                    place = number(reading.series)
                    if place is None:
                        continue
                    self.announced[reading.series] = self._new[reading.series] = place
                times, values = self._columns.setdefault(place, ([], []))
                times.append(ts_to_seconds(reading.ts))
                values.append(reading.value)

    def ready(self, cursor: Cursor) -> list[Frame]:
        """The frames with what was kept."""
        if not self._columns:
            return []
        made = [*series_frames(self._new), frames.readings(cursor, self._columns)]
        self._columns, self._new = {}, {}
        return made


class Hub:
    """Where the stream stands, what it brought last, and who watches it.

    starts: how often it began, at first or anew.
    remembered: how many readings of the newest messages are kept. most_series: how many get a
    number; readings of further ones are not relayed. computing: whether a thread computes beside
    us.
    """

    def __init__(
        self,
        remembered: int = REMEMBERED,
        most_series: int = MAX_SERIES_IDS,
        computing: Callable[[], bool] = lambda: False,
    ) -> None:
        self._computing = computing
        self._remembered = remembered
        self._most_series = most_series
        self.position: Cursor | None = None
        self.starts = 0
        self._numbers: dict[str, int] = {}
        self._groups: dict[frozenset[str], _ViewerGroup] = {}
        self._recent: deque[RecentMessage] = deque()
        self._recent_size = 0
        # What was dropped from the memory last: the memory reaches back to just after it.
        self._floor: EntryId | None = None

    def start(self, position: Cursor) -> None:
        """Begin, or begin anew, at a place in the journal; what is remembered is forgotten."""
        self.flush()
        self.position = position
        self.starts += 1
        self._recent.clear()
        self._recent_size = 0
        self._floor = position.entry

    def relay(
        self, entry: EntryId, readings: Sequence[Reading], changed: Sequence[str] = ()
    ) -> None:
        """Take the next entry of the journal; `flush` sends it.

        changed: the series that it changes, which is said at once.
        """
        if self.position is None:
            raise RuntimeError("the hub has not been started")
        if changed:
            # With the cursor before it: who goes now is to hear of it when it comes back.
            self.flush()
        for group in self._groups.values():
            group.take(readings, self.series_id)
        self.position = self.position._replace(entry=entry)
        self._remember(RecentMessage(entry, readings, changed))
        if changed:
            self._say_changed(frames.changed(self.position, changed), changed)

    def _say_changed(self, frame: Frame, names: Sequence[str]) -> None:
        for group in self._groups.values():
            if any(name in group.selection for name in names):
                self._write(group, frame)

    def _remember(self, message: RecentMessage) -> None:
        self._recent.append(message)
        self._recent_size += message.size
        while self._recent_size > self._remembered and len(self._recent) > 1:
            oldest = self._recent.popleft()
            self._recent_size -= oldest.size
            self._floor = oldest.entry

    def flush(self) -> None:
        """Send what was taken since the last time."""
        if self.position is not None:
            for group in self._groups.values():
                for frame in group.ready(self.position):
                    self._write(group, frame)

    def series_id(self, name: str) -> int | None:
        """The number of a series, the same for every viewer of this process.

        None for one more than may have a number: a flood of names would fill the memory.
        """
        number = self._numbers.get(name)
        if number is None and len(self._numbers) < self._most_series:
            number = self._numbers[name] = len(self._numbers) + 1
        return number

    def recent_since(self, cursor: Cursor) -> list[RecentMessage] | None:
        """The messages after this cursor, or None where the memory does not reach back to it."""
        if self.position is None or cursor.epoch != self.position.epoch:
            return None
        if self._floor is None or cursor.entry < self._floor:
            return None
        newer = len(self._recent)
        for message in reversed(self._recent):
            if message.entry <= cursor.entry:
                break
            newer -= 1
        return list(islice(self._recent, newer, None))

    def known_series_ids(self, selection: Selection) -> dict[str, int]:
        """The numbers of the selected series that the hub has come across."""
        return {name: n for name, n in self._numbers.items() if name in selection}

    def join(self, viewer: SendQueue, selection: Selection) -> Selection:
        """Let a viewer take part, who has got everything up to now and `known` numbers.

        Returns the selection that all of its group share, with what it has looked up.
        """
        group = self._groups.get(selection.patterns)
        if group is None:
            group = self._groups[selection.patterns] = _ViewerGroup(
                selection, self.known_series_ids(selection)
            )
        group.viewers[viewer] = None
        return group.selection

    def leave(self, viewer: SendQueue, selection: Selection) -> None:
        """Let a viewer go."""
        group = self._groups.get(selection.patterns)
        if group is not None:
            group.viewers.pop(viewer, None)
            if not group.viewers:
                del self._groups[selection.patterns]

    def send_to_all(self, frame: Frame) -> None:
        """Send a frame to every viewer."""
        for group in self._groups.values():
            self._write(group, frame)

    def _write(self, group: _ViewerGroup, frame: Frame) -> None:
        write_each(group.viewers, frame, self._computing())

    def ping(self, now: float) -> None:
        """Give a sign of life and the newest cursor to every viewer. now: seconds."""
        self.flush()
        self.send_to_all(frames.ping(now, self.position))


def series_frames(numbers: dict[str, int]) -> list[Frame]:
    """Frames that tell these numbers, in parts of bounded size."""
    names = iter(numbers.items())
    parts = iter(lambda: dict(islice(names, MAX_SERIES_PER_FRAME)), {})
    return [frames.series(part) for part in parts]

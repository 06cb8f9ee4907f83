"""A demo: its signals, their presentation, and what to tell people who start it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from services.cli.demo_data.presentation import Presentation
from services.cli.demo_data.signals import Signal
from services.point import SeriesPoint
from services.reading import MICROSECONDS, Reading


@dataclass(frozen=True, kw_only=True)
class Demo:
    """A data set of `stripchart demo`.

    Attributes:
        name: Name of the demo.
        signals: Its series.
        history_seconds: Length of the history when the demo begins.
        slice_seconds: Length of an interval whose readings are published together.
        tick_seconds: Distance of two publications while the demo is live.
        summary: What the data is, in one line.
        hints: What to look at, a line each.
        presentation: Settings and views of the series.
    """

    name: str
    signals: Sequence[Signal]
    history_seconds: float
    slice_seconds: float
    tick_seconds: float
    summary: str
    hints: Sequence[str] = field(default=())
    presentation: Presentation = field(default_factory=Presentation)

    @property
    def points(self) -> dict[str, SeriesPoint | None]:
        """The points of the series that come in line protocol, by the name of the series."""
        return {signal.name: signal.point for signal in self.signals if signal.point is not None}

    def readings(self, start: int, end: int, begun: int) -> list[Reading]:
        """Return the readings of all signals from `start` to before `end`, in microseconds.

        Args:
            start: First time.
            end: Time after the last one.
            begun: Time at which the demo began.
        """
        return [
            reading for signal in self.signals for reading in signal.readings(start, end, begun)
        ]

    def slices(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        """Yield the intervals between two times, each of them at most one slice long."""
        step = round(self.slice_seconds * MICROSECONDS)
        for first in range(start, end, step):
            yield first, min(first + step, end)

"""Signals: series of a demo that give their readings of any interval."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from services.point import SeriesPoint
from services.reading import MICROSECONDS, Reading


class Cadence(NamedTuple):
    """The distance of readings up to an age.

    Attributes:
        step_seconds: Distance of readings.
        age_seconds: Maximum age of such readings when the demo begins.
    """

    step_seconds: float
    age_seconds: float


class Signal(Protocol):
    """A series of a demo."""

    @property
    def name(self) -> str:
        """Name of the series."""

    @property
    def point(self) -> SeriesPoint | None:
        """Its point, None if it does not come in line protocol."""

    def readings(self, start: int, end: int, begun: int) -> Iterable[Reading]:
        """Return the readings from `start` to before `end`, in the order of their time.

        Args:
            start: First time, in microseconds.
            end: Time after the last one, in microseconds.
            begun: Time at which the demo began, in microseconds.
        """


@dataclass(frozen=True, kw_only=True)
class SampledSignal:
    """A signal that is measured in regular steps.

    Attributes:
        name: Name of the series.
        unit: Its unit, None if it has none.
        sample: Returns the value at a time in seconds since 1970.
        cadences: Distances of readings, the one for the newest readings first.
        decimals: Decimals that the sensor sends.
        phase_seconds: Time of the first reading after a full step.
        point: Its point, None if it does not come in line protocol.
        silent: Ages in seconds, oldest first, between which the sensor sent nothing.
    """

    name: str
    unit: str | None = None
    sample: Callable[[float], float]
    cadences: Sequence[Cadence]
    decimals: int = 1
    phase_seconds: float = 0.0
    point: SeriesPoint | None = None
    silent: tuple[float, float] | None = None

    def readings(self, start: int, end: int, begun: int) -> Iterator[Reading]:
        """Yield the readings from `start` to before `end`."""
        for first, last, step_seconds in self._intervals(begun):
            yield from self._regular(max(start, first), min(end, last), step_seconds, begun)

    def _intervals(self, begun: int) -> Iterator[tuple[int, int, float]]:
        """Yield start, end and step of each interval with a cadence, the oldest first."""
        for i in reversed(range(len(self.cadences))):
            step_seconds, age_seconds = self.cadences[i]
            first = begun - round(age_seconds * MICROSECONDS)
            newer = self.cadences[i - 1].age_seconds if i else 0.0
            last = begun - round(newer * MICROSECONDS)
            yield first, last if i else 1 << 62, step_seconds

    def _regular(self, start: int, end: int, step_seconds: float, begun: int) -> Iterator[Reading]:
        step, phase = round(step_seconds * MICROSECONDS), round(self.phase_seconds * MICROSECONDS)
        name, unit, sample, decimals = self.name, self.unit, self.sample, self.decimals
        silent_from, silent_to = (
            (begun - age * MICROSECONDS for age in self.silent) if self.silent else (end, end)
        )
        for ts in range(start + (phase - start) % step, end, step):
            if not silent_from <= ts < silent_to:
                yield Reading(name, ts, round(sample(ts / MICROSECONDS), decimals), unit)


@dataclass(frozen=True, kw_only=True)
class EventSignal:
    """A signal that sends a reading only when its state changes.

    Attributes:
        name: Name of the series.
        changes: Returns the changes between two times in seconds, as pairs of time and state.
        history_seconds: Age of the first reading, when the demo begins.
        first_state: State in the first reading.
        point: Its point, None if it does not come in line protocol.
    """

    name: str
    changes: Callable[[float, float], Iterable[tuple[float, float]]]
    history_seconds: float
    first_state: float = 0.0
    point: SeriesPoint | None = None

    def readings(self, start: int, end: int, begun: int) -> Iterator[Reading]:
        """Yield the readings from `start` to before `end`."""
        first = begun - round(self.history_seconds * MICROSECONDS)
        if start <= first < end:
            yield Reading(self.name, first, self.first_state)
        for seconds, state in self.changes(start / MICROSECONDS, end / MICROSECONDS):
            ts = round(seconds * MICROSECONDS)
            if max(start, first) <= ts < end:
                yield Reading(self.name, ts, state)

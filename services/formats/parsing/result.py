"""What a text held: the readings that are good, and a fault for each item that is none."""

from collections import Counter
from collections.abc import Callable
from typing import Final, NamedTuple

from services.errors import MalformedError, OversizedError
from services.reading import Reading, series_fault, unit_fault, value_fault

MAX_FAULTS: Final = 1_000
"""Faults that are kept of one text; more of them are only counted."""

MAX_READINGS_PER_TEXT: Final = 1_000_000
"""Readings of one text: each takes 150 bytes of memory and more."""

ReserveTimestamps = Callable[[int], int]
"""Gives the first of so many microseconds, which nobody else gets."""


class Fault(NamedTuple):
    """Why one item of a text is no reading. place: where it stands, from 0: an item or a line."""

    item_index: int
    reason: str


class DecodeResult(NamedTuple):
    """What a text held: the readings that are good, and a fault for each that is not.

    more: faults beyond the first thousand, which are only counted. texts: values that are texts
    where a format allows them; they are left out and are no fault.
    """

    readings: list[Reading]
    faults: list[Fault]
    omitted_fault_count: int = 0
    skipped_text_count: int = 0


class ReadingCollector:
    """The readings and faults of one text, while it is read.

    now: the time of arrival in microseconds. Readings without a time get it, those of one series
    one after the other.
    """

    def __init__(self, now: int) -> None:
        self.readings: list[Reading] = []
        self.skipped_text_count = 0
        self._now = now
        self._faults: list[Fault] = []
        self._more = 0
        self._unstamped: dict[int, int] = {}
        self._arrived: Counter[str] = Counter()

    def add(self, series: str, ts: int | None, value: float, unit: str | None) -> None:
        """Take a reading whose time is good, or None. Raises MalformedError for all else."""
        fault = series_fault(series) or value_fault(value) or unit_fault(unit)
        if fault:
            raise MalformedError(fault)
        if ts is None:
            # Readings of one series that arrive together are readings of their own.
            later = self._unstamped[len(self.readings)] = self._arrived[series]
            self._arrived[series] += 1
            ts = self._now + later
        self.readings.append(Reading(series, ts, float(value), unit))

    def add_fault(self, place: int, error: str) -> None:
        """Note a fault, or count it where there are many."""
        if len(self._faults) < MAX_FAULTS:
            self._faults.append(Fault(place, error))
        else:
            self._more += 1

    def check_count(self, more: int = 0) -> None:
        """Raises OversizedError where there are too many readings, or would be with more."""
        if len(self.readings) + more > MAX_READINGS_PER_TEXT:
            raise OversizedError(f"more than {MAX_READINGS_PER_TEXT} readings at once: send fewer")

    def result(self, reserve: ReserveTimestamps | None) -> DecodeResult:
        """All of it; the times of arrival come from `reserve` where there is one."""
        if self._unstamped and reserve is not None:
            later = reserve(max(self._unstamped.values()) + 1) - self._now
            for place in self._unstamped:
                reading = self.readings[place]
                self.readings[place] = reading._replace(ts=reading.ts + later)
        return DecodeResult(self.readings, self._faults, self._more, self.skipped_text_count)

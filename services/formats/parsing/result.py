"""Results of decoding: the valid readings of a text, and a fault for each invalid item."""

from collections import Counter
from collections.abc import Callable, Container, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from services.errors import MalformedError, OversizedError
from services.point import SeriesPoints
from services.reading import Reading, series_fault, unit_fault, value_fault

MAX_FAULTS: Final = 1_000
"""Maximum number of faults that are listed for one text. Further ones are only counted."""

MAX_READINGS_PER_TEXT: Final = 1_000_000
"""Maximum number of readings in one text. Each takes at least 150 bytes of memory."""

MAX_REASON_CHARS: Final = 200
"""Maximum length of a reason that quotes the input."""

ReserveTimestamps = Callable[[int], int]
"""Function that reserves a number of consecutive timestamps and returns the first of them."""

GiveWayFunction = Callable[[], object]
"""Function that lets more urgent work go first."""


def do_nothing() -> None:
    """Let nothing go first."""


class ForbiddenSeriesError(MalformedError):
    """A reading is of a series that its sender may not write."""

    def __init__(self, series: str) -> None:
        super().__init__(f"no access to the series {series!r:.100}")


class Fault(NamedTuple):
    """The reason why one item of a text is not a valid reading.

    Attributes:
        item_index: Index of the item from 0; in CSV and line protocol, of the line.
        reason: The broken rule, for people.
        is_unstorable: True if the item is well formed, but a series in it can't be stored.
    """

    item_index: int
    reason: str
    is_unstorable: bool = False


class DecodeResult(NamedTuple):
    """The valid readings of a text, and a fault for each invalid item.

    Attributes:
        readings: The valid readings, in the order of the text.
        faults: At most MAX_FAULTS faults, in the order of the text.
        omitted_fault_count: Number of faults beyond those.
        skipped_text_count: Number of values that are strings where the format allows them. They
            are skipped, and are no faults.
        skipped: Number of values that are skipped in a table and are no faults, by their text in
            lower case, such as "unavailable"; "empty" for empty cells.
        is_cut: True if the rest of the text was not decoded, because it has too many faults.
        points: Points of the series that came in line protocol.
        unstorable_count: Number of faults, listed or not, that are unstorable series.
        forbidden_count: Number of readings of series that their sender may not write.
    """

    readings: list[Reading]
    faults: list[Fault]
    omitted_fault_count: int = 0
    skipped_text_count: int = 0
    is_cut: bool = False
    skipped: Mapping[str, int] = MappingProxyType({})
    points: SeriesPoints = MappingProxyType({})
    unstorable_count: int = 0
    forbidden_count: int = 0


class ReadingCollector:
    """Collects the readings and faults of one text while it is decoded.

    Args:
        arrival_ts: Time of arrival in microseconds, for readings without a time of their own.
        max_faults: Number of faults and skipped strings after which the rest of the text is not
            worth the time to decode it, None for any number.
        give_way: Lets more urgent work go first. It is called every few milliseconds or more
            often.
        max_readings: Maximum number of readings.
        allowed: The series that the sender may write, None for all.

    Attributes:
        arrival_ts: Time of arrival in microseconds.
        readings: The valid readings so far.
        skipped_text_count: Number of skipped strings so far.
        skipped: Number of skipped values of a table so far, by their text.
        allowed: The series that the sender may write, None for all.
    """

    def __init__(
        self,
        arrival_ts: int,
        max_faults: int | None = None,
        give_way: GiveWayFunction = do_nothing,
        *,
        max_readings: int = MAX_READINGS_PER_TEXT,
        allowed: Container[str] | None = None,
    ) -> None:
        self.readings: list[Reading] = []
        self.skipped_text_count = 0
        self.skipped: Counter[str] = Counter()
        self.arrival_ts = arrival_ts
        self._max_readings = max_readings
        self._max_faults = max_faults
        self._give_way = give_way
        self._faults: list[Fault] = []
        self._omitted_fault_count = 0
        self._unstorable_count = 0
        self.allowed = allowed
        self._forbidden_count = 0
        self._fault_weight = 0
        self._offset_by_index: dict[int, int] = {}
        self._offset_by_series: Counter[str] = Counter()

    def add(self, series: str, ts: int | None, value: float, unit: str | None) -> None:
        """Check a reading and add it.

        Readings without a time get the time of arrival. Those of one series get consecutive
        microseconds, because a reading with the same series and time would replace the other.

        Args:
            series: Name of the series.
            ts: Time in microseconds that was checked already, None for the time of arrival.
            value: Value of the reading.
            unit: Unit of the reading, None if it states none.

        Raises:
            MalformedError: The name, the value or the unit breaks a rule.
            ForbiddenSeriesError: The sender may not write the series.
        """
        fault = series_fault(series) or value_fault(value) or unit_fault(unit)
        if fault:
            raise MalformedError(fault)
        if self.allowed is not None and series not in self.allowed:
            self._forbidden_count += 1
            raise ForbiddenSeriesError(series)
        if ts is None:
            offset = self._offset_by_index[len(self.readings)] = self._offset_by_series[series]
            self._offset_by_series[series] += 1
            ts = self.arrival_ts + offset
        self.readings.append(Reading(series, ts, float(value), unit))

    def add_fault(self, item_index: int, reason: str, weight: int = 1) -> None:
        """Add a fault. Beyond MAX_FAULTS it is only counted.

        Args:
            item_index: Index of the item.
            reason: The broken rule, for people.
            weight: Number of ordinary faults that take as long to find.
        """
        self._fault_weight += weight
        if len(self._faults) < MAX_FAULTS:
            self._faults.append(Fault(item_index, reason))
        else:
            self._omitted_fault_count += 1

    def add_unstorable(self, item_index: int, reason: str) -> None:
        """Add the fault of a series in an item that is well formed otherwise."""
        self._unstorable_count += 1
        self._fault_weight += 1
        # The other half of the list is for items that their sender can mend.
        if self._unstorable_count <= MAX_FAULTS // 2 and len(self._faults) < MAX_FAULTS:
            self._faults.append(Fault(item_index, reason, is_unstorable=True))
        else:
            self._omitted_fault_count += 1

    @property
    def has_too_many_faults(self) -> bool:
        """True if the rest of the text should not be decoded."""
        return (
            self._max_faults is not None
            and self._fault_weight + self.skipped_text_count > self._max_faults
        )

    def end_step(self) -> None:
        """Let more urgent work go first, then check the number of readings.

        Raises:
            OversizedError: There are too many readings.
        """
        self._give_way()
        self.check_count()

    def check_count(self, expected: int = 0) -> None:
        """Check the number of readings against its maximum.

        Args:
            expected: Number of readings that are still to come.

        Raises:
            OversizedError: There are too many readings.
        """
        if len(self.readings) + expected > self._max_readings:
            raise OversizedError(f"more than {self._max_readings} readings at once: send fewer")

    def result(self, reserve: ReserveTimestamps | None) -> DecodeResult:
        """Return the collected readings and faults.

        Args:
            reserve: Reserves the times of arrival, so that they are unique among all texts. If it
                is None, they are consecutive from `arrival_ts` on.
        """
        if self._offset_by_index and reserve is not None:
            delay = reserve(max(self._offset_by_index.values()) + 1) - self.arrival_ts
            for index in self._offset_by_index:
                reading = self.readings[index]
                self.readings[index] = reading._replace(ts=reading.ts + delay)
        return DecodeResult(
            self.readings,
            self._faults,
            self._omitted_fault_count,
            self.skipped_text_count,
            self.has_too_many_faults,
            self.skipped,
            unstorable_count=self._unstorable_count,
            forbidden_count=self._forbidden_count,
        )

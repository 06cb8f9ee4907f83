"""Readings, the values of series over time, and the rules that make one valid."""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import compress
from typing import Final, Generic, NamedTuple, TypeVar

from services.point import SeriesPoints

SeriesT = TypeVar("SeriesT", str, int)

MICROSECONDS: Final = 1_000_000
"""Microseconds in a second. Times are whole microseconds in the code and seconds on the wire."""

MAX_NAME_CHARS: Final = 1_024
MAX_UNIT_CHARS: Final = 50
MAX_AHEAD_MICROSECONDS: Final = 600 * MICROSECONDS
"""Maximum distance of a time ahead of the clock, in microseconds."""

MAX_TS: Final = 8_589_934_591_999_999
"""Maximum time, in microseconds: the last one before 2**33 seconds.

From there on, seconds as a double no longer distinguish neighbouring microseconds.
"""

MAX_EXACT_SECONDS: Final = 2**32
"""Time in seconds, in 2106, up to which seconds times a million are exact to the microsecond."""

END_OF_TIME: Final = 1 << 62
"""A time in microseconds that is later than any reading, for ranges without an end."""

MAX_READINGS_PER_MESSAGE: Final = 1_000
"""Maximum number of readings in one message."""

# Control characters, and unpaired surrogates, which can't be encoded as UTF-8.
_FORBIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


class Reading(NamedTuple):
    """The value of a series at a point in time. Both identify it: the last value wins.

    Attributes:
        series: Name of the series.
        ts: Microseconds since 1970-01-01 UTC.
        value: A finite number.
        unit: Unit of the series, None if the reading does not state one.
    """

    series: str
    ts: int
    value: float
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class ReadingBatch(Generic[SeriesT]):
    """Readings in columns of equal length, because a column is faster to process than rows.

    Attributes:
        series: Series of each reading: its name, or its id in the database.
        ts: Time of each reading, in microseconds since 1970-01-01 UTC.
        value: Value of each reading.
        unit: Unit that each reading states, None if it states none. Empty where units don't matter.
        points: Points of the series that came in line protocol.
    """

    series: Sequence[SeriesT] = ()
    ts: Sequence[int] = ()
    value: Sequence[float] = ()
    unit: Sequence[str | None] = ()
    points: SeriesPoints = field(default_factory=dict)

    @staticmethod
    def from_readings(readings: "Sequence[Reading] | ReadingBatch[str]") -> "ReadingBatch[str]":
        """Return readings as a batch; a batch is returned unchanged."""
        if isinstance(readings, ReadingBatch):
            return readings
        if not readings:
            return ReadingBatch()
        series, ts, value, unit = zip(*readings, strict=True)
        return ReadingBatch(series, ts, value, unit)

    @staticmethod
    def concatenate(batches: "Sequence[ReadingBatch[str]]") -> "ReadingBatch[str]":
        """Return all readings of batches, in their order, without their points."""
        if len(batches) == 1:
            return batches[0]
        return ReadingBatch(
            [name for batch in batches for name in batch.series],
            [ts for batch in batches for ts in batch.ts],
            [value for batch in batches for value in batch.value],
            [unit for batch in batches for unit in batch.unit],
        )

    def __len__(self) -> int:
        return len(self.ts)

    def select(self, mask: Iterable[object]) -> "ReadingBatch[SeriesT]":
        """Return the readings whose element of the mask is true."""
        mask = list(mask)
        return ReadingBatch(
            list(compress(self.series, mask)),
            list(compress(self.ts, mask)),
            list(compress(self.value, mask)),
            list(compress(self.unit, mask)),
        )

    def sorted_by_series(self) -> "ReadingBatch[SeriesT]":
        """Return the readings without units, ordered by series.

        Readings of the same series keep their order.
        """
        order = sorted(range(len(self)), key=self.series.__getitem__)
        return ReadingBatch(
            list(map(self.series.__getitem__, order)),
            list(map(self.ts.__getitem__, order)),
            list(map(self.value.__getitem__, order)),
        )


def series_fault(name: object) -> str | None:
    """Return the reason why `name` is not a valid series name, or None if it is valid."""
    if not isinstance(name, str):
        return "series must be a string"
    if not name:
        return "series must not be empty"
    if len(name) > MAX_NAME_CHARS:
        return f"series must have at most {MAX_NAME_CHARS} characters"
    if _FORBIDDEN.search(name):
        return "series must not contain control characters"
    return None


def unit_fault(unit: object) -> str | None:
    """Return the reason why `unit` is not a valid unit, or None if it is. None means no unit."""
    return None if unit is None else text_fault("unit", unit, MAX_UNIT_CHARS)


def text_fault(name: str, text: object, max_chars: int) -> str | None:
    """Return the reason why the text of a field with this name is not valid, or None if it is."""
    if not isinstance(text, str):
        return f"{name} must be a string"
    if len(text) > max_chars:
        return f"{name} must have at most {max_chars} characters"
    if _FORBIDDEN.search(text):
        return f"{name} must not contain control characters"
    return None


def value_fault(value: object) -> str | None:
    """Return the reason why `value` can't be stored, or None if it can.

    Booleans are refused although Python counts them as integers.
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "value must be a number"
    try:
        finite = math.isfinite(value)
    except OverflowError:
        finite = False
    return None if finite else "value must be a finite number"


def ts_fault(ts: int, now: int) -> str | None:
    """Return the reason why the time `ts` is refused, or None if it is accepted.

    Args:
        ts: Time of the reading, in microseconds.
        now: Current time, in microseconds.
    """
    if ts < 0:
        return "ts must not be before 1970"
    if ts > now + MAX_AHEAD_MICROSECONDS:
        return "ts must not be more than 10 minutes ahead (is it in seconds?)"
    return None


def ts_from_seconds(seconds: float) -> int:
    """Convert a time from seconds to whole microseconds.

    Raises:
        ValueError: `seconds` is NaN or infinite.
    """
    try:
        if -MAX_EXACT_SECONDS < seconds < MAX_EXACT_SECONDS:
            return round(seconds * MICROSECONDS)
        # The product alone would be off by half a microsecond or more.
        whole = math.floor(seconds)
        return whole * MICROSECONDS + round((seconds - whole) * MICROSECONDS)
    except OverflowError:
        raise ValueError("ts must be a finite number") from None


def ts_from_iso8601(text: str) -> int:
    """Convert an ISO 8601 time to whole microseconds. A time without a zone is in UTC.

    Raises:
        ValueError: `text` is not an ISO 8601 time.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    delta = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return (delta.days * 86_400 + delta.seconds) * MICROSECONDS + delta.microseconds


def ts_to_seconds(ts: int) -> float:
    """Convert a time to seconds, as on the wire. Exact to the microsecond until 2242."""
    return ts / MICROSECONDS


def is_valid_batch(batch: ReadingBatch[str], max_ts: int = MAX_TS) -> bool:
    """Return True if all times, names and units are valid. Each name is checked only once.

    Args:
        batch: Readings whose values are finite numbers.
        max_ts: Latest time, in microseconds.
    """
    return not batch or (
        min(batch.ts) >= 0
        and max(batch.ts) <= max_ts
        and not any(map(series_fault, set(batch.series)))
        and not any(map(unit_fault, set(batch.unit)))
    )

"""A reading: what one series was worth at one time, and the rules that make one acceptable."""

import math
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import compress
from typing import Final, NamedTuple

MICROSECONDS: Final = 1_000_000
"""Microseconds in a second: times are whole microseconds inside, seconds on the wire."""

MAX_NAME_CHARS: Final = 200
MAX_UNIT_CHARS: Final = 50
MAX_AHEAD_MICROSECONDS: Final = 600 * MICROSECONDS
"""How far ahead of the clock a time may be, in microseconds."""

MAX_TS: Final = 8_589_934_591_999_999
"""The last time there can be: from 2**33 seconds on, a double can't tell two microseconds apart."""

END_OF_TIME: Final = 1 << 62
"""A time in microseconds that is later than any reading, for ranges without an end."""

MAX_READINGS_PER_MESSAGE: Final = 1_000
"""Readings in one message."""

# Control characters, and halves of surrogate pairs, which are no text and have no UTF-8 form.
_FORBIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


class Reading(NamedTuple):
    """One value of one series at one time. Series and time identify it: the last value counts.

    ts: microseconds since 1970-01-01 UTC.
    """

    series: str
    ts: int
    value: float
    unit: str | None = None


class ReadingBatch(NamedTuple):
    """Many readings in columns of one length: it costs less to handle a column at once."""

    series: Sequence[str] = ()
    ts: Sequence[int] = ()
    value: Sequence[float] = ()
    unit: Sequence[str | None] = ()

    @classmethod
    def from_readings(cls, readings: "Sequence[Reading] | ReadingBatch") -> "ReadingBatch":
        """These readings in columns."""
        if isinstance(readings, ReadingBatch):
            return readings
        return cls(*zip(*readings, strict=True))

    @property
    def reading_count(self) -> int:
        """How many readings there are."""
        return len(self.ts)

    def select(self, chosen: Iterable[object]) -> "ReadingBatch":
        """Those for which this is true."""
        selectors = list(chosen)
        return ReadingBatch(
            list(compress(self.series, selectors)),
            list(compress(self.ts, selectors)),
            list(compress(self.value, selectors)),
            list(compress(self.unit, selectors)),
        )


def series_fault(name: object) -> str | None:
    """Why `name` can't be the name of a series, or None when it can."""
    if not isinstance(name, str):
        return "series must be a text"
    if not name:
        return "series must not be empty"
    if len(name) > MAX_NAME_CHARS:
        return f"series must have at most {MAX_NAME_CHARS} characters"
    if _FORBIDDEN.search(name):
        return "series must not contain control characters"
    return None


def unit_fault(unit: object) -> str | None:
    """Why `unit` can't be a unit, or None when it can. None is no unit."""
    if unit is None:
        return None
    if not isinstance(unit, str):
        return "unit must be a text"
    if len(unit) > MAX_UNIT_CHARS:
        return f"unit must have at most {MAX_UNIT_CHARS} characters"
    if _FORBIDDEN.search(unit):
        return "unit must not contain control characters"
    return None


def value_fault(value: object) -> str | None:
    """Why `value` can't be stored, or None when it can. True and false are no numbers."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "value must be a number"
    try:
        finite = math.isfinite(value)
    except OverflowError:
        finite = False
    return None if finite else "value must be a finite number"


def ts_fault(ts: int, now: int) -> str | None:
    """Why the time `ts` is refused at the time `now` (both in microseconds), or None."""
    if ts < 0:
        return "ts must not be before 1970"
    if ts > now + MAX_AHEAD_MICROSECONDS:
        return "ts must not be more than 10 minutes ahead (is it in seconds?)"
    return None


MAX_EXACT_SECONDS: Final = 2**32
"""Up to this time, in 2106, seconds times a million are right to the microsecond."""


def ts_from_seconds(seconds: float) -> int:
    """Whole microseconds of a time in seconds. Raises ValueError for NaN and infinity."""
    try:
        if -MAX_EXACT_SECONDS < seconds < MAX_EXACT_SECONDS:
            return round(seconds * MICROSECONDS)
        # The product would be rounded to the half of a microsecond or more.
        whole = math.floor(seconds)
        return whole * MICROSECONDS + round((seconds - whole) * MICROSECONDS)
    except OverflowError:
        raise ValueError("ts must be a finite number") from None


def ts_from_iso8601(text: str) -> int:
    """Whole microseconds of an ISO 8601 time; without a zone it is UTC. Raises ValueError."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    delta = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return (delta.days * 86_400 + delta.seconds) * MICROSECONDS + delta.microseconds


def ts_to_seconds(ts: int) -> float:
    """Seconds on the wire: exact to the microsecond until the year 2242."""
    return ts / MICROSECONDS

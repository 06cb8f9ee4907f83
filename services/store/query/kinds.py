"""Guesses of a series' kind from its name, its unit and some of its readings.

A measure has a line, a state holds its value until the next reading, and a counter counts upwards
and starts again at zero. People can set the kind; a guess is for series of which nobody has.
"""

import re
import time
from collections.abc import Callable, Sequence
from itertools import pairwise
from statistics import median
from typing import Final, NamedTuple

from sqlalchemy import Connection

from services.restriction import NO_RESTRICTION, Restriction
from services.series_settings import SeriesKind
from services.store.query.previous_value import TimedValue
from services.store.query.selection import SelectedSeries
from services.store.query.series_memory import SeriesMemory
from services.store.sqlite.direct_queries import fetch_all, fetch_value

_NEWEST: Final = "SELECT ts, value FROM readings WHERE series_id = ? ORDER BY ts DESC LIMIT ?"
_NEWEST_WITHIN: Final = (
    "SELECT ts, value FROM readings WHERE series_id = ? AND ts BETWEEN ? AND ?"
    " ORDER BY ts DESC LIMIT ?"
)
_FIRST: Final = "SELECT ts, value FROM readings WHERE series_id = ? ORDER BY ts LIMIT 1"
_SET_KIND: Final = "SELECT kind FROM series_settings WHERE series_id = ?"
_LAST_UNTIL: Final = (
    "SELECT ts, value FROM readings WHERE series_id = ? AND ts <= ? ORDER BY ts DESC LIMIT 1"
)

_MAX_NEWEST: Final = 64
"""Newest readings that a guess looks at."""

_MAX_OLDER: Final = 8
"""Readings from the whole history that it looks at beside them."""

_MAX_STATE: Final = 15
"""Highest number that stands for a state."""

_MAX_STATES: Final = 6
_MIN_COUNTS: Final = 4
"""Different values that a counter has at least."""

_MAX_RESET_SHARE: Final = 0.15
"""Share of steps at which a counter may start again at zero."""

_MAX_AFTER_RESET_SHARE: Final = 0.5
"""A counter that starts again is below this share of its value before: a measure rarely is."""

_IRREGULAR_RATIO: Final = 3.0
"""Readings that come on change have pauses this many times as long as usual."""

_COUNTER_UNIT: Final = re.compile(
    r"[kMG]?(?:Wh|J)|Ah|m[³3]|[Ll]|gal|ft³|km|mi|pulses|counts|[kKMGT]?i?B|bytes?"
)
_COUNTER_NAME: Final = re.compile(
    r"(?:^|[^a-z])(?:total|count|counter|counts|pulses|energy|yield|import|export|consumption"
    r"|odometer|meter|requests|errors|packets|bytes|octets|sectors)(?:$|[^a-z])",
    re.IGNORECASE,
)
_STATE_NAME: Final = re.compile(
    r"(?:^|[^a-z])(?:door|window|gate|lock|contact|motion|presence|occupancy|occupied|smoke|leak"
    r"|alarm|switch|relay|valve|state|status|open|closed|on|off|online|enabled|active|running"
    r"|mode|connected|up)(?:$|[^a-z])",
    re.IGNORECASE,
)
_MODE_NAME: Final = re.compile(
    r"(?:^|[^a-z])(?:mode|phase|stage|state|status)(?:$|[^a-z])", re.IGNORECASE
)
"""Names of states that have more than two values: `running` counts what runs."""


class KnownSeries(NamedTuple):
    """A series as the list of all series knows it, before its readings are read.

    Attributes:
        id: Id of the series.
        name: Its name.
        unit: Its unit, None if it has none.
        last_ts: Time of its last reading in microseconds, None without readings.
        last_value: Value of its last reading, None without readings.
    """

    id: int
    name: str
    unit: str | None
    last_ts: int | None
    last_value: float | None

    @property
    def is_measure(self) -> bool:
        """True if it can't be anything else, so that its readings need not be read."""
        value = self.last_value
        return value is None or not (
            is_counter_name(self.name, self.unit) or (not self.unit and _is_state(value))
        )


def guess_kind(name: str, unit: str | None, readings: Sequence[TimedValue]) -> SeriesKind:
    """Guess the kind of a series.

    Args:
        name: Name of the series.
        unit: Its unit, None if it has none.
        readings: Some of its readings, ascending in time; the newest ones follow each other.
    """
    if not readings:
        return "measure"
    if is_counter_name(name, unit) and _counts(readings):
        return "counter"
    # A state has no unit: "%" or "W" at zero is a measure that rests.
    if not unit and _has_states(name, readings):
        return "state"
    return "measure"


def is_counter_name(name: str, unit: str | None) -> bool:
    """Return True if a series may be a counter, by its unit or the words of its name."""
    return bool(_COUNTER_UNIT.fullmatch(unit or "") or _COUNTER_NAME.search(name))


def _is_state(value: float) -> bool:
    return 0 <= value <= _MAX_STATE and value.is_integer()


def _counts(readings: Sequence[TimedValue]) -> bool:
    """Return True if the values grow, except where they start again."""
    values = [value for _, value in readings]
    if min(values) < 0 or len(set(values)) < _MIN_COUNTS:
        return False
    drops = [(before, after) for before, after in pairwise(values) if after < before]
    return len(drops) <= max(1, _MAX_RESET_SHARE * len(values)) and all(
        after <= before * _MAX_AFTER_RESET_SHARE for before, after in drops
    )


def _has_states(name: str, readings: Sequence[TimedValue]) -> bool:
    """Return True if the values are a few small integers, held for a while each."""
    values = [value for _, value in readings]
    states = set(values)
    if len(states) > _MAX_STATES or not all(map(_is_state, states)):
        return False
    if states == {0.0, 1.0}:
        return True
    if states <= {0.0, 1.0}:
        return bool(_STATE_NAME.search(name)) or _comes_on_change(readings)
    if _MODE_NAME.search(name):
        return True
    return len(states) > 1 and _comes_on_change(readings)


def _comes_on_change(readings: Sequence[TimedValue]) -> bool:
    """Return True if the newest readings have no cadence."""
    times = [ts for ts, _ in readings[-_MAX_NEWEST:]]
    pauses = [after - before for before, after in pairwise(times)]
    return len(pauses) > 1 and max(pauses) >= _IRREGULAR_RATIO * max(1.0, median(pauses))


class KindGuesser:
    """Guesses the kinds of many series, and remembers the guesses for a while.

    Threads may share it. Each guess reads at most a bounded number of readings.

    Args:
        clock: Monotonic time in seconds.
        max_guesses: Guesses to remember at most.
    """

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, max_guesses: int = 100_000
    ) -> None:
        self._memory: SeriesMemory[SeriesKind] = SeriesMemory(clock, max_guesses)

    def find(
        self,
        connection: Connection,
        series: SelectedSeries,
        restriction: Restriction = NO_RESTRICTION,
    ) -> SeriesKind:
        """Return the kind that people have set for a series, otherwise the guessed one.

        Args:
            connection: A connection in a transaction.
            series: The series.
            restriction: The times that may be read.
        """
        kind: SeriesKind | None = fetch_value(connection, _SET_KIND, (series.id,))
        if kind is not None:
            return kind
        newest = _read_newest(connection, series.id, 1, restriction)
        last = newest[0] if newest else (None, None)
        return self.guess(connection, KnownSeries(*series, *last), restriction)

    def guess(
        self,
        connection: Connection,
        series: KnownSeries,
        restriction: Restriction = NO_RESTRICTION,
    ) -> SeriesKind:
        """Return the guessed kind of a series.

        Args:
            connection: A connection in a transaction.
            series: The series.
            restriction: The times that may be read. If there are any, nothing is remembered, and
                the guess is made from the newest readings within them.
        """
        if series.is_measure:
            return "measure"
        if restriction.has_times:
            newest = _read_newest(connection, series.id, _MAX_NEWEST, restriction)
            return guess_kind(series.name, series.unit, newest)
        key = series.id, series.name, series.unit
        known = self._memory.get(key, series.last_ts)
        if known is not None:
            return known
        readings = _read_some(connection, series)
        kind = guess_kind(series.name, series.unit, readings)
        has_few = len(readings) < _MAX_NEWEST
        self._memory.put(key, series.last_ts, kind, has_few_readings=has_few)
        return kind


def _read_some(connection: Connection, series: KnownSeries) -> list[TimedValue]:
    """Read the newest readings, of what may be a counter also some of its whole history."""
    newest = _read_newest(connection, series.id, _MAX_NEWEST)
    # A counter may rest for long, or have a state's values for a while.
    if len(newest) < _MAX_NEWEST or not is_counter_name(series.name, series.unit):
        return newest
    end = newest[0].ts
    ((start, value),) = fetch_all(connection, _FIRST, (series.id,))
    older = {start: TimedValue(start, value)}
    for number in range(1, _MAX_OLDER):
        ts = start + (end - start) * number // _MAX_OLDER
        for found, value in fetch_all(connection, _LAST_UNTIL, (series.id, ts)):
            if found < end:
                older[found] = TimedValue(found, value)
    return [*older.values(), *newest]


def _read_newest(
    connection: Connection, series_id: int, limit: int, restriction: Restriction = NO_RESTRICTION
) -> list[TimedValue]:
    """Return the newest readings that may be read, ascending in time."""
    if restriction.has_times:
        parameters = (series_id, restriction.start, restriction.end, limit)
        rows = fetch_all(connection, _NEWEST_WITHIN, parameters)
    else:
        rows = fetch_all(connection, _NEWEST, (series_id, limit))
    return [TimedValue(*row) for row in rows[::-1]]

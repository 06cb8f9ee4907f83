"""Samples of a series' values, from which programs derive the digits to show.

All parts of the page that get the same sample show the same digits. One of them may have a day of
readings, and another one only the newest value.
"""

import sys
import time
from collections.abc import Callable, Sequence
from decimal import Decimal
from statistics import median_high
from typing import Final, NamedTuple

from sqlalchemy import Connection

from services.restriction import NO_RESTRICTION, Restriction
from services.store.query.kinds import KnownSeries
from services.store.query.series_memory import SeriesMemory
from services.store.sqlite.direct_queries import fetch_all

_NEWEST: Final = "SELECT value FROM readings WHERE series_id = ? ORDER BY ts DESC LIMIT ?"
_NEWEST_WITHIN: Final = (
    "SELECT value FROM readings WHERE series_id = ? AND ts BETWEEN ? AND ? ORDER BY ts DESC LIMIT ?"
)

_MAX_VALUES: Final = 32
"""Newest values that a sample is made of."""


class ValueSample(NamedTuple):
    """A summary of the newest values of a series.

    Attributes:
        decimals: Most digits after the decimal point that one of them was sent with.
        typical: Median of the magnitudes of those that are not zero; 0 if all are.
        spread: Difference between the largest and the smallest one.
    """

    decimals: int
    typical: float
    spread: float


def sample_values(values: Sequence[float]) -> ValueSample:
    """Summarize values, of which there is at least one."""
    magnitudes = [abs(value) for value in values if value]
    return ValueSample(
        max(map(_count_decimals, values)),
        median_high(magnitudes) if magnitudes else 0.0,
        min(max(values) - min(values), sys.float_info.max),
    )


def _count_decimals(value: float) -> int:
    text = repr(value)
    if "e" not in text:
        decimals = text.rpartition(".")[2]
        return 0 if decimals == "0" else len(decimals)
    exponent = Decimal(text).normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


class ValueSampler:
    """Takes samples of the values of many series, and remembers them for a while.

    Threads may share it. Each sample reads at most a bounded number of readings.

    Args:
        clock: Monotonic time in seconds.
        max_samples: Samples to remember at most.
    """

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, max_samples: int = 100_000
    ) -> None:
        self._memory: SeriesMemory[ValueSample] = SeriesMemory(clock, max_samples)

    def take(
        self,
        connection: Connection,
        series: KnownSeries,
        restriction: Restriction = NO_RESTRICTION,
    ) -> ValueSample | None:
        """Return a sample of the newest values of a series, None without readings.

        Args:
            connection: A connection in a transaction.
            series: The series.
            restriction: The times that may be read. If there are any, nothing is remembered.
        """
        if series.last_value is None:
            return None
        if restriction.has_times:
            parameters = (series.id, restriction.start, restriction.end, _MAX_VALUES)
            rows = fetch_all(connection, _NEWEST_WITHIN, parameters)
            return sample_values([value for (value,) in rows])
        key = series.id, series.name
        sample = self._memory.get(key, series.last_ts)
        if sample is None:
            rows = fetch_all(connection, _NEWEST, (series.id, _MAX_VALUES))
            sample = sample_values([value for (value,) in rows])
            has_few = len(rows) < _MAX_VALUES
            self._memory.put(key, series.last_ts, sample, has_few_readings=has_few)
        # The last value is known already, so its digits need not wait.
        decimals = _count_decimals(series.last_value)
        return sample if decimals <= sample.decimals else sample._replace(decimals=decimals)

"""Synthetic readings: series that are all measured at even intervals, with values that wander."""

from collections.abc import Iterator
from itertools import cycle
from random import Random
from typing import Final

from services.reading import MICROSECONDS, Reading

START_TS: Final = 1_700_000_000 * MICROSECONDS
"""Default time of the first reading, in microseconds."""

_VALUE_COUNT: Final = 4_099
_DELAY_COUNT: Final = 1_009


def series_names(series_count: int) -> list[str]:
    """Return the names of the series."""
    return [f"plant.line{number % 10}.sensor{number}" for number in range(series_count)]


def generate_rows(
    series_count: int, reading_count: int, start: int = START_TS, interval: int = MICROSECONDS
) -> Iterator[tuple[int, int, float]]:
    """Generate readings as rows: index of the series, time in microseconds, value.

    In each interval all series are measured, one after the other, a little late. The values repeat
    after some thousand readings.

    Args:
        series_count: Number of series.
        reading_count: Number of readings of all series together.
        start: Time of the first reading, in microseconds.
        interval: Time between two readings of one series, in microseconds.
    """
    random = Random(series_count)
    values = cycle(_wandering_values(random))
    delays = cycle([random.randrange(interval // 4 + 1) for _ in range(_DELAY_COUNT)])
    for number in range(reading_count):
        tick, series_index = divmod(number, series_count)
        yield series_index, start + tick * interval + next(delays), next(values)


def generate_readings(
    series_count: int, reading_count: int, start: int = START_TS, interval: int = MICROSECONDS
) -> Iterator[Reading]:
    """Generate the rows of `generate_rows` as readings."""
    names = series_names(series_count)
    for series_index, ts, value in generate_rows(series_count, reading_count, start, interval):
        yield Reading(names[series_index], ts, value)


def _wandering_values(random: Random) -> list[float]:
    """Return a random walk that ends where it begins, with the digits of measured values."""
    values = [20.0]
    for number in range(1, _VALUE_COUNT):
        drift = (20.0 - values[-1]) / (_VALUE_COUNT - number)
        values.append(values[-1] + drift + random.gauss(0, 0.1))
    return [round(value, 3) for value in values]

"""Made-up readings: some series that are all read at even steps, and wander."""

from collections.abc import Iterator
from itertools import cycle
from random import Random
from typing import Final

from services.reading import MICROSECONDS, Reading

START: Final = 1_700_000_000 * MICROSECONDS
"""The time of the first reading unless another one is named."""

_VALUES: Final = 4_099
_STEPS: Final = 1_009


def names(series: int) -> list[str]:
    """The names of so many series."""
    return [f"plant.line{number % 10}.sensor{number}" for number in range(series)]


def rows(
    series: int, size: int, start: int = START, step: int = MICROSECONDS
) -> Iterator[tuple[int, int, float]]:
    """So many rows: the place of a series, the time, and a value.

    Every step all series are read, one after the other, some microseconds late. start, step: in
    microseconds. The values come from a wandering line that returns to where it began.
    """
    random = Random(series)
    values = cycle(_wandering(random))
    late = cycle([random.randrange(step // 4 + 1) for _ in range(_STEPS)])
    for place in range(size):
        tick, member = divmod(place, series)
        yield member, start + tick * step + next(late), next(values)


def readings(
    series: int, size: int, start: int = START, step: int = MICROSECONDS
) -> Iterator[Reading]:
    """The same as readings."""
    known = names(series)
    for member, ts, value in rows(series, size, start, step):
        yield Reading(known[member], ts, value)


def _wandering(random: Random) -> list[float]:
    """A line that ends where it begins; its numbers have as many digits as measured ones have."""
    line = [20.0]
    for place in range(1, _VALUES):
        home = (20.0 - line[-1]) / (_VALUES - place)
        line.append(line[-1] + home + random.gauss(0, 0.1))
    return [round(value, 3) for value in line]

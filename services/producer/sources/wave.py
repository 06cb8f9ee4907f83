"""Made-up readings, for a first look: at random, as a random walk, or as a sine, in 0..100."""

import math
import random
from collections.abc import Callable, Iterator
from typing import Final, TypeAlias

from services.reading import MICROSECONDS

_LOW: Final = 0.0
_HIGH: Final = 100.0
_STEP: Final = 2.0
_SINE_SECONDS: Final = 60.0


Sampler: TypeAlias = Callable[[int], float]
"""One series of a source: its value at a time, in microseconds."""


def _random(generator: random.Random, _place: int) -> Sampler:
    def sample(_ts: int) -> float:
        return generator.uniform(_LOW, _HIGH)

    return sample


def _walk(generator: random.Random, _place: int) -> Sampler:
    value = generator.uniform(_LOW, _HIGH)

    def sample(_ts: int) -> float:
        nonlocal value
        value += generator.gauss(0.0, _STEP)
        # What walks over an edge is mirrored back.
        value = _HIGH - abs(_HIGH - abs(value))
        return value

    return sample


def _sine(_generator: random.Random, place: int) -> Sampler:
    def sample(ts: int) -> float:
        turns = ts / MICROSECONDS / _SINE_SECONDS + place / 8
        return (_LOW + _HIGH) / 2 + (_HIGH - _LOW) / 2 * math.sin(math.tau * turns)

    return sample


SHAPES: Final[dict[str, Callable[[random.Random, int], Sampler]]] = {
    "random": _random,
    "walk": _walk,
    "sine": _sine,
}
"""What the setting STRIPCHART_PRODUCER_SHAPE can name."""


def samplers(shape: str, count: int, generator: random.Random) -> Iterator[tuple[str, Sampler]]:
    """Name and sampler of `count` series: `demo.random`, `demo.random.2` and so on."""
    for place in range(count):
        name = f"demo.{shape}" if place == 0 else f"demo.{shape}.{place + 1}"
        yield name, SHAPES[shape](generator, place)

"""A random walk: `demo.walk`."""

from random import Random
from typing import Final

from services.producer.source_context import SourceContext
from services.producer.synthetic import HIGH, LOW, Sampler, publish_synthetic

_STEP: Final = 2.0


def run(feed: SourceContext) -> None:
    """Put numbers of which each is a small step from the last."""
    publish_synthetic(feed, shape)


def shape(_place: int, generator: Random) -> Sampler:
    """Steps of a normal distribution."""
    value = generator.uniform(LOW, HIGH)

    def sample(_ts: int) -> float:
        nonlocal value
        value += generator.gauss(0.0, _STEP)
        # What walks over an edge is mirrored back.
        value = HIGH - abs(HIGH - abs(value))
        return value

    return sample

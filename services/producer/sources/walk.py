"""The source `walk`: a random walk, as `demo.walk`."""

from random import Random
from typing import Final

from services.producer.source_context import SourceContext
from services.producer.synthetic import MAX_VALUE, MIN_VALUE, Sampler, publish_synthetic

_STEP: Final = 2.0
"""Standard deviation of a step."""


def run(feed: SourceContext) -> None:
    """Publish numbers, each a small random step away from the last."""
    publish_synthetic(feed, create_sampler)


def create_sampler(_index: int, generator: Random) -> Sampler:
    """Return a sampler whose steps are normally distributed."""
    value = generator.uniform(MIN_VALUE, MAX_VALUE)

    def sample(_ts: int) -> float:
        nonlocal value
        value += generator.gauss(0.0, _STEP)
        # Reflect a step that leaves the range.
        value = MAX_VALUE - abs(MAX_VALUE - abs(value))
        return value

    return sample

"""The source `random`: random numbers, as `demo.random`."""

from random import Random

from services.producer.source_context import SourceContext
from services.producer.synthetic import MAX_VALUE, MIN_VALUE, Sampler, publish_synthetic


def run(feed: SourceContext) -> None:
    """Publish random numbers that are independent of each other."""
    publish_synthetic(feed, create_sampler)


def create_sampler(_index: int, generator: Random) -> Sampler:
    """Return a sampler of evenly distributed values."""
    return lambda _ts: generator.uniform(MIN_VALUE, MAX_VALUE)

"""Random numbers: `demo.random`."""

from random import Random

from services.producer.source_context import SourceContext
from services.producer.synthetic import HIGH, LOW, Sampler, publish_synthetic


def run(feed: SourceContext) -> None:
    """Put numbers that have nothing to do with each other."""
    publish_synthetic(feed, shape)


def shape(_place: int, generator: Random) -> Sampler:
    """Values spread evenly."""
    return lambda _ts: generator.uniform(LOW, HIGH)

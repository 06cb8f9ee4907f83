"""Random numbers: `demo.random`."""

from random import Random

from services.producer.source_context import Feed
from services.producer.synthetic import HIGH, LOW, Sampler, feed_made_up


def run(feed: Feed) -> None:
    """Put numbers that have nothing to do with each other."""
    feed_made_up(feed, shape)


def shape(_place: int, generator: Random) -> Sampler:
    """Values spread evenly."""
    return lambda _ts: generator.uniform(LOW, HIGH)

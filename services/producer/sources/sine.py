"""A sine: `demo.sine`."""

import math
from random import Random
from typing import Final

from services.producer.source_context import Feed
from services.producer.synthetic import HIGH, LOW, Sampler, feed_made_up
from services.reading import MICROSECONDS

_PERIOD_SECONDS: Final = 60.0


def run(feed: Feed) -> None:
    """Put waves that depend on nothing but the time."""
    feed_made_up(feed, shape)


def shape(place: int, _generator: Random) -> Sampler:
    """A wave, an eighth of a turn ahead of the one before."""

    def sample(ts: int) -> float:
        turns = ts / MICROSECONDS / _PERIOD_SECONDS + place / 8
        return (LOW + HIGH) / 2 + (HIGH - LOW) / 2 * math.sin(math.tau * turns)

    return sample

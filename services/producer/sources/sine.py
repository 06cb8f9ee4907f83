"""A sine: `demo.sine`."""

import math
from random import Random
from typing import Final

from services.producer.source_context import SourceContext
from services.producer.synthetic import HIGH, LOW, Sampler, publish_synthetic
from services.reading import MICROSECONDS

_PERIOD_SECONDS: Final = 60.0


def run(feed: SourceContext) -> None:
    """Put waves that depend on nothing but the time."""
    publish_synthetic(feed, shape)


def shape(place: int, _generator: Random) -> Sampler:
    """A wave, an eighth of a turn ahead of the one before."""

    def sample(ts: int) -> float:
        turns = ts / MICROSECONDS / _PERIOD_SECONDS + place / 8
        return (LOW + HIGH) / 2 + (HIGH - LOW) / 2 * math.sin(math.tau * turns)

    return sample

"""The source `sine`: sine waves, as `demo.sine`."""

import math
from random import Random
from typing import Final

from services.producer.source_context import SourceContext
from services.producer.synthetic import MAX_VALUE, MIN_VALUE, Sampler, publish_synthetic
from services.reading import MICROSECONDS

_PERIOD_SECONDS: Final = 60.0


def run(feed: SourceContext) -> None:
    """Publish sine waves, which depend on the time only."""
    publish_synthetic(feed, create_sampler)


def create_sampler(index: int, _generator: Random) -> Sampler:
    """Return the sampler of a wave that is an eighth of a turn ahead of the previous series."""

    def sample(ts: int) -> float:
        turns = ts / MICROSECONDS / _PERIOD_SECONDS + index / 8
        mean, amplitude = (MIN_VALUE + MAX_VALUE) / 2, (MAX_VALUE - MIN_VALUE) / 2
        return mean + amplitude * math.sin(math.tau * turns)

    return sample

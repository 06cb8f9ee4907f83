"""Made-up readings, for a first look: series of values in 0..100."""

import random
from collections.abc import Callable, Iterator
from typing import Final, TypeAlias

from services.producer.source_context import SourceContext
from services.reading import Reading

LOW: Final = 0.0
HIGH: Final = 100.0

Sampler: TypeAlias = Callable[[int], float]
"""One series: its value at a time, in microseconds."""

Shape: TypeAlias = Callable[[int, random.Random], Sampler]
"""What the series of a source look like, the one at place 0, 1, 2 and so on."""


def publish_synthetic(feed: SourceContext, shape: Shape) -> None:
    """Put made-up readings, as many as the settings say."""
    series = list(samplers(feed.name, shape, feed.settings.producer_series, random.Random()))
    for times in feed.paced(feed.settings.producer_rate):
        feed.put([Reading(name, ts, sampler(ts)) for ts in times for name, sampler in series])


def samplers(
    name: str, shape: Shape, count: int, generator: random.Random
) -> Iterator[tuple[str, Sampler]]:
    """Name and sampler of `count` series: `demo.random`, `demo.random.2` and so on."""
    for place in range(count):
        series = f"demo.{name}" if place == 0 else f"demo.{name}.{place + 1}"
        yield series, shape(place, generator)

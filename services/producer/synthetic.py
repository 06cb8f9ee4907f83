"""Synthetic readings for a demo: series with values in 0..100."""

import random
from collections.abc import Callable, Iterator
from typing import Final, TypeAlias

from services.producer.source_context import SourceContext
from services.reading import Reading

MIN_VALUE: Final = 0.0
MAX_VALUE: Final = 100.0

Sampler: TypeAlias = Callable[[int], float]
"""Returns the value of one series at a time in microseconds since 1970."""

SamplerFactory: TypeAlias = Callable[[int, random.Random], Sampler]
"""Returns the sampler of the series with an index from 0."""


def publish_synthetic(context: SourceContext, factory: SamplerFactory) -> None:
    """Publish synthetic readings until the producer stops.

    The settings give the number of series and the readings in a second.
    """
    series = list(
        create_samplers(context.name, factory, context.settings.producer_series, random.Random())
    )
    for times in context.paced(context.settings.producer_rate):
        context.put([Reading(name, ts, sampler(ts)) for ts in times for name, sampler in series])


def create_samplers(
    source: str, factory: SamplerFactory, count: int, generator: random.Random
) -> Iterator[tuple[str, Sampler]]:
    """Create the samplers of a source.

    Args:
        source: Name of the source; its series are `demo.SOURCE`, `demo.SOURCE.2` and so on.
        factory: Creates one sampler.
        count: Number of series.
        generator: Source of random numbers.

    Yields:
        Name and sampler of each series.
    """
    for index in range(count):
        name = f"demo.{source}" if index == 0 else f"demo.{source}.{index + 1}"
        yield name, factory(index, generator)

"""Synthetic readings: the values and names of the series."""

import random
from itertools import pairwise

import pytest

from services.producer.sources import random as uniform
from services.producer.sources import sine, walk
from services.producer.synthetic import Sampler, SamplerFactory, create_samplers
from services.reading import MICROSECONDS


def seeded(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 (the same numbers in every run)


def sampler_of(factory: SamplerFactory, seed: int = 7) -> Sampler:
    return factory(0, seeded(seed))


@pytest.mark.parametrize(
    "factory", [uniform.create_sampler, walk.create_sampler, sine.create_sampler]
)
def test_every_sampler_stays_between_0_and_100(factory: SamplerFactory) -> None:
    sampler = sampler_of(factory)
    values = [sampler(ts * MICROSECONDS) for ts in range(5_000)]
    assert min(values) >= 0
    assert max(values) <= 100
    assert max(values) - min(values) > 50


def test_random_values_are_evenly_distributed() -> None:
    sampler = sampler_of(uniform.create_sampler)
    values = [sampler(0) for _ in range(10_000)]
    for edge in range(0, 100, 10):
        assert 800 < sum(edge <= value < edge + 10 for value in values) < 1_200


def test_random_walk_moves_in_small_steps() -> None:
    sampler = sampler_of(walk.create_sampler)
    values = [sampler(0) for _ in range(1_000)]
    assert max(abs(later - earlier) for earlier, later in pairwise(values)) < 12


def test_sine_depends_on_the_time_only() -> None:
    first, second = sampler_of(sine.create_sampler, 1), sampler_of(sine.create_sampler, 2)
    assert first(12_345_678) == second(12_345_678)
    assert first(15 * MICROSECONDS) == pytest.approx(100)
    assert first(45 * MICROSECONDS) == pytest.approx(0)


def test_several_series_have_their_own_names_and_values() -> None:
    series = list(create_samplers("walk", walk.create_sampler, 3, seeded(7)))
    assert [name for name, _ in series] == ["demo.walk", "demo.walk.2", "demo.walk.3"]
    assert len({sampler(0) for _, sampler in series}) == 3

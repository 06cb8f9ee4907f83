"""The samples from which pages derive the digits of a series."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.reading import MICROSECONDS
from services.store.query.kinds import KnownSeries
from services.store.query.series_memory import MEMORY_SECONDS
from services.store.query.value_samples import (
    ValueSample,
    ValueSampler,
    sample_values,
)
from tests.support.dense_series import START, DenseDatabase


@pytest.mark.parametrize(
    ("values", "sample"),
    [
        ([28.9, 29.0, 30.5], ValueSample(1, 29.0, 1.6)),
        ([7.0], ValueSample(0, 7.0, 0.0)),
        ([0.0, -0.0], ValueSample(0, 0.0, 0.0)),
        ([0.0, 0.0, 5.0], ValueSample(0, 5.0, 5.0)),
        ([-2.0, 3.25], ValueSample(2, 3.25, 5.25)),
        ([1e-9], ValueSample(9, 1e-9, 0.0)),
        ([1e16], ValueSample(0, 1e16, 0.0)),
        ([-1.7e308, 1.7e308], ValueSample(0, 1.7e308, sys.float_info.max)),
    ],
)
def test_values_give_decimals_magnitude_and_spread(
    values: list[float], sample: ValueSample
) -> None:
    assert sample_values(values) == pytest.approx(sample)


class TestValueSampler:
    """Samples that are remembered."""

    @pytest.fixture
    def dense(self, tmp_path: Path) -> Iterator[DenseDatabase]:
        database = DenseDatabase(tmp_path)
        yield database
        database.close()

    def take(self, database: DenseDatabase, sampler: ValueSampler, name: str) -> ValueSample | None:
        with database.engine.connect() as connection:
            row = connection.exec_driver_sql(
                "SELECT id, name, unit, ts, value FROM series JOIN readings ON series_id = id"
                " WHERE name = ? ORDER BY ts DESC LIMIT 1",
                (name,),
            ).one()
            return sampler.take(connection, KnownSeries(*row))

    def test_series_without_readings_has_no_sample(self, dense: DenseDatabase) -> None:
        with dense.engine.connect() as connection:
            series = KnownSeries(1, "a", None, None, None)
            assert ValueSampler().take(connection, series) is None

    def test_sample_is_of_newest_values(self, dense: DenseDatabase) -> None:
        old = {START + i * MICROSECONDS: 0.125 for i in range(100)}
        new = {START + (100 + i) * MICROSECONDS: 20.0 for i in range(32)}
        dense.record(old | new, "b")
        assert self.take(dense, ValueSampler(), "b") == ValueSample(0, 20.0, 0.0)

    def test_sample_is_taken_again_after_new_readings_and_some_time(
        self, dense: DenseDatabase
    ) -> None:
        now = [0.0]
        sampler = ValueSampler(lambda: now[0])
        dense.record({START + i: 20.0 for i in range(40)}, "b")
        assert self.take(dense, sampler, "b") == ValueSample(0, 20.0, 0.0)
        dense.record({START + 100 + i: 500.25 for i in range(40)}, "b")
        assert self.take(dense, sampler, "b") == ValueSample(2, 20.0, 0.0)
        now[0] += MEMORY_SECONDS
        assert self.take(dense, sampler, "b") == ValueSample(2, 500.25, 0.0)

    def test_number_of_samples_is_bounded(self, dense: DenseDatabase) -> None:
        sampler = ValueSampler(max_samples=2)
        for value, name in enumerate(("b", "c", "d")):
            dense.record({START: float(value)}, name)
            assert self.take(dense, sampler, name) == ValueSample(0, value, 0.0)

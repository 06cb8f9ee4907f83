"""Series in the database, and the cache of their ids."""

from collections.abc import Sequence

import pytest
from sqlalchemy import Engine

from services.store.series import (
    SeriesCache,
    SeriesDetails,
    StoredSeries,
    find_series,
    newest_units,
)
from tests.unit.conftest import NOW


def store(engine: Engine, cache: SeriesCache, names: Sequence[str]) -> dict[str, StoredSeries]:
    with engine.begin() as connection:
        series = cache.find_or_add(connection, names, SeriesDetails(), NOW)
    cache.update(series)
    return series


def test_cache_evicts_the_oldest_series_beyond_its_limit(writing: Engine) -> None:
    store(writing, SeriesCache(5), "abcde")
    cache = SeriesCache(2)
    for names in ("abc", "d"):
        store(writing, cache, names)
    assert len(cache) == 2


def test_cached_series_need_no_query(writing: Engine) -> None:
    cache = SeriesCache(3)
    series = store(writing, cache, "ab")
    with writing.begin() as connection:
        connection.exec_driver_sql("UPDATE series SET unit = 'V'")
    assert store(writing, cache, "ab") == series


def test_cleared_cache_reads_the_database_again(writing: Engine) -> None:
    cache = SeriesCache(3)
    store(writing, cache, "a")
    with writing.begin() as connection:
        connection.exec_driver_sql("UPDATE series SET unit = 'V'")
    cache.clear()
    assert store(writing, cache, "a")["a"].unit == "V"


def test_series_beyond_the_limit_are_not_added(writing: Engine) -> None:
    assert [*store(writing, SeriesCache(2), "abc")] == ["a", "b"]


def test_more_names_than_parameters_in_a_statement_are_all_found(writing: Engine) -> None:
    names = [f"s{i}" for i in range(1_200)]
    store(writing, SeriesCache(2_000), names)
    with writing.begin() as connection:
        assert find_series(connection, [*names, "missing"]).keys() == set(names)


@pytest.mark.parametrize(
    ("units", "expected"),
    [
        ([None, None, None], {}),
        (["V", None, "mV"], {"a": "mV"}),
        (["V", "A", None], {"a": "V", "b": "A"}),
    ],
)
def test_newest_unit_of_each_series_counts(
    units: list[str | None], expected: dict[str, str]
) -> None:
    assert newest_units(["a", "b", "a"], units) == expected

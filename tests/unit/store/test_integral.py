"""The area under a line, compared with a window function of SQLite."""

import random
from collections.abc import Iterator
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, text

from services.reading import MICROSECONDS
from services.store import Interval
from services.store.query.integral import integrate_readings
from tests.support.dense_series import START, DenseDatabase

READING_COUNT: Final = 400

WINDOW_FUNCTION: Final = text("""
    SELECT total((value + before) / 2.0 * (ts - before_ts))
    FROM (SELECT ts, value, lag(value) OVER edge AS before, lag(ts) OVER edge AS before_ts
          FROM readings WHERE series_id = :series AND ts BETWEEN :start AND :end
          WINDOW edge AS (ORDER BY ts))
""")


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    """Readings of two series at irregular times, from a microsecond to an hour apart."""
    database = DenseDatabase(tmp_path_factory.mktemp("irregular"))
    generator = random.Random(1)  # noqa: S311 (the test needs the same numbers each time)
    for name in ("other", "a"):
        ts = START
        values = {}
        for _ in range(READING_COUNT):
            ts += round(10 ** generator.uniform(0, 9.5))
            values[ts] = generator.choice([0.0, 1.0, generator.gauss(0, 1e6), generator.random()])
        database.record(values, name)
    with database.engine.connect() as opened:
        yield opened
    database.close()


@given(positions=st.sets(st.integers(0, READING_COUNT - 1), min_size=2, max_size=2))
def test_area_between_any_readings_equals_window_function(
    connection: Connection, positions: set[int]
) -> None:
    find = text("SELECT series_id, ts FROM readings JOIN series ON id = series_id WHERE name = 'a'")
    rows = sorted(tuple(row) for row in connection.execute(find))
    (series, start), (_, end) = (rows[position] for position in sorted(positions))
    parameters = {"series": series, "start": start, "end": end}
    expected = connection.execute(WINDOW_FUNCTION, parameters).scalar_one()
    area = integrate_readings(connection, series, Interval(start, end + 1))
    assert area == pytest.approx(expected / MICROSECONDS, rel=1e-12)

"""Estimates of how fast the database grows."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from services.reading import MICROSECONDS
from services.retention_policy import RetentionPolicy, RetentionRule
from services.store import Growth, database_path
from services.store.query.growth import read_growth
from tests.support.dense_series import (
    DAY,
    HOUR,
    KEEP_EVERYTHING,
    START,
    DenseDatabase,
    make_values,
)

NOW = START + 3 * DAY


@pytest.fixture
def database(tmp_path: Path) -> Iterator[DenseDatabase]:
    opened = DenseDatabase(tmp_path)
    yield opened
    opened.close()


def read(
    database: DenseDatabase, now: int = NOW, policy: RetentionPolicy = KEEP_EVERYTHING
) -> Growth:
    growth = database.reader.growth(now, policy, 60.0)
    assert growth is not None
    return growth


def insert(database: DenseDatabase, rows: list[tuple[int, int]], series_count: int) -> None:
    """Insert series, and readings of (series id, time) without rollups."""
    with closing(sqlite3.connect(database_path(database.settings))) as file, file:
        file.executemany(
            "INSERT OR IGNORE INTO series VALUES (?, ?, NULL, NULL, ?)",
            [(i, f"s{i}", START) for i in range(1, series_count + 1)],
        )
        file.executemany("INSERT INTO readings VALUES (?, ?, 1.5)", rows)


def test_growth_is_unknown_without_database_or_readings(database: DenseDatabase) -> None:
    assert database.reader.growth(NOW, KEEP_EVERYTHING) is None
    database_path(database.settings).unlink()
    assert database.reader.growth(NOW, KEEP_EVERYTHING) is None


def test_growth_is_unknown_in_first_minute(database: DenseDatabase) -> None:
    database.record(make_values(1, 50))
    assert database.reader.growth(START + 50 * MICROSECONDS, KEEP_EVERYTHING) is None
    assert database.reader.growth(START - DAY, KEEP_EVERYTHING) is None


def test_young_database_is_measured_since_its_start(database: DenseDatabase) -> None:
    database.record(make_values(1, 600))
    growth = read(database, START + 600 * MICROSECONDS)
    assert growth.readings_per_second == pytest.approx(1)
    assert growth.bytes_per_reading == 28


def test_last_day_is_counted_in_rollups(database: DenseDatabase) -> None:
    database.record(make_values(1, 3_000))
    database.record(make_values(4, 3 * 21_600 - 7_200, START + 8 * HOUR))
    database.record(make_values(60, 3 * 1_440), "b")
    database.maintain()
    with closing(sqlite3.connect(database_path(database.settings))) as file, file:
        covered = "SELECT until_ts FROM coverage WHERE series_id = 1 AND tier = '4h'"
        (until,) = file.execute(covered).fetchone()
        # Readings with buckets are not read.
        file.execute("DELETE FROM readings WHERE series_id = 1 AND ts < ?", (until,))
    assert read(database).readings_per_second == pytest.approx(1 / 4 + 1 / 60, rel=0.01)


def test_import_of_old_readings_is_not_growth(database: DenseDatabase) -> None:
    database.record(make_values(60, 3 * 1_440))
    before = read(database)
    database.record(make_values(1, 20_000, START - 900 * DAY), "old")
    database.maintain()
    growth = read(database)
    assert growth.readings_per_second == pytest.approx(before.readings_per_second)


def test_bytes_per_reading_are_its_share_of_the_file(database: DenseDatabase) -> None:
    size = 120_000
    database.record(make_values(2, size, NOW - 2 * size * MICROSECONDS))
    database.maintain()
    growth = read(database)
    assert growth.bytes_per_reading == pytest.approx(growth.used_bytes / size, rel=0.01)
    assert 20 < growth.bytes_per_reading < 40
    assert growth.bytes_per_day == pytest.approx(43_200 * growth.bytes_per_reading, rel=0.01)


def test_many_series_are_estimated_from_a_sample(database: DenseDatabase) -> None:
    # The last fifth of the series has no readings of the last day.
    rows = [
        (i, (START if i > 1_200 else NOW - DAY) + k * 2 * HOUR)
        for i in range(1, 1_501)
        for k in range(12)
    ]
    insert(database, rows, 1_500)
    expected = 1_200 * 12 / 86_400
    assert read(database).readings_per_second == pytest.approx(expected, rel=0.1)


def test_readings_without_rollups_are_extrapolated(database: DenseDatabase) -> None:
    insert(database, [(1, NOW - DAY + i * MICROSECONDS) for i in range(86_400)], 1)
    assert read(database).readings_per_second == pytest.approx(1, rel=0.01)


def test_series_whose_old_readings_are_purged_has_no_net_growth(database: DenseDatabase) -> None:
    database.record(make_values(60, 3 * 1_440))
    database.record(make_values(60, 3 * 1_440), "b")
    with closing(sqlite3.connect(database_path(database.settings))) as file, file:
        file.execute("INSERT INTO coverage VALUES (1, 'raw', ?, NULL)", (START + DAY,))
    growth = read(database)
    assert growth.readings_per_second == pytest.approx(2 / 60, rel=1e-3)
    assert growth.net_readings_per_second == pytest.approx(growth.readings_per_second)
    growth = read(database, policy=RetentionPolicy((RetentionRule("*", "raw", 86_400),)))
    assert growth.readings_per_second == pytest.approx(2 / 60, rel=1e-3)
    assert growth.net_readings_per_second == pytest.approx(1 / 60, rel=1e-3)


def test_without_time_one_series_stands_for_all(database: DenseDatabase) -> None:
    insert(database, [(i, NOW - HOUR) for i in range(1, 201)], 200)
    with database.engine.begin() as connection:
        growth = read_growth(connection, NOW, KEEP_EVERYTHING, 0.0)
    assert growth is not None
    assert growth.readings_per_second == pytest.approx(200 / 86_400)

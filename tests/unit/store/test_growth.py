"""How fast the database grows, and how long its disk lasts."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from services.reading import MICROSECONDS
from services.retention_policy import RetentionPolicy, RetentionRule
from services.settings import Settings
from services.store import DiskSpace, Growth, measure_disk
from services.store.query.growth import read_growth
from tests.support.dense_series import EVERYTHING, HOUR, START, Base, every

DAY = 24 * HOUR
NOW = START + 3 * DAY
GB = 1_000_000_000


@pytest.fixture
def base(tmp_path: Path) -> Iterator[Base]:
    base = Base(tmp_path)
    yield base
    base.close()


def growth(base: Base, now: int = NOW, keep: RetentionPolicy = EVERYTHING) -> Growth:
    found = base.reader.growth(now, keep, 60.0)
    assert found is not None
    return found


def put(base: Base, rows: list[tuple[int, int]], series: int) -> None:
    """Store readings as they are, without rollups, and as many series."""
    with closing(sqlite3.connect(base.settings.data_dir / "readings.db")) as file, file:
        file.executemany(
            "INSERT OR IGNORE INTO series VALUES (?, ?, NULL, NULL, ?)",
            [(i, f"s{i}", START) for i in range(1, series + 1)],
        )
        file.executemany("INSERT INTO readings VALUES (?, ?, 1.5)", rows)


class TestGrowth:
    """What is told of a database."""

    def test_without_a_database_or_readings_nothing_is_known(self, base: Base) -> None:
        assert base.reader.growth(NOW, EVERYTHING) is None
        (base.settings.data_dir / "readings.db").unlink()
        assert base.reader.growth(NOW, EVERYTHING) is None

    def test_a_database_of_a_moment_tells_nothing(self, base: Base) -> None:
        base.record(every(1, 50))
        assert base.reader.growth(START + 50 * MICROSECONDS, EVERYTHING) is None
        assert base.reader.growth(START - DAY, EVERYTHING) is None

    def test_a_young_database_tells_what_it_has(self, base: Base) -> None:
        base.record(every(1, 600))
        found = growth(base, START + 600 * MICROSECONDS)
        assert found.readings_per_second == pytest.approx(1)
        assert found.bytes_per_reading == 28

    def test_the_last_day_counts_and_is_read_from_the_rollups(self, base: Base) -> None:
        base.record(every(1, 3_000))
        base.record(every(4, 3 * 21_600 - 7_200, START + 8 * HOUR))
        base.record(every(60, 3 * 1_440), "b")
        base.maintain()
        with closing(sqlite3.connect(base.settings.data_dir / "readings.db")) as file, file:
            covered = "SELECT until_ts FROM coverage WHERE series_id = 1 AND tier = '4h'"
            (until,) = file.execute(covered).fetchone()
            # What has a rollup is not looked at any more.
            file.execute("DELETE FROM readings WHERE series_id = 1 AND ts < ?", (until,))
        assert growth(base).readings_per_second == pytest.approx(1 / 4 + 1 / 60, rel=0.01)

    def test_an_import_of_old_readings_is_no_growth(self, base: Base) -> None:
        base.record(every(60, 3 * 1_440))
        before = growth(base)
        base.record(every(1, 20_000, START - 900 * DAY), "old")
        base.maintain()
        assert growth(base).readings_per_second == pytest.approx(before.readings_per_second)

    def test_a_reading_takes_its_share_of_the_file(self, base: Base) -> None:
        size = 120_000
        base.record(every(2, size, NOW - 2 * size * MICROSECONDS))
        base.maintain()
        found = growth(base)
        assert found.bytes_per_reading == pytest.approx(found.used_bytes / size, rel=0.01)
        assert 20 < found.bytes_per_reading < 40
        assert found.bytes_per_day == pytest.approx(43_200 * found.bytes_per_reading, rel=0.01)

    def test_of_many_series_some_are_looked_at(self, base: Base) -> None:
        # The last fifth are of the day before yesterday.
        rows = [
            (i, (START if i > 1_200 else NOW - DAY) + k * 2 * HOUR)
            for i in range(1, 1_501)
            for k in range(12)
        ]
        put(base, rows, 1_500)
        assert growth(base).readings_per_second == pytest.approx(1_200 * 12 / 86_400, rel=0.1)

    def test_what_has_no_rollups_yet_is_not_counted_to_its_end(self, base: Base) -> None:
        put(base, [(1, NOW - DAY + i * MICROSECONDS) for i in range(86_400)], 1)
        assert growth(base).readings_per_second == pytest.approx(1, rel=0.01)

    def test_a_series_whose_oldest_go_does_not_grow(self, base: Base) -> None:
        base.record(every(60, 3 * 1_440))
        base.record(every(60, 3 * 1_440), "b")
        with closing(sqlite3.connect(base.settings.data_dir / "readings.db")) as file, file:
            file.execute("INSERT INTO coverage VALUES (1, 'raw', ?, NULL)", (START + DAY,))
        found = growth(base)
        assert (
            found.net_readings_per_second
            == pytest.approx(found.readings_per_second)
            == pytest.approx(2 / 60, rel=1e-3)
        )
        found = growth(base, keep=RetentionPolicy((RetentionRule("*", "raw", 86_400),)))
        assert found.readings_per_second == pytest.approx(2 / 60, rel=1e-3)
        assert found.net_readings_per_second == pytest.approx(1 / 60, rel=1e-3)

    def test_it_ends_in_time(self, base: Base) -> None:
        put(base, [(i, NOW - HOUR) for i in range(1, 201)], 200)
        with base.engine.begin() as connection:
            found = read_growth(connection, NOW, EVERYTHING, 0.0)
        # One series was looked at, and stands for all.
        assert found is not None
        assert found.readings_per_second == pytest.approx(200 / 86_400)


def space(free: int, copies: int = 1, most: int = 0) -> DiskSpace:
    return DiskSpace(5 * GB, free, 100 * GB, GB, copies, most)


def daily(size: float) -> Growth:
    """A growth by so many bytes a day, of a database that has 5 GB."""
    return Growth(5 * GB, 28.0, size / 86_400 / 28, size / 86_400 / 28)


class TestSpace:
    """How long the disk lasts, and when that is too little."""

    def test_backups_on_the_same_disk_grow_with_the_database(self) -> None:
        assert space(30 * GB).seconds_left(daily(GB)) == pytest.approx(30 * 86_400)
        assert space(30 * GB, copies=3).seconds_left(daily(GB)) == pytest.approx(10 * 86_400)

    def test_what_takes_for_ever_is_not_told(self) -> None:
        assert space(30 * GB).seconds_left(None) is None
        assert space(30 * GB).seconds_left(daily(0)) is None
        assert space(30 * GB).seconds_left(daily(1_000)) is None

    def test_a_database_that_is_bounded_may_fit_for_ever(self) -> None:
        assert space(30 * GB, most=30 * GB).seconds_left(daily(GB)) is None
        assert space(30 * GB, most=40 * GB).seconds_left(daily(GB)) == pytest.approx(30 * 86_400)
        assert space(30 * GB, copies=3, most=30 * GB).seconds_left(daily(GB)) == pytest.approx(
            10 * 86_400
        )

    def test_the_disk_is_low_below_the_reserve(self) -> None:
        assert space(GB).shortage(None) is None
        assert space(GB - 10**8).shortage(None) == "900.0 MB free"
        assert space(GB).shortage(None, 1.1) is not None

    def test_the_disk_is_low_when_a_week_fills_it(self) -> None:
        assert space(71 * GB).shortage(daily(10 * GB)) is None
        told = space(60 * GB).shortage(daily(10 * GB))
        assert told == "60.0 GB free, which lasts for 6 days at this rate"

    def test_the_disk_is_measured(self, settings: Settings, tmp_path: Path) -> None:
        """The folder need not be there yet."""
        found = measure_disk(settings)
        assert (found.database_bytes, found.copies) == (0, 3)
        assert 0 < found.reserve_bytes <= GB
        assert 0 < found.free_bytes <= found.total_bytes
        (tmp_path / "data").mkdir()
        (tmp_path / "data" / "readings.db").write_bytes(b"x" * 5_000)
        (tmp_path / "data" / "readings.db-wal").write_bytes(b"x" * 3_000)
        assert measure_disk(settings).database_bytes == 8_000
        assert measure_disk(replace(settings, backup_hours=0)).copies == 1
        assert measure_disk(replace(settings, low_disk_bytes=7)).reserve_bytes == 7

    def test_backups_on_another_disk_take_nothing_of_this_one(self, settings: Settings) -> None:
        other = Path("/dev/shm")
        if not other.is_dir() or other.stat().st_dev == settings.data_dir.parent.stat().st_dev:
            pytest.skip("needs a second file system at /dev/shm")
        assert measure_disk(replace(settings, backup_dir=str(other))).copies == 1

"""Disk space: how long it lasts, and when it is low."""

from dataclasses import replace
from pathlib import Path

import pytest

from services.errors import StoreUnavailableError
from services.settings import Settings
from services.store import DiskSpace, DiskUsage, Growth, Reader, measure_disk, reading_engine
from tests.support.clock import FakeClock

GB = 1_000_000_000
DAY_SECONDS = 86_400


def space(free_bytes: int, copies: int = 1, max_bytes: int = 0) -> DiskSpace:
    return DiskSpace(5 * GB, free_bytes, 100 * GB, GB, copies, max_bytes)


def growth(bytes_per_day: float) -> Growth:
    """Return the growth of a database of 5 GB."""
    readings_per_second = bytes_per_day / DAY_SECONDS / 28
    return Growth(5 * GB, 28.0, readings_per_second, readings_per_second)


def days(count: int) -> object:
    return pytest.approx(count * DAY_SECONDS)


class TestDiskSpace:
    def test_backups_on_same_disk_grow_with_database(self) -> None:
        assert space(30 * GB).seconds_left(growth(GB)) == days(30)
        assert space(30 * GB, copies=3).seconds_left(growth(GB)) == days(10)

    def test_without_growth_no_time_is_left_to_forecast(self) -> None:
        assert space(30 * GB).seconds_left(None) is None
        assert space(30 * GB).seconds_left(growth(0)) is None
        assert space(30 * GB).seconds_left(growth(1_000)) is None

    def test_limited_database_may_never_fill_the_disk(self) -> None:
        assert space(30 * GB, max_bytes=30 * GB).seconds_left(growth(GB)) is None
        assert space(30 * GB, max_bytes=40 * GB).seconds_left(growth(GB)) == days(30)
        assert space(30 * GB, copies=3, max_bytes=30 * GB).seconds_left(growth(GB)) == days(10)

    def test_disk_is_low_below_its_reserve(self) -> None:
        assert space(GB).shortage(None) is None
        assert space(GB - 10**8).shortage(None) == "900.0 MB free"
        assert space(GB).shortage(None, 1.1) is not None

    def test_disk_is_low_if_a_week_fills_it(self) -> None:
        assert space(71 * GB).shortage(growth(10 * GB)) is None
        shortage = space(60 * GB).shortage(growth(10 * GB))
        assert shortage == "60.0 GB free, which lasts for 6 days at this rate"


class TestMeasureDisk:
    def test_folder_need_not_exist(self, settings: Settings) -> None:
        measured = measure_disk(settings)
        assert (measured.database_bytes, measured.copies) == (0, 3)
        assert 0 < measured.reserve_bytes <= GB
        assert 0 < measured.free_bytes <= measured.total_bytes

    def test_write_ahead_log_counts(self, settings: Settings) -> None:
        settings.data_dir.mkdir()
        (settings.data_dir / "readings.db").write_bytes(b"x" * 5_000)
        (settings.data_dir / "readings.db-wal").write_bytes(b"x" * 3_000)
        assert measure_disk(settings).database_bytes == 8_000

    def test_settings_decide_about_copies_and_reserve(self, settings: Settings) -> None:
        assert measure_disk(replace(settings, backup_hours=0)).copies == 1
        assert measure_disk(replace(settings, low_disk_bytes=7)).reserve_bytes == 7

    def test_backups_on_another_disk_take_no_space_of_this_one(self, settings: Settings) -> None:
        other = Path("/dev/shm")
        if not other.is_dir() or other.stat().st_dev == settings.data_dir.parent.stat().st_dev:
            pytest.skip("needs a second file system at /dev/shm")
        assert measure_disk(replace(settings, backup_dir=str(other))).copies == 1


class StubReader(Reader):
    """A reader with a given growth.

    Attributes:
        result: The growth to return, None for an unknown one.
        error: An error to raise instead.
        query_count: Number of queries so far.
    """

    result: Growth | None = None
    error: Exception | None = None
    query_count = 0

    def growth(self, *_: object) -> Growth | None:
        self.query_count += 1
        if self.error is not None:
            raise self.error
        return self.result


class TestDiskUsage:
    @pytest.fixture
    def clock(self) -> FakeClock:
        return FakeClock()

    @pytest.fixture
    def stub(self, settings: Settings) -> StubReader:
        return StubReader(reading_engine(settings), "readings:journal")

    @pytest.fixture
    def usage(self, settings: Settings, stub: StubReader, clock: FakeClock) -> DiskUsage:
        return DiskUsage(
            settings,
            stub,
            growth_seconds=600,
            retry_seconds=10,
            monotonic=clock,
            measure=lambda _: space(stub.query_count),
        )

    def test_growth_is_queried_once_in_its_period(
        self, usage: DiskUsage, stub: StubReader, clock: FakeClock
    ) -> None:
        stub.result = growth(GB)
        assert usage.growth() == growth(GB)
        clock.now += 10
        usage.growth()
        before = stub.query_count
        stub.result = growth(2 * GB)
        clock.now += 599
        assert usage.growth() == growth(GB)
        assert stub.query_count == before
        clock.now += 1
        assert usage.growth() == growth(2 * GB)

    def test_unknown_growth_is_queried_more_often(
        self, usage: DiskUsage, stub: StubReader, clock: FakeClock
    ) -> None:
        for _ in range(3):
            assert usage.growth() is None
            clock.now += 10
        assert stub.query_count == 3

    def test_failed_query_leaves_last_growth(
        self, usage: DiskUsage, stub: StubReader, clock: FakeClock
    ) -> None:
        stub.result = growth(GB)
        usage.growth()
        stub.error = StoreUnavailableError("no")
        clock.now += 10
        assert usage.growth() == growth(GB)
        assert stub.query_count == 2

    def test_space_is_measured_each_time(self, usage: DiskUsage, stub: StubReader) -> None:
        stub.query_count = 5
        assert usage.space().free_bytes == 5
        stub.query_count = 6
        assert usage.space().free_bytes == 6

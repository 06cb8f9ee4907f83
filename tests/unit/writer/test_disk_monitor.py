"""DiskMonitor logs once that the disk gets low, and once that it is good again."""

import logging

import pytest

from services.errors import StoreUnavailableError
from services.settings import Settings
from services.store import DiskSpace
from services.writer.disk_monitor import DiskMonitor
from tests.support.clock import FakeClock

GB = 1_000_000_000


class FakeDisk:
    """A disk whose free bytes a test sets."""

    def __init__(self) -> None:
        self.free = 50 * GB
        self.measure_count = 0
        self.broken = False

    def measure(self, _settings: Settings) -> DiskSpace:
        self.measure_count += 1
        if self.broken:
            raise StoreUnavailableError("the disk can't be measured")
        return DiskSpace(GB, self.free, 100 * GB, GB, 1, 0)


@pytest.fixture
def disk() -> FakeDisk:
    return FakeDisk()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def monitor(settings: Settings, disk: FakeDisk, clock: FakeClock) -> DiskMonitor:
    logger = logging.getLogger("writer")
    return DiskMonitor(settings, "readings:journal", logger, clock, disk.measure)


def check_a_minute_later(monitor: DiskMonitor, clock: FakeClock) -> None:
    clock.now += 60
    monitor.check_when_due()


def test_low_disk_is_logged_once_and_its_end_once(
    monitor: DiskMonitor, disk: FakeDisk, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    check_a_minute_later(monitor, clock)
    assert not caplog.messages
    disk.free = GB // 2
    for _ in range(3):
        check_a_minute_later(monitor, clock)
    (low,) = caplog.messages
    assert low.startswith("disk space for the database low: 500.0 MB free; free some")
    assert caplog.records[0].levelno == logging.WARNING
    # Slightly above the limit is not good yet, or the state would change again and again.
    disk.free = GB + 1
    check_a_minute_later(monitor, clock)
    assert len(caplog.messages) == 1
    disk.free = 2 * GB
    check_a_minute_later(monitor, clock)
    check_a_minute_later(monitor, clock)
    assert caplog.messages[1].startswith("disk space for the database sufficient again after ")
    assert len(caplog.messages) == 2


def test_disk_is_measured_once_a_minute(
    monitor: DiskMonitor, disk: FakeDisk, clock: FakeClock
) -> None:
    for _ in range(50):
        monitor.check_when_due()
        clock.now += 1.3
    assert disk.measure_count == 2


def test_disk_that_cannot_be_measured_is_not_logged(
    monitor: DiskMonitor, disk: FakeDisk, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    disk.free = 0
    disk.broken = True
    check_a_minute_later(monitor, clock)
    assert not caplog.messages
    disk.broken = False
    check_a_minute_later(monitor, clock)
    assert len(caplog.messages) == 1

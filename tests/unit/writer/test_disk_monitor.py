"""The writer says that the disk gets full, once, and once that it does not any more."""

import logging

import pytest

from services.errors import StoreUnavailableError
from services.settings import Settings
from services.store import DiskSpace
from services.writer.disk_monitor import DiskMonitor

GB = 1_000_000_000


class Disk:
    """A disk whose free room is set, and a clock."""

    def __init__(self) -> None:
        self.free = 50 * GB
        self.now = 0.0
        self.looks = 0
        self.broken = False

    def measure(self, _settings: Settings) -> DiskSpace:
        self.looks += 1
        if self.broken:
            raise StoreUnavailableError("the disk can't be looked at")
        return DiskSpace(GB, self.free, 100 * GB, GB, 1, 0)


@pytest.fixture
def disk() -> Disk:
    return Disk()


@pytest.fixture
def room(settings: Settings, disk: Disk) -> DiskMonitor:
    logger = logging.getLogger("writer")
    return DiskMonitor(settings, "readings:journal", logger, lambda: disk.now, disk.measure)


def look(room: DiskMonitor, disk: Disk, free: int) -> None:
    """A minute later."""
    disk.free = free
    disk.now += 60
    room.check()


def test_it_is_said_once_and_once_that_it_is_over(
    room: DiskMonitor, disk: Disk, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    look(room, disk, 50 * GB)
    assert not caplog.messages
    for _ in range(3):
        look(room, disk, GB // 2)
    (said,) = caplog.messages
    assert said.startswith("disk space for the database low: 500.0 MB free; make room")
    assert caplog.records[0].levelno == logging.WARNING
    # A little more than the least is not good yet: it would be said again and again.
    look(room, disk, GB + 1)
    assert len(caplog.messages) == 1
    look(room, disk, 2 * GB)
    look(room, disk, 2 * GB)
    assert caplog.messages[1].startswith("disk space for the database sufficient again after ")
    assert len(caplog.messages) == 2


def test_it_looks_once_a_minute(room: DiskMonitor, disk: Disk) -> None:
    for _ in range(50):
        room.check()
        disk.now += 1.3
    assert disk.looks == 2


def test_a_disk_that_can_not_be_looked_at_is_no_news(
    room: DiskMonitor, disk: Disk, caplog: pytest.LogCaptureFixture
) -> None:
    disk.broken = True
    look(room, disk, 0)
    assert not caplog.messages
    disk.broken = False
    look(room, disk, 0)
    assert len(caplog.messages) == 1

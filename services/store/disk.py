"""Disk usage of the database: how much space is left, and how long it lasts."""

import math
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

from services.clock import now_microseconds
from services.errors import StoreUnavailableError, StripchartError
from services.settings import Settings
from services.store.query.growth import Growth
from services.store.query.reader import Reader
from services.store.sqlite.engine import database_path
from services.units import format_bytes, format_duration

_MAX_RESERVE_BYTES: Final = 1_000_000_000
_RESERVE_DIVISOR: Final = 20
"""By default 5% of the disk must stay free, but at most 1 GB."""

_WEEK_SECONDS: Final = 604_800
_DAY_SECONDS: Final = 86_400

_MAX_SECONDS_LEFT: Final = 36_500 * _DAY_SECONDS
"""A hundred years. A disk that lasts longer is not worth a forecast."""


class DiskSpace(NamedTuple):
    """The database and the disk it is on.

    Attributes:
        database_bytes: Size of the database with its write-ahead log.
        free_bytes: Free space on the disk.
        total_bytes: Size of the disk.
        reserve_bytes: Space that must stay free.
        copies: Bytes that the disk loses for each byte by which the database grows, because backups
            can be on the same disk.
        max_bytes: Size that the database may have, 0 for no limit.
        wal_bytes: Size of the write-ahead log, which `database_bytes` contains.
    """

    database_bytes: int
    free_bytes: int
    total_bytes: int
    reserve_bytes: int
    copies: int
    max_bytes: int
    wal_bytes: int = 0

    def seconds_left(self, growth: Growth | None) -> float | None:
        """Return the time until the disk is full.

        Returns:
            None if that is unknown, never happens, or is more than a hundred years away.
        """
        if growth is None or growth.bytes_per_day <= 0:
            return None
        if self.max_bytes and (self.max_bytes - growth.used_bytes) * self.copies < self.free_bytes:
            return None
        seconds = self.free_bytes / (growth.bytes_per_day * self.copies) * _DAY_SECONDS
        return seconds if seconds < _MAX_SECONDS_LEFT else None

    def shortage(self, growth: Growth | None, margin: float = 1.0) -> str | None:
        """Describe a shortage: less is free than the reserve, or than the growth of a week.

        Args:
            growth: The growth of the database, None if unknown.
            margin: Factor for the free space that is required.

        Returns:
            None if there is enough space.
        """
        seconds = self.seconds_left(growth)
        full_soon = seconds is not None and seconds < _WEEK_SECONDS * margin
        if self.free_bytes >= self.reserve_bytes * margin and not full_soon:
            return None
        free = f"{format_bytes(self.free_bytes)} free"
        if seconds is None:
            return free
        return f"{free}, which lasts for {format_duration(seconds)} at this rate"


def measure_disk(settings: Settings) -> DiskSpace:
    """Measure the database and its disk. The folders need not exist yet.

    Raises:
        StoreUnavailableError: The disk can't be read.
        SettingError: The database is not in a SQLite file.
    """
    path = database_path(settings)
    try:
        folder = _nearest_existing(path.parent)
        total_bytes, _, free_bytes = shutil.disk_usage(folder)
        wal_bytes = _file_bytes(Path(f"{path}-wal"))
        database_bytes = _file_bytes(path) + wal_bytes
        backup_folder = _nearest_existing(settings.backup_folder.absolute())
        same_disk = folder.stat().st_dev == backup_folder.stat().st_dev
    except OSError as error:
        raise StoreUnavailableError(f"the disk can't be read: {error}") from error
    copies = 1 + (settings.backups if settings.backup_hours and same_disk else 0)
    reserve_bytes = settings.low_disk_bytes or min(
        _MAX_RESERVE_BYTES, total_bytes // _RESERVE_DIVISOR
    )
    return DiskSpace(
        database_bytes,
        free_bytes,
        total_bytes,
        reserve_bytes,
        copies,
        settings.retention.max_bytes,
        wal_bytes,
    )


class DiskUsage:
    """Measures the disk whenever it is asked, and the growth of the database once in a period.

    Args:
        settings: Where the database is, and its retention policy.
        reader: Reader of the database.
        growth_seconds: Period of the growth.
        retry_seconds: Period while the growth is unknown; by default the same.
        query_seconds: Time that a query for the growth may take, approximately.
        monotonic: Clock in seconds that is never set back.
        measure: Measures the disk.
    """

    def __init__(
        self,
        settings: Settings,
        reader: Reader,
        growth_seconds: float = math.inf,
        *,
        retry_seconds: float | None = None,
        query_seconds: float = 0.25,
        monotonic: Callable[[], float] = time.monotonic,
        measure: Callable[[Settings], DiskSpace] = measure_disk,
    ) -> None:
        self._settings = settings
        self._reader = reader
        self._growth_seconds = growth_seconds
        self._retry_seconds = growth_seconds if retry_seconds is None else retry_seconds
        self._query_seconds = query_seconds
        self._monotonic = monotonic
        self._measure = measure
        self._growth: Growth | None = None
        self._next_query = monotonic()

    def space(self) -> DiskSpace:
        """Measure the disk.

        Raises:
            StoreUnavailableError: The disk can't be read.
            SettingError: The database is not in a SQLite file.
        """
        return self._measure(self._settings)

    def growth(self) -> Growth | None:
        """Return the growth that was estimated last, after a query if one is due.

        A failed query leaves the last estimate.

        Returns:
            None if the growth is unknown.
        """
        now = self._monotonic()
        if now >= self._next_query:
            # Set before the query, so that other threads get the last estimate meanwhile.
            self._next_query = now + (self._growth_seconds if self._growth else self._retry_seconds)
            with suppress(StripchartError):
                self._growth = self._reader.growth(
                    now_microseconds(), self._settings.retention, self._query_seconds
                )
        return self._growth


def _nearest_existing(folder: Path) -> Path:
    """Return the folder, or the nearest one above it that exists."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return folder


def _file_bytes(file: Path) -> int:
    """Return the size of a file, 0 if it is missing."""
    try:
        return file.stat().st_size
    except FileNotFoundError:
        return 0

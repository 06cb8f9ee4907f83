"""The room that is left on the database's disk, and how long it lasts."""

import shutil
from pathlib import Path
from typing import Final, NamedTuple

from services.errors import StoreUnavailableError
from services.settings import Settings
from services.store.query.growth import Growth
from services.store.sqlite.engine import database_path

_USUAL_RESERVE: Final = 1_000_000_000
_SHARE: Final = 20
"""The part of a small disk that shall be free."""

_WEEK_DAYS: Final = 7
_UNITS: Final = ((1e12, "TB"), (1e9, "GB"), (1e6, "MB"))
_LONG_DAYS: Final = 36_500
_SPANS: Final = (
    (730, 365, "years"),
    (60, 30.4, "months"),
    (2, 1, "days"),
    (2 / 24, 1 / 24, "hours"),
    (2 / 1_440, 1 / 1_440, "minutes"),
    (0, 1 / 86_400, "seconds"),
)


class DiskSpace(NamedTuple):
    """The database on its disk, in bytes.

    size: what it takes with its write-ahead log. free, total: of the disk. reserve: what shall
    be free at least. copies: the bytes that the disk loses for each that the database grows by;
    its backups may be on it too. most: what the database may grow to, 0 for any size.
    """

    database_bytes: int
    free: int
    total: int
    reserve: int
    copies: int
    most: int

    def days_left(self, growth: Growth | None) -> float | None:
        """The days until the disk is full; None if that is not known or too far away to tell."""
        if growth is None or growth.per_day <= 0:
            return None
        if self.most and (self.most - growth.used) * self.copies < self.free:
            return None
        days = self.free / (growth.per_day * self.copies)
        return days if days < _LONG_DAYS else None

    def shortage(self, growth: Growth | None, slack: float = 1.0) -> str | None:
        """Why the disk counts as low, or None: less is free than the reserve or a week's growth.

        slack: more than 1 asks for so much more to be free.
        """
        days = self.days_left(growth)
        soon = days is not None and days < _WEEK_DAYS * slack
        if self.free >= self.reserve * slack and not soon:
            return None
        lasts = f", which lasts for {duration(days)} at this rate" if days is not None else ""
        return f"{in_words(self.free)} free{lasts}"


def measure_disk(settings: Settings) -> DiskSpace:
    """How the disk is now. Raises StoreUnavailableError, SettingError."""
    path = database_path(settings)
    try:
        folder = _existing(path.parent)
        total, _, free = shutil.disk_usage(folder)
        size = sum(_size(Path(f"{path}{suffix}")) for suffix in ("", "-wal"))
        backups = _existing(settings.backup_folder.absolute())
        together = folder.stat().st_dev == backups.stat().st_dev
    except OSError as error:
        raise StoreUnavailableError(f"the disk can't be looked at: {error}") from error
    copies = 1 + (settings.backups if settings.backup_hours and together else 0)
    reserve = settings.low_disk_bytes or min(_USUAL_RESERVE, total // _SHARE)
    return DiskSpace(size, free, total, reserve, copies, settings.retention.max_bytes)


def in_words(size: float) -> str:
    """A number of bytes, for people."""
    unit, name = next((u for u in _UNITS if size >= u[0]), _UNITS[-1])
    return f"{size / unit:,.1f} {name}"


def duration(days: float) -> str:
    """A length of time, for people."""
    unit, name = next((unit, name) for least, unit, name in _SPANS if days >= least)
    return f"{days / unit:,.0f} {name}"


def _existing(folder: Path) -> Path:
    """The folder, or the nearest one above it that is there already."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return folder


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except FileNotFoundError:
        return 0

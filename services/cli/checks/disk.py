"""Checks of the backups and of the free disk space."""

import sqlite3
from typing import Final

from services.cli.checks.examination import Examination
from services.cli.checks.finding import Finding
from services.errors import StoreUnusableError, StripchartError
from services.reading import MICROSECONDS
from services.store import DiskSpace, Growth
from services.store.backup.backups import SPARE_BYTES, Backups
from services.store.backup.order import Backup
from services.store.backup.verification import verify
from services.units import format_bytes, format_duration

_HOUR_SECONDS: Final = 3_600
_CRITICAL_FREE_BYTES: Final = 100_000_000


def check_backups(examination: Examination, finding: Finding) -> None:
    """Check that the newest backup is young enough."""
    hours = examination.settings.backup_hours
    if not hours:
        finding.warn("none are made automatically", "set STRIPCHART_BACKUP_HOURS")
    backups = Backups(examination.settings)
    newest_first = backups.list_newest_first()
    if not newest_first:
        _check_missing_backup(examination, finding)
        return
    newest = newest_first[0]
    age_seconds = max(0.0, examination.now - newest.created_at)
    is_ahead = newest.is_ahead(examination.now)
    age = "of unknown age" if is_ahead else f"{format_duration(age_seconds)} old"
    text = f"the newest is {age}, {format_bytes(newest.size_bytes)}, verified"
    if is_ahead or (hours and age_seconds > 2 * hours * _HOUR_SECONDS):
        finding.warn(text, "see the log of jobs, or run `stripchart backup`")
    else:
        finding.fact(text)
    for each in backups.list_dated_ahead():
        finding.warn(
            f"the date of {each.path.name} lies ahead",
            "check the clock of this machine; a backup is chosen by what it holds, not by its date",
        )
    if examination.thorough:
        _verify_backups(newest_first, finding)


def _verify_backups(newest_first: list[Backup], finding: Finding) -> None:
    """Read every page of the backups. The damaged ones are among the last."""
    for backup in newest_first:
        try:
            count = verify(backup.path).readings
        except (StoreUnusableError, sqlite3.Error) as error:
            finding.fail(f"{backup.path} is not sound: {error}", "run `stripchart backup`")
        else:
            if backup is newest_first[0]:
                finding.fact(f"it is sound and has {count:,} readings")


def check_disk(examination: Examination, finding: Finding) -> None:
    """Check that the disk has room for the growth of the database and for the next backup."""
    space, growth = examination.space, examination.growth
    free = f"{format_bytes(space.free_bytes)} of {format_bytes(space.total_bytes)} free"
    if space.free_bytes < _CRITICAL_FREE_BYTES:
        finding.fail(free, "free disk space now, or readings can soon not be stored")
    elif space.shortage(growth) is not None:
        finding.warn(free, "free disk space, or delete old readings with STRIPCHART_KEEP")
    else:
        finding.fact(free)
    finding.fact(f"the database takes {format_bytes(space.database_bytes)}")
    _add_growth(space, growth, finding)
    if (
        examination.settings.backup_hours
        and space.free_bytes < space.database_bytes + SPARE_BYTES
        and space.copies > 1
    ):
        finding.warn(
            "the next backup does not fit on the disk",
            "set STRIPCHART_BACKUP_DIR to a folder on another disk",
        )


def _check_missing_backup(examination: Examination, finding: Finding) -> None:
    """Warn if there is no backup, although the database is old enough for one."""
    try:
        recorded_since = Backups(examination.settings).recorded_since()
    except StripchartError:
        recorded_since = None
    max_age_seconds = 2 * examination.settings.backup_hours * _HOUR_SECONDS
    if recorded_since is None or examination.now - recorded_since / MICROSECONDS < max_age_seconds:
        finding.fact("none yet")
    else:
        finding.warn("there is none", "see the log of jobs, or run `stripchart backup`")


def _add_growth(space: DiskSpace, growth: Growth | None, finding: Finding) -> None:
    if growth is None:
        finding.fact("its growth is not known yet")
        return
    day, month, year = (format_bytes(growth.bytes_per_day * days) for days in (1, 30.4, 365))
    finding.fact(
        f"it grows by {day} a day, {month} a month, {year} a year,"
        f" at {growth.readings_per_second:,.3g} readings/s of {growth.bytes_per_reading:.0f} bytes"
    )
    seconds_left = space.seconds_left(growth)
    if seconds_left is None:
        finding.fact("the disk will not fill up")
    else:
        finding.fact(f"the disk will be full in {format_duration(seconds_left)}")

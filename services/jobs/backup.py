"""The job `backup`, and the conditions of its schedule."""

import logging
import time
from typing import Final

from services.broker.commit_requests import wait_for_commit
from services.errors import StoreUnavailableError
from services.reading import MICROSECONDS
from services.settings import Settings
from services.store.backup.backups import Backups
from services.store.backup.order import REGULAR

logger = logging.getLogger("jobs")

_MIN_DATABASE_AGE_SECONDS: Final = 3_600

_PAUSE_SECONDS: Final = 600
"""Time after a backup in which no job makes another, however many jobs there are in the queue."""


def backup() -> dict[str, object]:
    """Make a backup of the database, unless there is one of the last ten minutes.

    Returns:
        The backup's report as JSON, with its path, size in bytes and duration in seconds; or only
        `skipped`.

    Raises:
        StripchartError: The backup can't be made.
    """
    settings = Settings.from_environ()
    backups = Backups(settings)
    now = int(time.time())
    if has_backup_between(backups, now - _PAUSE_SECONDS, now + 1):
        logger.info("backup skipped: the last one is younger than ten minutes")
        return {"skipped": True}
    wait_for_commit(settings)
    report = backups.create()
    logger.info("backup made: %s", report)
    for each in backups.list_dated_ahead():
        logger.warning("date of %s lies ahead: check the clock of this machine", each.path)
    return {**report._asdict(), "path": str(report.path), "seconds": round(report.seconds, 3)}


def has_backup_between(backups: Backups, start: int, end: int) -> bool:
    """Return True if a backup was made from `start` on and before `end`.

    Args:
        backups: The backups.
        start: Seconds since 1970.
        end: Seconds since 1970.
    """
    dates = [each.created_at for each in backups.list_unordered() if each.kind == REGULAR]
    return any(start <= date < end for date in dates)


def skip_reason(backups: Backups, now: float) -> str | None:
    """Return the reason to postpone the scheduled backup, or None.

    Args:
        backups: The backups, which know the database.
        now: Seconds since 1970.
    """
    try:
        recorded_since = backups.recorded_since()
    except StoreUnavailableError as error:
        return str(error)
    if recorded_since is None:
        return "the database is empty"
    # A database that begins in the future is not new: the clock was set back since.
    if 0 <= now - recorded_since / MICROSECONDS < _MIN_DATABASE_AGE_SECONDS:
        return "the database is younger than an hour"
    return None

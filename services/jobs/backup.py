"""The job that makes a backup, and what its schedule asks."""

import logging
from typing import Final

from services.errors import StoreUnavailableError
from services.reading import MICROSECONDS
from services.settings import Settings
from services.store.backup.backups import Backups

logger = logging.getLogger("jobs")

_YOUNG_SECONDS: Final = 3_600


def backup() -> dict[str, object]:
    """Make a backup of the database. The result is what it took, in bytes and seconds."""
    report = Backups(Settings.from_environ()).create()
    logger.info("backup %s", report)
    return {**report._asdict(), "path": str(report.path), "seconds": round(report.seconds, 3)}


def made_between(backups: Backups, start: int, end: int) -> bool:
    """Whether there is a backup from `start` on and before `end`, in seconds since 1970."""
    return any(start <= b.created_at < end for b in backups.list_newest_first())


def skip_reason(backups: Backups, now: float) -> str | None:
    """Why there shall be no backup by itself yet; None if nothing speaks against it."""
    try:
        since = backups.recorded_since()
    except StoreUnavailableError as error:
        return str(error)
    if since is None:
        return "the database is empty"
    # A database from the future is one of a clock that was set back since.
    if 0 <= now - since / MICROSECONDS < _YOUNG_SECONDS:
        return "the database is younger than an hour"
    return None

"""The backups, and the room that is left for all of it."""

import sqlite3
from typing import Final

from services.cli.checks.examination import Examination
from services.cli.checks.finding import Finding
from services.errors import StoreUnusableError, StripchartError
from services.store.backup.backups import SPARE_BYTES, Backups
from services.store.backup.verification import verify
from services.store.disk import duration, in_words

_HOUR_SECONDS: Final = 3_600
_DAY_SECONDS: Final = 86_400
_LITTLE_BYTES: Final = 100_000_000


def check_backups(case: Examination, finding: Finding) -> None:
    """Whether there is a backup that is young enough."""
    hours = case.settings.backup_hours
    if not hours:
        finding.warn("none are made by themselves", "set STRIPCHART_BACKUP_HOURS")
    found = Backups(case.settings).list_newest_first()
    if not found:
        _check_first(case, finding)
        return
    newest = found[0]
    seconds = case.now - newest.created_at
    text = (
        f"the newest is {duration(max(0.0, seconds) / _DAY_SECONDS)} old,"
        f" {in_words(newest.size_bytes)}, verified when it was made"
    )
    if hours and seconds > 2 * hours * _HOUR_SECONDS:
        finding.warn(text, "see the log of jobs, or run `stripchart backup`")
    else:
        finding.fact(text)
    if case.thorough:
        try:
            finding.fact(f"it is sound, with {verify(newest.path).readings:,} readings")
        except (StoreUnusableError, sqlite3.Error) as error:
            finding.fail(f"{newest.path} is not sound: {error}", "run `stripchart backup`")


def _check_first(case: Examination, finding: Finding) -> None:
    try:
        since = Backups(case.settings).recorded_since()
    except StripchartError:
        since = None
    young = since is None or case.now - since / 1e6 < 2 * case.settings.backup_hours * _HOUR_SECONDS
    if young:
        finding.fact("none yet")
    else:
        finding.warn("there is none", "see the log of jobs, or run `stripchart backup`")


def check_disk(case: Examination, finding: Finding) -> None:
    """Whether the disk lasts, at the rate at which the database grows."""
    space, growth = case.space, case.growth
    free = f"{in_words(space.free)} of {in_words(space.total)} free"
    if space.free < _LITTLE_BYTES:
        finding.fail(free, "make room now: soon nothing more can be stored")
    elif space.shortage(growth) is not None:
        finding.warn(free, "make room, or let old readings go by STRIPCHART_KEEP")
    else:
        finding.fact(free)
    finding.fact(f"the database takes {in_words(space.database_bytes)}")
    if growth is None:
        finding.fact("how fast it grows can't be told yet")
    else:
        finding.fact(
            f"it grows by {in_words(growth.per_day)} a day, {in_words(growth.per_day * 30.4)} a"
            f" month, {in_words(growth.per_day * 365)} a year, at {growth.rate:,.3g} readings/s of"
            f" {growth.each:.0f} bytes"
        )
        days = space.days_left(growth)
        finding.fact(
            "the disk lasts" if days is None else f"the disk lasts for {duration(days)} like that"
        )
    if (
        case.settings.backup_hours
        and space.free < space.database_bytes + SPARE_BYTES
        and space.copies > 1
    ):
        finding.warn("the next backup does not fit", "set STRIPCHART_BACKUP_DIR to another disk")

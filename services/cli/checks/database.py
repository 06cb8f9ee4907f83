"""The database: its file, its rollups, and what it says is missing."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from services.broker.diagnostics import count_dead_letters
from services.cli.checks.examination import Examination
from services.cli.checks.finding import Finding
from services.reading import MICROSECONDS
from services.store import check_file_system, database_path
from services.store.disk import in_words
from services.store.query.diagnostics import check_pages

_DAY_MILLISECONDS: Final = 86_400_000
_MOST_LOG_BYTES: Final = 256 * 1024 * 1024
_MANY_STALE: Final = 10_000
_HALF: Final = 0.5


def check_database(case: Examination, finding: Finding) -> None:
    """Whether the file can be read, is of this version, and lies where it is safe."""
    path = database_path(case.settings)
    check_file_system(path)
    found = case.database
    finding.fact(f"{path}, {in_words(found.size)}")
    if found.free > found.size * _HALF:
        finding.fact(f"{found.free / found.size:.0%} of its pages are free, and used again")
    if not found.wal:
        finding.warn("it is not in WAL mode", "start the writer, which sets it")
    log = _size(Path(f"{path}-wal"))
    if log > _MOST_LOG_BYTES:
        finding.warn(
            f"its write-ahead log takes {in_words(log)}",
            "end the program that keeps reading the database",
        )
    if case.thorough:
        verdict = check_pages(path)
        if verdict == "ok":
            finding.fact("every page is sound")
        else:
            finding.fail(f"it is damaged: {verdict}", "restart the writer, which restores it")


def check_rollups(case: Examination, finding: Finding) -> None:
    """Whether the rollups stand for what was stored."""
    found = case.database
    finding.fact(f"{found.rolled:,} of {found.series:,} series are dense enough for rollups")
    if found.stale > _MANY_STALE:
        finding.warn(
            f"{found.stale:,} quarters of an hour or more are to be made anew",
            "the writer does it; until then their history takes longer",
        )
    elif found.stale:
        finding.fact(f"{found.stale:,} quarters of an hour are about to be made anew")


def check_losses(case: Examination, finding: Finding) -> None:
    """What was lost, refused or rejected in the last 24 hours."""
    losses = case.database.losses
    if losses.newest is not None:
        lost = losses.newest.lost_count
        noted = datetime.fromtimestamp(losses.newest.noted_at // MICROSECONDS, UTC)
        finding.warn(
            f"{losses.gaps} noted in 24 hours, the newest {noted:%Y-%m-%d %H:%M} UTC:"
            f" {'an unknown number of' if lost is None else lost} readings,"
            f" because {losses.newest.reason}",
            "see the table gaps",
        )
    if losses.refused:
        finding.warn(f"{losses.refused:,} readings refused", "see the table refused")
    if case.redis_answers:
        rejected = count_dead_letters(case.broker, int(case.now * 1000) - _DAY_MILLISECONDS)
        if rejected:
            finding.warn(
                f"{rejected:,} messages rejected", f"see the stream {case.broker.keys.rejected}"
            )
    if not finding.facts:
        finding.fact("nothing in the last 24 hours")


def _size(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0

"""Checks of the database: its file, its rollups and its losses."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from services.broker.dead_letters import count_dead_letters
from services.cli.checks.examination import Examination
from services.cli.checks.finding import Finding
from services.reading import MICROSECONDS
from services.store import check_file_system, database_path
from services.store.query.diagnostics import check_pages
from services.units import format_bytes

_DAY_MILLISECONDS: Final = 86_400_000
_MAX_WAL_BYTES: Final = 256 * 1024 * 1024
_MANY_DIRTY_BLOCKS: Final = 10_000
_MANY_FREE_PAGES: Final = 0.5


def check_database(examination: Examination, finding: Finding) -> None:
    """Check that the file is readable, of this version, and on a safe file system."""
    path = database_path(examination.settings)
    check_file_system(path)
    database = examination.database
    finding.fact(f"{path}, {format_bytes(database.size_bytes)}")
    free_share = database.free_bytes / database.size_bytes
    if free_share > _MANY_FREE_PAGES:
        finding.fact(f"{free_share:.0%} of its pages are free and will be reused")
    if not database.wal:
        finding.warn("it is not in WAL mode", "start the writer, which sets it")
    wal_bytes = _file_bytes(Path(f"{path}-wal"))
    if wal_bytes > _MAX_WAL_BYTES:
        finding.warn(
            f"its write-ahead log takes {format_bytes(wal_bytes)}",
            "end the program that keeps a read transaction open",
        )
    if examination.thorough:
        result = check_pages(path)
        if result == "ok":
            finding.fact("every page is sound")
        else:
            finding.fail(f"it is damaged: {result}", "restart the writer, which restores a backup")


def check_rollups(examination: Examination, finding: Finding) -> None:
    """Check that the rollups are up to date."""
    database = examination.database
    finding.fact(
        f"{database.rollup_series_count:,} of {database.series_count:,} series are dense enough for"
        " rollups"
    )
    if database.dirty_block_count > _MANY_DIRTY_BLOCKS:
        finding.warn(
            f"at least {database.dirty_block_count:,} dirty blocks of 15 minutes must be rebuilt",
            "the writer rebuilds them; until then their history loads more slowly",
        )
    elif database.dirty_block_count:
        finding.fact(f"{database.dirty_block_count:,} dirty blocks of 15 minutes will be rebuilt")


def check_losses(examination: Examination, finding: Finding) -> None:
    """Check that no reading was lost, refused or rejected in the last 24 hours."""
    losses = examination.database.losses
    if losses.newest_gap is not None:
        lost = losses.newest_gap.lost_count
        noted = datetime.fromtimestamp(losses.newest_gap.recorded_at // MICROSECONDS, UTC)
        finding.warn(
            f"gaps in 24 hours: {losses.gap_count}, the newest {noted:%Y-%m-%d %H:%M} UTC with"
            f" {'an unknown number of' if lost is None else lost} readings lost"
            f" ({losses.newest_gap.reason})",
            "see the table gaps",
        )
    if losses.refused_count:
        finding.warn(f"{losses.refused_count:,} readings refused", "see the table refused")
    if examination.redis_answers:
        since = int(examination.now * 1000) - _DAY_MILLISECONDS
        rejected = count_dead_letters(examination.broker, since)
        if rejected:
            stream = examination.broker.keys.rejected
            finding.warn(f"{rejected:,} messages rejected", f"see the stream {stream}")
    if not finding.facts:
        finding.fact("none in the last 24 hours")


def _file_bytes(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0

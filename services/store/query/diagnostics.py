"""Diagnostics of the database, for `stripchart doctor`."""

from contextlib import closing
from pathlib import Path
from typing import Final, NamedTuple

from sqlalchemy import Connection, Engine, distinct, func, select

from services.position import Checkpoint
from services.reading import MICROSECONDS
from services.store import tables
from services.store.checkpoint import read_checkpoint
from services.store.query.gaps import LossSummary, read_loss_summary
from services.store.sqlite.engine import read_only, used_bytes
from services.store.sqlite.error_translation import translate_errors
from services.store.tiers import RAW

_DAY: Final = 86_400 * MICROSECONDS
_MAX_DIRTY_BLOCKS: Final = 100_000


class DatabaseStats(NamedTuple):
    """Statistics of the database.

    Attributes:
        wal: True if the file is in WAL mode.
        size_bytes: Size of all pages.
        free_bytes: Size of the unused pages.
        checkpoint: Place up to which the journal is stored, None if nothing of it is.
        series_count: Number of series.
        rollup_series_count: Number of series that have rollups.
        dirty_block_count: Number of dirty blocks, at most 100,000.
        losses: Missing data that was recorded in the last 24 hours.
    """

    wal: bool
    size_bytes: int
    free_bytes: int
    checkpoint: Checkpoint | None
    series_count: int
    rollup_series_count: int
    dirty_block_count: int
    losses: LossSummary


def read_database_stats(engine: Engine, journal: str, now: int) -> DatabaseStats:
    """Read the statistics of a database of the newest schema.

    Args:
        engine: An engine that can read.
        journal: Name of the journal in `journal_position`.
        now: Time in microseconds.

    Raises:
        StoreUnavailableError: The database can't be read now.
        StoreDamagedError: The database is damaged.
    """
    with translate_errors(), engine.begin() as connection:
        return _read_stats(connection, journal, now)


def check_pages(path: Path) -> str:
    """Read every page of a database.

    Returns:
        "ok", or the first fault that SQLite finds.

    Raises:
        StoreUnavailableError: The database can't be read now.
        StoreDamagedError: The database is too damaged for the check.
    """
    with translate_errors(), closing(read_only(path)) as database:
        return str(database.execute("PRAGMA quick_check(1)").fetchone()[0])


def _read_stats(connection: Connection, journal: str, now: int) -> DatabaseStats:
    page_count, page_bytes = (
        connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
        for name in ("page_count", "page_size")
    )
    coverage = tables.coverage.c
    with_rollups = select(func.count(distinct(coverage.series_id))).where(coverage.tier != RAW.name)
    dirty_blocks = select(tables.stale).limit(_MAX_DIRTY_BLOCKS).subquery()
    size_bytes = page_count * page_bytes
    return DatabaseStats(
        wal=connection.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "wal",
        size_bytes=size_bytes,
        free_bytes=size_bytes - used_bytes(connection),
        checkpoint=read_checkpoint(connection, journal),
        series_count=connection.execute(
            select(func.count()).select_from(tables.series)
        ).scalar_one(),
        rollup_series_count=connection.execute(with_rollups).scalar_one(),
        dirty_block_count=connection.execute(
            select(func.count()).select_from(dirty_blocks)
        ).scalar_one(),
        losses=read_loss_summary(connection, now - _DAY),
    )

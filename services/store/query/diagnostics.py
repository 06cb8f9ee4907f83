"""What a database says about itself, for those who ask whether it is well."""

from contextlib import closing
from pathlib import Path
from typing import Final, NamedTuple

from alembic.migration import MigrationContext
from sqlalchemy import Connection, Engine, distinct, func, select

from services.position import Cursor
from services.reading import MICROSECONDS
from services.store import tables
from services.store.migrations import newest_revision
from services.store.position import read_checkpoint
from services.store.query.gaps import LossSummary, read_loss_summary
from services.store.sqlite.engine import read_only, translate_errors, used_bytes
from services.store.tiers import RAW

_DAY: Final = 86_400 * MICROSECONDS
_MOST_STALE: Final = 100_000


class Survey(NamedTuple):
    """A database. size, free: bytes of its pages, and of those of them that hold nothing.

    position: the journal's, with its `n`. rolled: series that have rollups. stale: marks of
    quarters of an hour whose rollups are to be made anew, at most 100,000. losses: those of the
    last 24 hours.
    """

    wal: bool
    size: int
    free: int
    position: tuple[Cursor, int] | None
    series: int
    rolled: int
    stale: int
    losses: LossSummary


def survey(engine: Engine, journal: str, now: int) -> Survey:
    """Ask a database of the newest schema how it is. now: microseconds since 1970.

    Raises StoreUnavailableError, StoreDamagedError.
    """
    with translate_errors(), engine.begin() as connection:
        return _survey(connection, journal, now)


def survey_schema(engine: Engine) -> tuple[str | None, str]:
    """The revision that the schema has, and the one that it should have. Raises as `survey`."""
    with translate_errors(), engine.begin() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    return current, newest_revision()


def check_pages(path: Path) -> str:
    """Read every page of a database; "ok", or what is wrong. Raises the errors of `translated`."""
    with translate_errors(), closing(read_only(path)) as database:
        return str(database.execute("PRAGMA quick_check(1)").fetchone()[0])


def _survey(connection: Connection, journal: str, now: int) -> Survey:
    pages, page_size = (
        connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
        for name in ("page_count", "page_size")
    )
    position = read_checkpoint(connection, journal)
    coverage, marks = tables.coverage.c, tables.stale
    rolled = select(func.count(distinct(coverage.series_id))).where(coverage.tier != RAW)
    stale = select(func.count()).select_from(select(marks).limit(_MOST_STALE).subquery())
    return Survey(
        connection.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "wal",
        pages * page_size,
        pages * page_size - used_bytes(connection),
        None if position is None else position[:2],
        connection.execute(select(func.count()).select_from(tables.series)).scalar_one(),
        connection.execute(rolled).scalar_one(),
        connection.execute(stale).scalar_one(),
        read_loss_summary(connection, now - _DAY),
    )

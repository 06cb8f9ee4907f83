"""Query for the result of a command that was appended to the journal."""

from typing import Final

from sqlalchemy import ColumnElement, Engine, func, literal_column, select

from services.concurrency import Interrupt
from services.position import Cursor
from services.store import tables
from services.store.query.transaction import query_database

_MAX_RECENT_ROWS: Final = 1_000
"""Newest commands among which a result is looked for. Others came in between."""

_rowid: Final[ColumnElement[int]] = literal_column("rowid")


class CommandResults:
    """Reads the results of commands. A missing database has none.

    Args:
        engine: An engine that can read.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def refusal(self, cursor: Cursor, interrupt: Interrupt | None = None) -> str | None:
        """Return the result of the command at this place in the journal.

        Returns:
            Why it was refused, "" if it was carried out, None if neither has happened yet.

        Raises:
            StoreUnavailableError: The database can't be read now.
            StoreDamagedError: The database is damaged.
        """
        corrections = tables.corrections
        newest = select(func.max(_rowid)).select_from(corrections).scalar_subquery()
        query = select(corrections.c.refused).where(
            _rowid > newest - _MAX_RECENT_ROWS,
            corrections.c.epoch == cursor.epoch,
            corrections.c.id == str(cursor.entry),
        )
        row = query_database(
            self._engine, lambda connection: connection.execute(query).first(), None, interrupt
        )
        return None if row is None else row.refused or ""

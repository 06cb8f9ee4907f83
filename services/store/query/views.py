"""Queries for the views that are kept under a name, and for the results of their commands."""

from typing import Final

from sqlalchemy import ColumnElement, Engine, func, literal_column, select

from services.concurrency import Interrupt
from services.position import Cursor
from services.store import tables
from services.store.query.transaction import query_database
from services.store.views import StoredView, find_view, list_views

_MAX_RECENT_ROWS: Final = 1_000
"""Newest corrections among which a result is looked for. Others came in between."""

_rowid: Final[ColumnElement[int]] = literal_column("rowid")


class ViewReader:
    """Reads views. A missing database is treated as an empty one.

    Its methods may raise StoreUnavailableError and StoreDamagedError.

    Args:
        engine: An engine that can read.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def list_all(self, interrupt: Interrupt | None = None) -> list[StoredView]:
        """Return all views, ordered by name."""
        return query_database(self._engine, list_views, [], interrupt)

    def find(self, name: str, interrupt: Interrupt | None = None) -> StoredView | None:
        """Return a view or its tombstone, None if there was never one of this name."""
        return query_database(
            self._engine, lambda connection: find_view(connection, name), None, interrupt
        )

    def refusal(self, cursor: Cursor, interrupt: Interrupt | None = None) -> str | None:
        """Return the result of the command at this place in the journal.

        Returns:
            Why it was refused, "" if it was carried out, None if neither has happened yet.
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

"""Queries for the views that are kept under a name."""

from sqlalchemy import Engine

from services.concurrency import Interrupt
from services.store.query.transaction import query_database
from services.store.views import StoredView, find_view, list_views


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

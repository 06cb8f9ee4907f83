"""A query in a transaction of its own, against a database that may not exist yet."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from sqlalchemy import Connection, Engine

from services.concurrency import Interrupt
from services.errors import StoreMissingError
from services.position import Cursor
from services.store.checkpoint import read_checkpoint
from services.store.query.selection import SelectedSeries
from services.store.sqlite.engine import interrupt_queries
from services.store.sqlite.error_translation import interrupted_error, translate_errors

T = TypeVar("T")


def query_database(
    engine: Engine,
    query: Callable[[Connection], T],
    empty: T,
    interrupt: Interrupt | None = None,
) -> T:
    """Run a query in a transaction, and return `empty` if there is no database yet.

    Raises:
        StoreUnavailableError, StoreDamagedError: The database can't be read.
    """
    try:
        with translate_errors(), engine.begin() as connection:
            if interrupt is not None:
                interrupt_queries(connection, interrupt)
            return query(connection)
    except StoreMissingError:
        return empty


class ReadTransactions:
    """Runs queries. A missing database is treated as an empty one.

    Args:
        engine: An engine that can read.
        journal: Name of the journal in `journal_position`.
    """

    def __init__(self, engine: Engine, journal: str) -> None:
        self._engine = engine
        self._journal = journal

    def run(
        self, query: Callable[[Connection], T], empty: T, interrupt: Interrupt | None = None
    ) -> T:
        """Run a query in a transaction, and return `empty` if there is no database yet."""
        return query_database(self._engine, query, empty, interrupt)

    def read_cursor(self, connection: Connection) -> Cursor | None:
        """Return the place up to which the journal is stored, None before the first commit."""
        checkpoint = read_checkpoint(connection, self._journal)
        return checkpoint.cursor if checkpoint is not None else None


def read_each(
    connection: Connection,
    selected: Sequence[SelectedSeries],
    read: Callable[[Connection, SelectedSeries], T],
    interrupt: Interrupt | None,
) -> dict[str, T]:
    """Read series after series, and return the results by name.

    Raises:
        QueryInterruptedError: The interrupt was due.
    """
    results = {}
    for series in selected:
        # Many small queries may each end before SQLite checks the interrupt.
        if interrupt is not None and interrupt.check():
            raise interrupted_error()
        results[series.name] = read(connection, series)
    return results

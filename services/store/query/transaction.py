"""A query in a transaction of its own, against a database that may not exist yet."""

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection, Engine

from services.concurrency import Interrupt
from services.errors import StoreMissingError
from services.store.sqlite.engine import interrupt_queries
from services.store.sqlite.error_translation import translate_errors

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

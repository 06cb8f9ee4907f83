"""Queries that SQLite's driver runs without SQLAlchemy, which would take several times as long.

They run in the transaction of a connection of SQLAlchemy. The SQL is constant text, so that the
driver prepares it once for each connection. Each statement is beside the code that needs it.
"""

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias, cast

from sqlalchemy import Connection

from services.store.sqlite.error_translation import is_connection_lost

Parameters: TypeAlias = Sequence[object] | Mapping[str, object]


def driver_connection(connection: Connection) -> sqlite3.Connection:
    """Return the driver's own connection."""
    driver: Any = connection.connection.driver_connection
    return cast("sqlite3.Connection", driver)


def fetch_all(
    connection: Connection, sql: str, parameters: Parameters = ()
) -> list[tuple[Any, ...]]:
    """Run a query, and return its rows.

    Raises:
        sqlite3.Error: The query failed. `translate_errors` translates this error too.
    """
    try:
        return driver_connection(connection).execute(sql, parameters).fetchall()
    except sqlite3.Error as error:
        if is_connection_lost(error):
            connection.invalidate(error)
        raise


def fetch_value(connection: Connection, sql: str, parameters: Parameters = ()) -> Any:
    """Run a query, and return the first column of its first row, None without rows."""
    rows = fetch_all(connection, sql, parameters)
    return rows[0][0] if rows else None

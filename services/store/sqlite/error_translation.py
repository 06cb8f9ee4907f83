"""Translation of SQLite's errors to those of this program."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy import ExceptionContext
from sqlalchemy.exc import DBAPIError

from services.errors import (
    QueryInterruptedError,
    StoreDamagedError,
    StoreMissingError,
    StoreUnavailableError,
)

QUERY_SECONDS: Final = 10.0
"""Time that a query of a reading connection may take."""

_DAMAGED: Final = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)

_CONNECTION_LOST: Final = (
    *_DAMAGED,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_PROTOCOL,
)
"""Result codes after which a connection must be discarded, because its file may be gone."""

_FIRST_TABLES: Final = frozenset({"series", "readings", "journal_position", "gaps", "refused"})
"""Tables of the first schema. Every query of a database without any table misses one of them."""

_HINTS: Final = {
    sqlite3.SQLITE_BUSY: "another program writes it",
    sqlite3.SQLITE_LOCKED: "another program writes it",
    sqlite3.SQLITE_PROTOCOL: "too many programs open it at once",
    sqlite3.SQLITE_IOERR: "check its disk",
    sqlite3.SQLITE_READONLY: "check the permissions of its folder and of all its files",
    sqlite3.SQLITE_PERM: "check the permissions of its folder and of all its files",
    sqlite3.SQLITE_CANTOPEN: "check the permissions of its folder and of all its files",
}


@contextmanager
def translate_errors() -> Iterator[None]:
    """Translate SQLite's errors that are raised in a block; others pass unchanged.

    Raises:
        StoreMissingError: There is no database yet.
        StoreUnavailableError: The database can't be used now; another attempt may succeed.
        StoreDamagedError: The database is damaged.
    """
    try:
        yield
    except DBAPIError as error:
        raise _translate(error.orig, error) from error
    except sqlite3.Error as error:
        raise _translate(error, error) from error


def missing_error() -> StoreMissingError:
    """Return the error for a database that does not exist."""
    return StoreMissingError("there is no database yet", "the writer makes it")


def _outdated_error() -> StoreUnavailableError:
    return StoreUnavailableError(
        "the database has the schema of an older version", "the writer upgrades it when it starts"
    )


def interrupted_error() -> QueryInterruptedError:
    """Return the error for a query that was ended before it had a result."""
    return QueryInterruptedError(
        "the query took too long", "ask for a shorter range or fewer series"
    )


def primary_code(error: BaseException | None) -> int:
    """Return SQLite's primary result code, 0 for other errors."""
    code: int = getattr(error, "sqlite_errorcode", 0)
    # An extended code has the primary one in its lowest byte.
    return code & 0xFF


def is_connection_lost(error: BaseException | None) -> bool:
    """Return True for an error that may mean that the file of a connection is gone."""
    return primary_code(error) in _CONNECTION_LOST


def discard_lost_connection(context: ExceptionContext) -> None:
    """Discard the connection after an error that may mean that its file is gone."""
    if is_connection_lost(context.original_exception):
        context.is_disconnect = True
        execution = context.execution_context
        if execution is not None and execution.cursor is not None:
            # An open statement would make SQLite keep the connection and its locks.
            execution.cursor.close()


def _translate(cause: BaseException | None, error: Exception) -> Exception:
    code, text = primary_code(cause), str(cause)
    if code in _DAMAGED:
        return StoreDamagedError(f"the database is damaged: {text}", "the writer restores a backup")
    if code == sqlite3.SQLITE_FULL:
        return StoreUnavailableError("the disk of the database is full", "make room on it")
    if "no such table" in text:
        table = text.rpartition(" ")[2]
        return missing_error() if table in _FIRST_TABLES else _outdated_error()
    if code == sqlite3.SQLITE_INTERRUPT:
        return interrupted_error()
    if isinstance(cause, sqlite3.OperationalError):
        return StoreUnavailableError(
            f"the database can't be used now: {text}", _HINTS.get(code, "")
        )
    return error

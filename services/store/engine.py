"""The connections to SQLite: one that writes, and as many as one likes that can only read.

A commit and a checkpoint from different connections can corrupt a database in SQLite before
3.51.3, so only the writer's connection ever does either. The driver begins no transaction by
itself: ours do, so that several SELECTs see one state of the database.
"""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool, StaticPool

from services.errors import (
    SettingError,
    StoreMissingError,
    StoreUnavailableError,
    StoreUnusableError,
)
from services.settings import Settings

_BUSY_SECONDS: Final = 5.0
_CHECKPOINT_PAGES: Final = 4_000
_QUERY_SECONDS: Final = 10.0
# How many of SQLite's instructions pass between two looks at the clock: about a millisecond.
_INSTRUCTIONS: Final = 100_000

_UNUSABLE = ("SQLITE_CORRUPT", "SQLITE_NOTADB")


def writing_engine(settings: Settings) -> Engine:
    """The engine of the one process that writes. Makes the file and its folder.

    Raises SettingError for a database that is not SQLite, StoreUnavailableError.
    """
    path = database_path(settings)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreUnavailableError(
            f"the folder of the database can't be made: {error}", "check DATA_DIR"
        ) from error

    def connect() -> sqlite3.Connection:
        connection = _connect(path, "rwc")
        connection.execute("PRAGMA journal_mode = WAL")
        # An acknowledged reading is on disk: the journal is trimmed behind what is committed.
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_PAGES}")
        return connection

    engine = create_engine("sqlite://", creator=connect, poolclass=StaticPool)
    event.listen(engine, "begin", _begin_immediate)
    return engine


def reading_engine(settings: Settings) -> Engine:
    """An engine whose connections can't write, each opened for one use.

    The file need not be there yet: connecting raises until it is. A query that takes more than
    ten seconds is ended.
    """
    path = database_path(settings)

    def connect() -> sqlite3.Connection:
        connection = _connect(path, "rw")
        connection.execute("PRAGMA query_only = ON")
        connection.execute("PRAGMA wal_autocheckpoint = 0")
        end = time.monotonic() + _QUERY_SECONDS
        connection.set_progress_handler(lambda: time.monotonic() > end, _INSTRUCTIONS)
        return connection

    engine = create_engine("sqlite://", creator=connect, poolclass=NullPool)
    event.listen(engine, "begin", _begin)
    return engine


def read_only(path: Path) -> sqlite3.Connection:
    """A connection of its own for one long read: nothing ends it, and it can't write.

    It never checkpoints either, not even as the last connection that is closed.
    """
    return _connect(path, "ro")


@contextmanager
def translated() -> Iterator[None]:
    """Raise our errors for those of the database.

    Raises StoreUnavailableError for what may pass, StoreUnusableError for what will not.
    """
    try:
        yield
    except DBAPIError as error:
        raise _translation(error.orig, error) from error
    except sqlite3.Error as error:
        raise _translation(error, error) from error


def _translation(cause: BaseException | None, error: Exception) -> Exception:
    name = getattr(cause, "sqlite_errorname", "")
    text = str(cause)
    if name in _UNUSABLE:
        return StoreUnusableError(f"the database is damaged: {text}", "restore a backup of it")
    if name == "SQLITE_FULL":
        return StoreUnavailableError("the disk of the database is full", "make room on it")
    if name == "SQLITE_CANTOPEN" or "no such table" in text:
        return StoreMissingError("there is no database yet", "the writer makes it")
    if name == "SQLITE_INTERRUPT":
        return StoreUnavailableError(
            f"the query took more than {_QUERY_SECONDS:.0f} s", "ask for a shorter range"
        )
    if isinstance(cause, sqlite3.OperationalError):
        return StoreUnavailableError(f"the database can't be used now: {text}")
    return error


def database_path(settings: Settings) -> Path:
    """The SQLite file. Raises SettingError for a database that is none."""
    path = settings.database_file
    if path is None:
        raise SettingError(
            f"DATABASE_URL={settings.database_url!r} is no SQLite database",
            "write sqlite:///path/to/file.db",
        )
    return path


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    # check_same_thread: SQLAlchemy hands a connection to one thread at a time.
    return sqlite3.connect(
        f"file:{quote(str(path.absolute()))}?mode={mode}",
        uri=True,
        timeout=_BUSY_SECONDS,
        isolation_level=None,
        check_same_thread=False,
    )


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")


def _begin_immediate(connection: Connection) -> None:
    # A deferred transaction that reads first is refused its first write without any waiting.
    connection.exec_driver_sql("BEGIN IMMEDIATE")

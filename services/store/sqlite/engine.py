"""The connections to SQLite: one that writes, and as many as one likes that can only read.

A commit and a checkpoint from different connections can corrupt a database in SQLite before
3.51.3, so only the writer's connection ever does either. The driver begins no transaction by
itself: ours do, so that several SELECTs see one state of the database.
"""

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Final
from urllib.parse import quote

from sqlalchemy import Connection, Engine, ExceptionContext, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool, StaticPool

from services.errors import (
    SettingError,
    StoreChangedError,
    StoreDamagedError,
    StoreMissingError,
    StoreReplacedError,
    StoreUnavailableError,
)
from services.settings import Settings
from services.store.sqlite.file_watch import CHECKPOINT_PAGES, FileWatch

_BUSY_SECONDS: Final = 2.0
_QUERY_SECONDS: Final = 10.0
# How many of SQLite's instructions pass between two looks at the clock: about a millisecond.
_INSTRUCTIONS: Final = 100_000

# What the write-ahead log is cut to once a reader that made it grow is gone.
_LOG_BYTES: Final = 64 * 1024 * 1024

_DAMAGED: Final = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
# After these a connection may stand on something that is gone; the next one begins anew.
_BROKEN: Final = (
    *_DAMAGED,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_PROTOCOL,
)
_HINTS: Final = {
    sqlite3.SQLITE_BUSY: "another program writes it",
    sqlite3.SQLITE_LOCKED: "another program writes it",
    sqlite3.SQLITE_PROTOCOL: "too many programs open it at once",
    sqlite3.SQLITE_IOERR: "check its disk",
    sqlite3.SQLITE_READONLY: "check the permissions of its folder and of all its files",
    sqlite3.SQLITE_PERM: "check the permissions of its folder and of all its files",
    sqlite3.SQLITE_CANTOPEN: "check the permissions of its folder and of all its files",
}


def writing_engine(settings: Settings) -> Engine:
    """The engine of the one process that writes. Makes the file and its folder.

    Its transactions raise StoreReplacedError when the file is not the first one any more, and
    StoreChangedError when another program has written into it.
    Raises SettingError for a database that is not SQLite, StoreUnavailableError.
    """
    path = database_path(settings)
    _make_folder(path.parent)
    watch = FileWatch(path)

    def connect() -> sqlite3.Connection:
        watch.opening()
        connection = _connect(path, "rwc")
        try:
            watch.opened()
            connection.execute("PRAGMA journal_mode = WAL")
            # An acknowledged reading is on disk: the journal is trimmed behind what is committed.
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")
            connection.execute(f"PRAGMA journal_size_limit = {_LOG_BYTES}")
        except BaseException:
            connection.close()
            raise
        return connection

    engine = create_engine("sqlite://", creator=connect, poolclass=StaticPool)
    holding: list[sqlite3.Connection] = []

    def begin(connection: Connection) -> None:
        _begin_immediate(connection)
        try:
            watch.look()
        except StoreReplacedError:
            if watch.still_there():
                _save_log(connection)
            raise
        except StoreChangedError:
            holding.append(_held_open(path))
            raise

    def let_go(_engine: Engine) -> None:
        while holding:
            holding.pop().close()

    event.listen(engine, "begin", begin)
    event.listen(engine, "checkin", lambda *_: watch.rest())
    event.listen(engine, "engine_disposed", let_go)
    event.listen(engine, "handle_error", _throw_away)
    return engine


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreUnavailableError(
            f"the folder of the database can't be made: {error}", "check DATA_DIR"
        ) from error


def offline_engine(path: Path) -> Engine:
    """An engine for a database that nobody else opens yet. It leaves one file when it is done."""
    engine = create_engine("sqlite://", creator=lambda: _connect(path, "rwc"), poolclass=NullPool)
    event.listen(engine, "begin", _begin_immediate)
    return engine


def reading_engine(settings: Settings) -> Engine:
    """An engine whose connections can't write, each opened for one use.

    The file need not be there yet: connecting raises until it is. A query that takes more than
    ten seconds is ended.
    """
    path = database_path(settings)

    def connect() -> sqlite3.Connection:
        # A connection that could write would put the write-ahead log into the file when it is the
        # last one to close, also into one that was just replaced.
        connection = _connect(path, "ro")
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


def used_bytes(connection: Connection) -> int:
    """The bytes of the database that are in use: those of its free pages are not."""
    pages, unused, size = (
        connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
        for name in ("page_count", "freelist_count", "page_size")
    )
    return int((pages - unused) * size)


@contextmanager
def translate_errors() -> Iterator[None]:
    """Raise our errors for those of the database.

    Raises StoreUnavailableError for what may pass, StoreDamagedError for what will not.
    """
    try:
        yield
    except DBAPIError as error:
        raise _translation(error.orig, error) from error
    except sqlite3.Error as error:
        raise _translation(error, error) from error


def _translation(cause: BaseException | None, error: Exception) -> Exception:
    code, text = _code(cause), str(cause)
    if code in _DAMAGED:
        return StoreDamagedError(f"the database is damaged: {text}", "the writer restores a backup")
    if code == sqlite3.SQLITE_FULL:
        return StoreUnavailableError("the disk of the database is full", "make room on it")
    if "no such table" in text:
        return _missing()
    if code == sqlite3.SQLITE_INTERRUPT:
        return StoreUnavailableError(
            f"the query took more than {_QUERY_SECONDS:.0f} s", "ask for a shorter range"
        )
    if isinstance(cause, sqlite3.OperationalError):
        return StoreUnavailableError(
            f"the database can't be used now: {text}", _HINTS.get(code, "")
        )
    return error


def _code(cause: BaseException | None) -> int:
    """SQLite's primary result code: the extended ones have it in their lowest byte."""
    code: int = getattr(cause, "sqlite_errorcode", 0)
    return code & 0xFF


def _missing() -> StoreMissingError:
    return StoreMissingError("there is no database yet", "the writer makes it")


def _throw_away(context: ExceptionContext) -> None:
    if _code(context.original_exception) in _BROKEN:
        context.is_disconnect = True
        execution = context.execution_context
        if execution is not None and execution.cursor is not None:
            # With a statement left open SQLite would keep the connection, and what it has locked.
            execution.cursor.close()


def _held_open(path: Path) -> sqlite3.Connection:
    """A connection beside the writer's, so that this one is not the last to close.

    The last one would put the write-ahead log into a file that it may not belong to any more.
    """
    connection = read_only(path)
    with suppress(sqlite3.Error):
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    return connection


def _save_log(connection: Connection) -> None:
    """Put what was committed into the file whose write-ahead log somebody has removed."""
    with suppress(sqlite3.Error), closing(connection.connection.cursor()) as cursor:
        cursor.execute("ROLLBACK")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def database_path(settings: Settings) -> Path:
    """The SQLite file, behind all links. Raises SettingError for a database that is none."""
    path = settings.database_file
    if path is None:
        raise SettingError(
            f"DATABASE_URL={settings.database_url!r} is no SQLite database",
            "write sqlite:///path/to/file.db",
        )
    # SQLite follows links too: what belongs to a file stands beside it, not beside the link.
    return Path(os.path.realpath(path))


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    try:
        # check_same_thread: SQLAlchemy hands a connection to one thread at a time.
        return sqlite3.connect(
            f"file:{quote(str(path.absolute()))}?mode={mode}",
            uri=True,
            timeout=_BUSY_SECONDS,
            isolation_level=None,
            check_same_thread=False,
        )
    except sqlite3.OperationalError as error:
        # SQLite has one error for both: no file, and a file that can't be opened.
        if _code(error) == sqlite3.SQLITE_CANTOPEN and _is_missing(path):
            raise _missing() from error
        raise


def _is_missing(path: Path) -> bool:
    try:
        path.lstat()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return False


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")


def _begin_immediate(connection: Connection) -> None:
    # A deferred transaction that reads first is refused its first write without any waiting.
    connection.exec_driver_sql("BEGIN IMMEDIATE")

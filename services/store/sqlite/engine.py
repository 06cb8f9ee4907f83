"""Connections to SQLite: one that writes, and any number that can only read.

In SQLite before 3.51.3, a commit and a checkpoint from different connections can corrupt a
database. So only the writer's connection makes commits or checkpoints. The engines
begin all transactions, not the driver, so that several SELECTs see one state of the database.
"""

import os
import sqlite3
import time
from contextlib import closing, suppress
from pathlib import Path
from typing import Final
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import NullPool, StaticPool

from services.concurrency import Interrupt
from services.errors import (
    SettingError,
    StoreChangedError,
    StoreReplacedError,
    StoreUnavailableError,
)
from services.private_files import create_private_file, make_private_folder, restrict_file
from services.settings import Settings
from services.store.sqlite.direct_queries import driver_connection
from services.store.sqlite.error_translation import (
    QUERY_SECONDS,
    discard_lost_connection,
    missing_error,
    primary_code,
)
from services.store.sqlite.file_watch import FileWatch, WalLimits
from services.store.sqlite.reading_pool import OpenedFiles, ReadingPool

_BUSY_SECONDS: Final = 2.0
"""Time that a connection waits for the lock of another one."""

_INSTRUCTIONS_PER_CHECK: Final = 100_000
"""SQLite's instructions between two checks of the time limit: about a millisecond."""


def writing_engine(settings: Settings, limits: WalLimits | None = None) -> Engine:
    """Return the engine of the one process that writes, and create the database's folder.

    Its transactions raise StoreReplacedError if the database is not the first file any more, and
    StoreChangedError if another program has written to it.

    Args:
        settings: Where the database is.
        limits: Limits of the write-ahead log.

    Raises:
        SettingError: The database is not in a SQLite file.
        StoreUnavailableError: The folder can't be created.
    """
    path = database_path(settings)
    _create_folder(path.parent)
    database = _WatchedDatabase(settings, limits or WalLimits())
    engine = create_engine("sqlite://", creator=database.connect, poolclass=StaticPool)
    event.listen(engine, "begin", database.on_begin)
    event.listen(engine, "checkin", database.on_checkin)
    event.listen(engine, "engine_disposed", database.on_dispose)
    event.listen(engine, "handle_error", discard_lost_connection)
    return engine


def offline_engine(path: Path) -> Engine:
    """Return an engine for a database that nobody else opens. It leaves a single file."""
    engine = create_engine("sqlite://", creator=lambda: _connect(path, "rwc"), poolclass=NullPool)
    event.listen(engine, "begin", _begin_immediate)
    return engine


def reading_engine(
    settings: Settings, query_seconds: float = QUERY_SECONDS, *, max_kept: int = 0
) -> Engine:
    """Return an engine whose connections can't write.

    The database need not exist yet: until it does, connecting raises an error.

    Args:
        settings: Where the database is.
        query_seconds: Time after which a query is ended.
        max_kept: Connections that stay open for the next transaction, while their files are the
            same. Each may take 2 MiB. While one is open, the write-ahead log stays on the disk
            when the writer ends.

    Raises:
        SettingError: The database is not in a SQLite file.
    """
    database_path(settings)

    def connect() -> tuple[sqlite3.Connection, OpenedFiles]:
        # Links may lead elsewhere by now. What changes from here on is noticed at the next use.
        path = database_path(settings)
        files = OpenedFiles.read(settings.database_file or path, str(path))
        # The last connection that is closed copies the write-ahead log into the database, if it
        # can write: also into a database that was just replaced.
        connection = _connect(path, "ro")
        connection.execute("PRAGMA query_only = ON")
        connection.execute("PRAGMA wal_autocheckpoint = 0")
        return connection, files

    def begin(connection: Connection) -> None:
        deadline = time.monotonic() + query_seconds
        driver = driver_connection(connection)
        driver.set_progress_handler(lambda: time.monotonic() > deadline, _INSTRUCTIONS_PER_CHECK)
        driver.execute("BEGIN")

    pool = ReadingPool(connect, max_kept)
    engine = create_engine("sqlite://", pool=pool)
    event.listen(engine, "begin", begin)
    pool.watch(engine)
    return engine


def interrupt_queries(connection: Connection, interrupt: Interrupt) -> None:
    """End the queries of a reading connection when an interrupt is due, and let them give way.

    It replaces the time limit of the connection.
    """
    driver_connection(connection).set_progress_handler(interrupt.check, _INSTRUCTIONS_PER_CHECK)


def read_only(path: Path) -> sqlite3.Connection:
    """Return a connection for one long read: it has no time limit, and can't write.

    It never makes a checkpoint, not even as the last connection that is closed.
    """
    return _connect(path, "ro")


def restrict_database(path: Path) -> None:
    """Remove the permissions of others from a database of ours, which an older version made.

    Raises:
        StoreUnavailableError: The permissions can't be changed.
    """
    try:
        for suffix in ("", "-wal", "-shm", "-journal"):
            restrict_file(path.with_name(f"{path.name}{suffix}"))
    except OSError as error:
        raise StoreUnavailableError(
            f"the permissions of the database can't be changed: {error}", "check DATA_DIR"
        ) from error


def used_bytes(connection: Connection) -> int:
    """Return the bytes of the database that are in use, without those of free pages."""
    page_count, free_count, page_bytes = (
        connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
        for name in ("page_count", "freelist_count", "page_size")
    )
    return int((page_count - free_count) * page_bytes)


def database_path(settings: Settings) -> Path:
    """Return the path of the SQLite file, with all links resolved.

    Raises:
        SettingError: The database is not in a SQLite file.
    """
    path = settings.database_file
    if path is None:
        raise SettingError(
            f"DATABASE_URL={settings.database_url!r} is no SQLite database",
            "write sqlite:///path/to/file.db",
        )
    # SQLite resolves links too: the files that belong to a database are beside it, not beside the
    # link.
    return Path(os.path.realpath(path))


class _WatchedDatabase:
    """The writer's connection, which notices when its files are replaced or changed."""

    def __init__(self, settings: Settings, limits: WalLimits) -> None:
        self._path = database_path(settings)
        self._limits = limits
        self._watch = FileWatch(settings.database_file or self._path, self._path, limits)
        self._kept_open: list[sqlite3.Connection] = []

    def connect(self) -> sqlite3.Connection:
        """Open the connection."""
        self._watch.before_open()
        connection = _connect(self._path, "rwc")
        try:
            self._watch.after_open()
            connection.execute("PRAGMA journal_mode = WAL")
            # A committed reading must be on disk, because the journal is trimmed behind it.
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute(f"PRAGMA wal_autocheckpoint = {self._limits.checkpoint_pages}")
            connection.execute(f"PRAGMA journal_size_limit = {self._limits.truncate_bytes}")
        except BaseException:
            connection.close()
            raise
        return connection

    def on_begin(self, connection: Connection) -> None:
        """Begin a transaction, and check the files in it."""
        _begin_immediate(connection)
        try:
            self._watch.check()
        except StoreReplacedError:
            if self._watch.is_same_file():
                _checkpoint_removed_log(connection)
            raise
        except StoreChangedError:
            self._kept_open.append(_open_beside(self._path))
            raise

    def on_checkin(self, *_: object) -> None:
        """Remember the state of the files after a transaction."""
        self._watch.record_state()

    def on_dispose(self, _engine: Engine) -> None:
        """Close the connections that were kept open until the writer's was closed."""
        while self._kept_open:
            self._kept_open.pop().close()


def _create_folder(folder: Path) -> None:
    try:
        make_private_folder(folder)
    except OSError as error:
        raise StoreUnavailableError(
            f"the folder of the database can't be created: {error}", "check DATA_DIR"
        ) from error


def _open_beside(path: Path) -> sqlite3.Connection:
    """Open a second connection, so that the writer's is not the last one to be closed.

    The last one would copy the write-ahead log into a database to which it may not belong.
    """
    connection = read_only(path)
    with suppress(sqlite3.Error):
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    return connection


def _checkpoint_removed_log(connection: Connection) -> None:
    """Copy committed data into the database whose write-ahead log was removed."""
    with suppress(sqlite3.Error), closing(connection.connection.cursor()) as cursor:
        cursor.execute("ROLLBACK")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    if mode == "rwc":
        # SQLite gives its log the permissions of the database.
        with suppress(OSError):
            create_private_file(path)
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
        # SQLite has the same error for a missing file and for one that can't be opened.
        if primary_code(error) == sqlite3.SQLITE_CANTOPEN and _is_missing(path):
            raise missing_error() from error
        raise


def _is_missing(path: Path) -> bool:
    try:
        path.lstat()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return False


def _begin_immediate(connection: Connection) -> None:
    # A deferred transaction that reads first fails at its first write, without waiting.
    connection.exec_driver_sql("BEGIN IMMEDIATE")

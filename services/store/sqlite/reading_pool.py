"""Reading connections that stay open from one query to the next.

To open a connection, and to prepare its statements, takes longer than most queries. A connection
keeps its files even if their names belong to other files by now, so each use begins with a check.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, NamedTuple, Self

from sqlalchemy import Connection, event
from sqlalchemy.pool import ConnectionPoolEntry, Pool

_FILES: Final = "files"
_IS_COMMITTED: Final = "is_committed"
_IS_CURRENT: Final = "is_current"


class OpenedFiles(NamedTuple):
    """The files that a connection opens, as they were before.

    Attributes:
        name: Path of the database, which may lead over links.
        path: Path of the database, with all links resolved. Its other files are beside it.
        states: A few numbers for each file. Those of a path change when it belongs to another file.
            Those of the database change also when it is written: by the writer's checkpoints, and
            by programs that copy something over it.
    """

    name: Path
    path: str
    states: tuple[tuple[int, ...], ...]

    @classmethod
    def read(cls, name: Path, path: str) -> Self:
        """Return the present states of the files."""
        beside = (_identity(path), _identity(f"{path}-wal"), _identity(f"{path}-shm"))
        return cls(name, path, (_content_state(name), *beside))

    def are_unchanged(self) -> bool:
        """Return True if the states are still the same."""
        return self == self.read(self.name, self.path)


class ReadingPool(Pool):
    """A pool that keeps a few idle connections, and opens as many as are in use at a time.

    A connection is kept only after a transaction that was committed: an error may have been one of
    its files. SQLAlchemy's own pools have a lock, for which a thread may wait.

    Args:
        connect: Opens a connection, and returns it with the files that it has opened.
        max_kept: Idle connections that are kept, 0 for none.
    """

    def __init__(self, connect: Callable[[], tuple[Any, OpenedFiles]], max_kept: int) -> None:
        def open_connection(rec: ConnectionPoolEntry) -> Any:
            connection, rec.info[_FILES] = connect()
            return connection

        super().__init__(open_connection)
        self._max_kept = max_kept
        # Threads add and remove at the same end, so that few of the connections are ever used.
        self._kept: list[ConnectionPoolEntry] = []
        self._open: set[ConnectionPoolEntry] = set()

    def watch(self, target: Any) -> None:
        """Learn which transactions of an engine were committed."""
        event.listen(target, "commit", _remember_commit)
        event.listen(target, "rollback", _forget_commit)

    def status(self) -> str:
        """Describe the pool, for SQLAlchemy."""
        return f"{len(self._kept)} idle connections"

    def dispose(self) -> None:
        """Close the idle connections."""
        while self._kept:
            self._close(self._kept.pop())

    def recreate(self) -> Self:
        """Return the pool to use after `dispose`."""
        return self

    def _do_get(self) -> ConnectionPoolEntry:
        record = self._find_kept() or self._create_connection()
        files = record.info[_FILES]
        # All connections of a process to a database share the index of its log, even if the log was
        # replaced meanwhile. So this one may have the index of an older log.
        record.info[_IS_CURRENT] = all(
            other.info.get(_FILES) == files for other in list(self._open)
        )
        record.info[_IS_COMMITTED] = False
        self._open.add(record)
        return record

    def _find_kept(self) -> ConnectionPoolEntry | None:
        while self._kept:
            try:
                record = self._kept.pop()
            except IndexError:
                break  # Another thread has taken it.
            if record.info[_FILES].are_unchanged():
                return record
            self._close(record)
        return None

    def _do_return_conn(self, record: ConnectionPoolEntry) -> None:
        is_good = record.info.get(_IS_CURRENT) and record.info.get(_IS_COMMITTED)
        if is_good and len(self._kept) < self._max_kept:
            self._kept.append(record)
        else:
            self._close(record)

    def _close(self, record: ConnectionPoolEntry) -> None:
        self._open.discard(record)
        record.close()


def _remember_commit(connection: Connection) -> None:
    connection.info[_IS_COMMITTED] = True


def _forget_commit(connection: Connection) -> None:
    # The information of an invalidated connection is gone, and would be asked from a new one.
    if not connection.invalidated:
        connection.info[_IS_COMMITTED] = False


def _content_state(path: Path) -> tuple[int, ...]:
    """Return what changes when a file, also at the end of a link, is replaced or written."""
    try:
        status = path.stat()
    except OSError:
        return ()
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


def _identity(path: str) -> tuple[int, ...]:
    """Return device and inode of a file or of a link in its place, nothing if it is missing."""
    try:
        status = os.lstat(path)
    except OSError:
        return ()
    return status.st_dev, status.st_ino

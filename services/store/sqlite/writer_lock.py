"""The lock that makes one process the writer of a database file."""

import os
import secrets
from pathlib import Path
from types import TracebackType
from typing import Self

from services.errors import AlreadyRunningError, StoreUnavailableError
from services.filelock import FileLock
from services.private_files import make_private_folder

_MAX_IDENTITY_BYTES = 64


def read_identity(database: Path) -> str:
    """Return the identity of a database, empty if it has none yet.

    Redis knows the writer of the database by it.
    """
    try:
        text = _lock_path(database).read_text("ascii", "replace")
    except OSError:
        return ""
    return text.strip()


class WriterLock:
    """The lock of a database, in a file beside it. It is released when the process ends.

    Args:
        database: Path of the database.

    Attributes:
        identity: Random name of the database, made once and kept in the lock file; empty before
            the lock was acquired.
    """

    def __init__(self, database: Path) -> None:
        self._lock = FileLock(_lock_path(database))
        self.identity = ""

    def follow(self, database: Path) -> None:
        """Give the lock up if links lead to another database now; `acquire` then locks that one.

        Args:
            database: Path of the database.
        """
        path = _lock_path(database)
        if path != self._lock.path:
            self._lock.release()
            self._lock = FileLock(path)

    def acquire(self) -> Self:
        """Acquire the lock. A lock whose file was removed is acquired again.

        Raises:
            AlreadyRunningError: Another process holds the lock.
            StoreUnavailableError: The lock file can't be used.
        """
        path = self._lock.path
        try:
            if self._lock.held and self._lock.is_current():
                return self
            self._lock.release()
            make_private_folder(path.parent)
            acquired = self._lock.acquire()
        except OSError as error:
            raise StoreUnavailableError(f"the database can't be locked: {error}") from error
        if not acquired:
            raise AlreadyRunningError(
                f"another writer has {path.with_suffix('')} open", "one is enough"
            )
        self.identity = self._read_or_write_identity()
        return self

    def release(self) -> None:
        """Release the lock. Its file stays, because another process may wait for it."""
        self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()

    def _read_or_write_identity(self) -> str:
        descriptor = self._lock.descriptor
        stored = os.pread(descriptor, _MAX_IDENTITY_BYTES, 0).decode("ascii", "replace").strip()
        # Redis knows this process by the identity that it has once read.
        if stored.isalnum() and self.identity in {"", stored}:
            return stored
        identity = self.identity or secrets.token_hex(8)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{identity}\n".encode(), 0)
        os.fsync(descriptor)
        return identity


def _lock_path(database: Path) -> Path:
    # Two links to one database are one database.
    return Path(f"{os.path.realpath(database)}.lock")

"""The lock that makes one process the writer of a SQLite file."""

import fcntl
import os
import secrets
from pathlib import Path
from types import TracebackType
from typing import Self

from services.errors import AlreadyRunningError, StoreUnavailableError


class WriterLock:
    """Held by the writer as long as it lives: the system lets go of it when the process ends.

    The file beside the database also holds its identity, a random name made once.
    """

    def __init__(self, database: Path) -> None:
        self._path = database.with_name(f"{database.name}.lock")
        self._descriptor = -1
        self.identity = ""

    def acquire(self) -> Self:
        """Take the lock. Raises AlreadyRunningError when another process has it."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise StoreUnavailableError(f"the database can't be locked: {error}") from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(descriptor)
            raise AlreadyRunningError(
                f"another writer has {self._path.with_suffix('')} open", "one is enough"
            ) from error
        self._descriptor = descriptor
        self.identity = self._identity()
        return self

    def _identity(self) -> str:
        known = os.pread(self._descriptor, 64, 0).decode("ascii", "replace").strip()
        if known.isalnum():
            return known
        made = secrets.token_hex(8)
        os.pwrite(self._descriptor, f"{made}\n".encode(), 0)
        os.fsync(self._descriptor)
        return made

    def release(self) -> None:
        """Let go of the lock. The file stays: another process may already wait for it."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()

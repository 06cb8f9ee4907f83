"""The lock that makes one process the writer of a SQLite file."""

import fcntl
import os
import secrets
from pathlib import Path
from types import TracebackType
from typing import Self

from services.errors import AlreadyRunningError, StoreUnavailableError


def identity_of(database: Path) -> str:
    """The identity of a database, by which its writer is known in Redis; empty if it has none."""
    try:
        text = Path(f"{os.path.realpath(database)}.lock").read_text("ascii", "replace")
    except OSError:
        return ""
    return text.strip()


class WriterLock:
    """Held by the writer as long as it lives: the system lets go of it when the process ends.

    The file beside the database also holds its identity, a random name made once.
    """

    def __init__(self, database: Path) -> None:
        # Two links to one database are one database.
        self._path = Path(f"{os.path.realpath(database)}.lock")
        self._descriptor = -1
        self.identity = ""

    def acquire(self) -> Self:
        """Take the lock. Raises AlreadyRunningError when another process has it.

        Taken again, it is taken anew if somebody has removed its file.
        """
        if self._descriptor >= 0:
            if self._is_ours():
                return self
            self.release()
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
        made = self.identity or secrets.token_hex(8)
        os.pwrite(self._descriptor, f"{made}\n".encode(), 0)
        os.fsync(self._descriptor)
        return made

    def _is_ours(self) -> bool:
        try:
            return os.path.samestat(self._path.stat(), os.fstat(self._descriptor))
        except FileNotFoundError:
            return False
        except OSError as error:
            raise StoreUnavailableError(f"the database can't be locked: {error}") from error

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

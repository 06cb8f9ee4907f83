"""Detection of changes to the files of an open database, and of the growth of its log.

A program that has a file open keeps it even if the file is deleted or replaced. A writer that does
not check would write to a file that nobody ever finds.
"""

import logging
import os
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

from services.errors import StoreChangedError, StoreReplacedError, StoreUnavailableError
from services.log import FaultLog
from services.units import format_bytes

logger = logging.getLogger("writer")

_MIN_PAGE_BYTES: Final = 512
_COMPANIONS: Final = ("-wal", "-shm", ".lock")


class WalLimits(NamedTuple):
    """Limits of the write-ahead log.

    Attributes:
        checkpoint_pages: Pages in the log from which on the writer copies them into the database.
        truncate_bytes: Size to which the log is truncated after a reader had made it grow.
        warning_bytes: Size from which on the log of the process has a warning.
    """

    checkpoint_pages: int = 4_000
    truncate_bytes: int = 64 * 1024 * 1024
    warning_bytes: int = 256 * 1024 * 1024


class _FileId(NamedTuple):
    device: int
    inode: int


class FileWatch:
    """The files of one database, and their state after the writer's last transaction.

    Its methods may raise StoreUnavailableError.

    Args:
        name: The path of the database in the settings, which may lead over links.
        path: The database itself, with all links resolved.
        limits: Limits of the write-ahead log.
    """

    def __init__(self, name: Path, path: Path, limits: WalLimits) -> None:
        self._name = name
        self._path = path
        self._limits = limits
        self._first: _FileId | None = None
        self._companions: dict[str, _FileId | None] = {}
        self._state: tuple[int, int] | None = None
        self._log_growth = FaultLog(
            logger,
            "write-ahead log of the database too large",
            "write-ahead log of the database small again",
        )

    def before_open(self) -> None:
        """Check the database before it is opened again.

        Raises:
            StoreReplacedError: It is not the file that was opened first.
        """
        self._companions.clear()
        self._state = None
        if self._first is not None:
            self._check_identity(self._status(""))

    def after_open(self) -> None:
        """Remember the file that was opened first."""
        if self._first is None:
            self._first = _file_id(self._status(""))

    def check(self) -> None:
        """Check all files, within a transaction.

        Raises:
            StoreReplacedError: A file was removed or replaced.
            StoreChangedError: Another program has written to the database.
        """
        database = self._status("")
        self._check_identity(database)
        if self._state is not None and _state(database) != self._state:
            raise StoreChangedError(f"another program has written into {self._path}")
        for suffix in _COMPANIONS:
            status = self._status(suffix)
            expected = self._companions.setdefault(suffix, _file_id(status))
            if expected is not None and _file_id(status) != expected:
                raise StoreReplacedError(f"{self._path}{suffix} was removed while it was in use")
            if suffix == "-wal" and status is not None:
                self._log_size(status.st_size)

    def record_state(self) -> None:
        """Remember the state of the database after a transaction.

        Other programs may add to the write-ahead log. The database itself is written only by
        checkpoints, which are the writer's, and by programs that copy something over it. While the
        log is too small for a checkpoint the old state stays, so that a copy made in that moment is
        noticed too.
        """
        with suppress(StoreUnavailableError):
            log = self._status("-wal")
            min_bytes = self._limits.checkpoint_pages * _MIN_PAGE_BYTES
            if self._state is None or (log is not None and log.st_size >= min_bytes):
                self._state = _state(self._status(""))

    def is_same_file(self) -> bool:
        """Return True if the path, also over a link, leads to the file that was opened first."""
        with suppress(OSError):
            return _file_id(self._path.stat()) == self._first
        return False

    def _check_identity(self, status: os.stat_result | None) -> None:
        # Other programs would open the file at the end of a link, but a log beside the link.
        target = os.path.realpath(self._name)
        if target != str(self._path):
            raise StoreReplacedError(
                f"{self._name} was replaced by a link to {target} while it was in use"
            )
        if status is None:
            raise StoreReplacedError(f"{self._path} was removed while it was in use")
        if _file_id(status) != self._first:
            raise StoreReplacedError(f"{self._path} was replaced while it was in use")
        if self._companions and not status.st_size:
            raise StoreReplacedError(f"{self._path} was emptied while it was in use")

    def _log_size(self, size_bytes: int) -> None:
        if size_bytes > self._limits.warning_bytes:
            self._log_growth.begin(
                f"{format_bytes(size_bytes)}; a program that reads the database holds on to it"
            )
        else:
            self._log_growth.end()

    def _status(self, suffix: str) -> os.stat_result | None:
        """Return the status of a file or of a link in its place, None if it is missing."""
        try:
            return os.lstat(f"{self._path}{suffix}")
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StoreUnavailableError(f"the database can't be examined: {error}") from error


def _file_id(status: os.stat_result | None) -> _FileId | None:
    return None if status is None else _FileId(status.st_dev, status.st_ino)


def _state(status: os.stat_result | None) -> tuple[int, int] | None:
    """Return what changes when a file is written: its modification time and its size."""
    return None if status is None else (status.st_mtime_ns, status.st_size)

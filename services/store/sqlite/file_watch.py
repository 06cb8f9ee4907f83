"""Whether the files of an open database are still those that were opened, and how they grow.

A file that is deleted or replaced stays what it was for who has it open: a writer that does not
look would fill a file that nobody finds again.
"""

import logging
import os
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

from services.errors import StoreChangedError, StoreReplacedError, StoreUnavailableError
from services.log import FaultLog

logger = logging.getLogger("writer")

_MAX_LOG_BYTES: Final = 256 * 1024 * 1024
"""What the write-ahead log may grow to before it is worth a line."""

CHECKPOINT_PAGES: Final = 4_000
"""Pages in the write-ahead log from which on the writer puts them into the file."""
_SMALLEST_PAGE: Final = 512

_MEGABYTE: Final = 1_000_000
_COMPANIONS: Final = ("-wal", "-shm", ".lock")


class _Identity(NamedTuple):
    device: int
    inode: int


class FileWatch:
    """The files of one database. All methods may raise StoreUnavailableError."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._first: _Identity | None = None
        self._companions: dict[str, _Identity | None] = {}
        self._written: tuple[int, int] | None = None
        self._growth = FaultLog(
            logger,
            "write-ahead log of the database too large",
            "write-ahead log of the database small again",
        )

    def opening(self) -> None:
        """Look before the file is opened. Raises StoreReplacedError if it was another one once."""
        self._companions.clear()
        self._written = None
        if self._first is not None:
            self._compare(self._status(""))

    def opened(self) -> None:
        """Note which file was opened."""
        if self._first is None:
            self._first = _identity(self._status(""))

    def look(self) -> None:
        """Look at the files within a transaction. Raises StoreReplacedError, StoreChangedError."""
        database = self._status("")
        self._compare(database)
        if self._written is not None and _written(database) != self._written:
            raise StoreChangedError(f"another program has written into {self._path}")
        for suffix in _COMPANIONS:
            found = self._status(suffix)
            known = self._companions.setdefault(suffix, _identity(found))
            if known is not None and _identity(found) != known:
                raise StoreReplacedError(f"{self._path}{suffix} was removed while it was in use")
            if suffix == "-wal" and found is not None:
                self._say_growth(found.st_size)

    def rest(self) -> None:
        """Note how the file is left after a transaction: until the next one nobody writes it.

        Other programs can add to the write-ahead log; the file itself is written by checkpoints,
        which are the writer's, and by those who copy something over it. Below a size of the log
        there was no checkpoint, and who copied something over it in that moment is noticed too.
        """
        with suppress(StoreUnavailableError):
            log = self._status("-wal")
            fewest = CHECKPOINT_PAGES * _SMALLEST_PAGE
            if self._written is None or (log is not None and log.st_size >= fewest):
                self._written = _written(self._status(""))

    def still_there(self) -> bool:
        """Whether the database itself is still the one that was opened."""
        return _identity(self._status("")) == self._first

    def _compare(self, found: os.stat_result | None) -> None:
        if found is None:
            raise StoreReplacedError(f"{self._path} was removed while it was in use")
        if _identity(found) != self._first:
            raise StoreReplacedError(f"{self._path} was replaced while it was in use")
        if self._companions and not found.st_size:
            raise StoreReplacedError(f"{self._path} was emptied while it was in use")

    def _say_growth(self, size: int) -> None:
        if size > _MAX_LOG_BYTES:
            self._growth.begin(
                f"{size / _MEGABYTE:,.0f} MB; a program that reads the database holds on to it"
            )
        else:
            self._growth.end()

    def _status(self, suffix: str) -> os.stat_result | None:
        try:
            return os.stat(f"{self._path}{suffix}")  # noqa: PTH116 (a name with a suffix)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StoreUnavailableError(f"the database can't be looked at: {error}") from error


def _identity(status: os.stat_result | None) -> _Identity | None:
    return None if status is None else _Identity(status.st_dev, status.st_ino)


def _written(status: os.stat_result | None) -> tuple[int, int] | None:
    return None if status is None else (status.st_mtime_ns, status.st_size)

"""Backups: copies of the whole database, each a file that can be opened as it is.

A copy is one snapshot together with the journal's position, so that a database that is restored
from it replays what came after. It gets its name when it is complete, verified and on disk:
whatever kills an attempt leaves only a file of another name, which the next attempt removes.
"""

import fcntl
import os
import re
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NamedTuple

from services.clock import now_microseconds
from services.errors import AlreadyRunningError, StoreUnavailableError, StoreUnusableError
from services.reading import MICROSECONDS
from services.settings import Settings
from services.store.backup.verification import (
    INSTRUCTIONS,
    STAMP,
    RowCounts,
    count_rows,
    fsync_path,
    matches_positions,
    read_positions,
    utc_stamp,
    verify,
)
from services.store.sqlite.engine import database_path, read_only, translate_errors

SPARE_BYTES: Final = 64 * 1024 * 1024
"""What a backup leaves free on its disk, which may well be the database's."""

_DAILY: Final = "readings"
_NAME = re.compile(r"(readings|before-\w+)-(\d{8}T\d{6})Z\.db", re.ASCII)
_UNFINISHED: Final = "unfinished.db"
_LOCK: Final = "backups.lock"
_MEGABYTE: Final = 1_000_000


class Backup(NamedTuple):
    """A backup that there is. made: seconds since 1970; size: bytes."""

    path: Path
    created_at: int
    size_bytes: int

    @property
    def kind(self) -> str:
        """What the name begins with: `readings`, or `before-` and a revision of the schema."""
        return self.path.name.rpartition("-")[0]


class BackupReport(NamedTuple):
    """What a backup took. size: bytes; seconds: from its start to its name."""

    path: Path
    size_bytes: int
    series: int
    readings: int
    seconds: float

    def __str__(self) -> str:
        return (
            f"{self.path}: {in_megabytes(self.size_bytes)}, {self.readings:,} readings"
            f" of {self.series:,} series, in {self.seconds:.1f} s"
        )


class Backups:
    """The backups of the database, in their folder.

    clock: microseconds since 1970. free: the bytes that are free on the disk of a folder.
    """

    def __init__(
        self,
        settings: Settings,
        clock: Callable[[], int] = now_microseconds,
        free: Callable[[Path], int] = lambda folder: shutil.disk_usage(folder).free,
    ) -> None:
        self._database = database_path(settings)
        self._folder = settings.backup_folder
        self._unfinished = self._folder / _UNFINISHED
        self._keep = settings.backups
        self._clock = clock
        self._free = free

    def list_newest_first(self) -> list[Backup]:
        """The backups that are made day by day. Raises StoreUnavailableError."""
        return [backup for backup in self.list_all() if backup.kind == _DAILY]

    def list_all(self) -> list[Backup]:
        """Those and the ones from before a change of the schema, newest first, as it raises."""
        with _explained():
            if not self._folder.is_dir():
                return []
            found = [_backup(path) for path in self._folder.iterdir()]
        return sorted((b for b in found if b is not None), key=lambda b: b.created_at, reverse=True)

    def recorded_since(self) -> int | None:
        """When the first series was stored, in microseconds since 1970; None if there is none.

        Raises StoreUnavailableError while there is no database.
        """
        with _explained(), closing(read_only(self._database)) as database:
            since: int | None = database.execute("SELECT min(created_at) FROM series").fetchone()[0]
            return since

    def create(self, stopped: Callable[[], bool] = lambda: False) -> BackupReport:
        """Make a backup, then delete those that are too many.

        stopped: looked at again and again; true ends the attempt. Raises StoreUnavailableError,
        StoreUnusableError, AlreadyRunningError.
        """
        with _explained(), self._alone():
            report = self._make(_DAILY, stopped)
            self._delete_old(report.path)
        return report

    def create_before_upgrade(
        self, revision: str, stopped: Callable[[], bool] = lambda: False
    ) -> Path:
        """Make a backup before the schema is brought to a revision, one that is never deleted.

        A database that has taken nothing since an attempt that failed keeps the backup of then.
        Raises as `make`.
        """
        kind = f"before-{revision}"
        with _explained(), self._alone():
            with closing(read_only(self._database)) as database:
                positions = read_positions(database)
            for backup in self.list_all():
                if backup.kind == kind and matches_positions(backup.path, positions):
                    return backup.path
            return self._make(kind, stopped).path

    def _make(self, kind: str, stopped: Callable[[], bool]) -> BackupReport:
        began = time.monotonic()
        try:
            contents = self._copy(stopped)
            path = self._finish(kind)
        finally:
            self._clear()
        return BackupReport(path, path.stat().st_size, *contents[:2], time.monotonic() - began)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Nobody else makes a backup meanwhile; what an attempt left that was killed is gone."""
        self._folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise AlreadyRunningError(
                    f"another backup is being made in {self._folder}", "wait until it is done"
                ) from error
            self._clear()
            yield
        finally:
            os.close(descriptor)

    def _clear(self) -> None:
        for name in (_UNFINISHED, f"{_UNFINISHED}-journal"):
            (self._folder / name).unlink(missing_ok=True)

    def _copy(self, stopped: Callable[[], bool]) -> RowCounts:
        with closing(read_only(self._database)) as database:
            database.set_progress_handler(stopped, INSTRUCTIONS)
            before = count_rows(database)
            self._check_space(database)
            database.execute("VACUUM INTO ?", [str(self._unfinished.absolute())])
            copied = verify(self._unfinished, stopped)
            # Fewer than before is well where the database itself has fewer now.
            if not before.all_in(copied) and not count_rows(database).all_in(copied):
                raise StoreUnusableError(
                    f"the copy holds {copied.readings:,} readings of {before.readings:,}",
                    "check the disk of the backups",
                )
        return copied

    def _check_space(self, database: sqlite3.Connection) -> None:
        pages, unused, size = (
            database.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("page_count", "freelist_count", "page_size")
        )
        needed, free = (pages - unused) * size, self._free(self._folder)
        if free < needed + SPARE_BYTES:
            raise StoreUnavailableError(
                f"a backup takes {in_megabytes(needed)} and leaves {in_megabytes(SPARE_BYTES)}"
                f" free, but {self._folder} has {in_megabytes(free)} free",
                "make room, or set STRIPCHART_BACKUP_DIR to a folder on another disk",
            )

    def _finish(self, kind: str) -> Path:
        fsync_path(self._unfinished)
        now = self._clock() // MICROSECONDS
        # A clock that was set back must not make this backup replace an older one.
        while (path := self._folder / f"{kind}-{utc_stamp(now)}.db").exists():
            now += 1
        self._unfinished.rename(path)
        fsync_path(self._folder)
        return path

    def _delete_old(self, newest: Path) -> None:
        others = [b for b in self.list_newest_first() if b.path != newest]
        for backup in others[self._keep - 1 :]:
            backup.path.unlink(missing_ok=True)


def in_megabytes(size: int) -> str:
    """A number of bytes, for people."""
    return f"{size / _MEGABYTE:,.1f} MB"


def _backup(path: Path) -> Backup | None:
    """The backup that a file is; None for anything that has another name or is no file."""
    match = _NAME.fullmatch(path.name)
    if match is None or path.is_symlink() or not path.is_file():
        return None
    try:
        made = datetime.strptime(match[2], STAMP).replace(tzinfo=UTC)
    except ValueError:
        return None
    return Backup(path, int(made.timestamp()), path.stat().st_size)


@contextmanager
def _explained() -> Iterator[None]:
    with translate_errors():
        try:
            yield
        except OSError as error:
            raise StoreUnavailableError(
                f"the folder of the backups can't be used: {error}", "check STRIPCHART_BACKUP_DIR"
            ) from error
        except sqlite3.OperationalError as error:
            if error.sqlite_errorname == "SQLITE_FULL":
                raise StoreUnavailableError(
                    "the disk of the backups is full", "make room on it"
                ) from error
            if error.sqlite_errorname == "SQLITE_INTERRUPT":
                raise StoreUnavailableError("the backup was stopped") from error
            raise

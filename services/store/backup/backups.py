"""Backups: copies of the whole database, each of which can be opened as it is.

A backup is one snapshot of the data and of the checkpoint. A database that is restored from it
replays the journal from there on. A backup gets its name when it is complete, verified and on disk.
An attempt that is killed leaves a file of another name, which the next attempt removes.
"""

import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final, NamedTuple

from services.clock import now_microseconds
from services.errors import AlreadyRunningError, StoreUnavailableError, StoreUnusableError
from services.filelock import FileLock
from services.private_files import create_private_file, make_private_folder, restrict_file
from services.reading import MICROSECONDS
from services.settings import Settings
from services.store.backup.order import (
    REGULAR,
    Backup,
    next_number,
    parse_backup,
    sort_newest_first,
    write_number,
)
from services.store.backup.verification import (
    INSTRUCTIONS_PER_CHECK,
    RowCounts,
    count_rows,
    format_timestamp,
    fsync_path,
    matches_positions,
    read_positions,
    verify,
)
from services.store.sqlite.engine import database_path, read_only
from services.store.sqlite.error_translation import translate_errors
from services.units import format_bytes

SPARE_BYTES: Final = 64 * 1024 * 1024
"""Space that a backup leaves free on its disk, which may be the database's disk as well."""

_UNFINISHED: Final = "unfinished.db"
_LOCK: Final = "backups.lock"


class BackupReport(NamedTuple):
    """Report about a backup that was made.

    Attributes:
        path: The backup.
        size_bytes: Its size.
        series: Number of series in it.
        readings: Number of readings in it.
        seconds: Time that it took.
    """

    path: Path
    size_bytes: int
    series: int
    readings: int
    seconds: float

    def __str__(self) -> str:
        return (
            f"{self.path}: {format_bytes(self.size_bytes)}, {self.readings:,} readings"
            f" of {self.series:,} series, in {self.seconds:.1f} s"
        )


class Backups:
    """The backups of the database, in one folder.

    Args:
        settings: Where the database and the backups are, and how many backups to keep.
        clock: Returns microseconds since 1970.
        free_bytes: Returns the free space on the disk of a folder.
    """

    def __init__(
        self,
        settings: Settings,
        clock: Callable[[], int] = now_microseconds,
        free_bytes: Callable[[Path], int] = lambda folder: shutil.disk_usage(folder).free,
    ) -> None:
        self._database = database_path(settings)
        self._folder = settings.backup_folder
        self._unfinished = self._folder / _UNFINISHED
        self._max_backups = settings.backups
        self._clock = clock
        self._free_bytes = free_bytes

    def list_newest_first(self) -> list[Backup]:
        """Return the regular backups, newest first by what is in them.

        Raises:
            StoreUnavailableError: The folder can't be read.
        """
        regular = [backup for backup in self.list_unordered() if backup.kind == REGULAR]
        return sort_newest_first(regular, self._now)

    def list_all(self) -> list[Backup]:
        """Return all backups, also those made before an upgrade of the schema, newest first.

        Raises:
            StoreUnavailableError: The folder can't be read.
        """
        return sort_newest_first(self.list_unordered(), self._now)

    def list_unordered(self) -> list[Backup]:
        """Return all backups in no order, without opening them.

        Raises:
            StoreUnavailableError: The folder can't be read.
        """
        with _translate_errors():
            if not self._folder.is_dir():
                return []
            backups = [parse_backup(path) for path in self._folder.iterdir()]
        return [backup for backup in backups if backup is not None]

    def list_dated_ahead(self) -> list[Backup]:
        """Return the backups whose date lies ahead, because the clock was wrong or is wrong.

        Raises:
            StoreUnavailableError: The folder can't be read.
        """
        return [backup for backup in self.list_unordered() if backup.is_ahead(self._now)]

    @property
    def _now(self) -> float:
        return self._clock() / MICROSECONDS

    def recorded_since(self) -> int | None:
        """Return when the first series was stored, in microseconds since 1970.

        Returns:
            None if there are no series.

        Raises:
            StoreUnavailableError: There is no database, or it can't be read.
        """
        with _translate_errors(), closing(read_only(self._database)) as database:
            since: int | None = database.execute("SELECT min(created_at) FROM series").fetchone()[0]
            return since

    def create(self, stopped: Callable[[], bool] = lambda: False) -> BackupReport:
        """Make a backup, then delete the oldest ones beyond the limit.

        Args:
            stopped: Called again and again; True ends the attempt.

        Raises:
            AlreadyRunningError: Another process makes a backup.
            StoreUnavailableError: The backup can't be made now, or was stopped.
            StoreUnusableError: The copy is damaged or incomplete.
        """
        with _translate_errors(), self._exclusive():
            report = self._create(REGULAR, stopped)
            self._delete_old(report.path)
        return report

    def create_before_upgrade(
        self, revision: str, stopped: Callable[[], bool] = lambda: False
    ) -> Path:
        """Make a backup that is never deleted, before an upgrade of the schema.

        If the database has not changed since a failed attempt, the backup made then is kept.

        Args:
            revision: The new revision of the schema.
            stopped: Called again and again; True ends the attempt.

        Raises:
            AlreadyRunningError: Another process makes a backup.
            StoreUnavailableError: The backup can't be made now, or was stopped.
            StoreUnusableError: The copy is damaged or incomplete.
        """
        kind = f"before-{revision}"
        with _translate_errors(), self._exclusive():
            with closing(read_only(self._database)) as database:
                positions = read_positions(database)
            for backup in self.list_all():
                if backup.kind == kind and matches_positions(backup.path, positions):
                    return backup.path
            return self._create(kind, stopped).path

    def _create(self, kind: str, stopped: Callable[[], bool]) -> BackupReport:
        started = time.monotonic()
        try:
            counts = self._copy(stopped)
            path = self._finish(kind)
        finally:
            self._delete_unfinished()
        seconds = time.monotonic() - started
        size_bytes = path.stat().st_size
        return BackupReport(path, size_bytes, counts.series, counts.readings, seconds)

    @contextmanager
    def _exclusive(self) -> Iterator[None]:
        """Lock the folder, and delete what a killed attempt has left."""
        make_private_folder(self._folder)
        lock = FileLock(self._folder / _LOCK)
        if not lock.acquire():
            raise AlreadyRunningError(
                f"another backup is being made in {self._folder}", "wait until it is done"
            )
        try:
            self._delete_unfinished()
            for backup in self.list_unordered():
                restrict_file(backup.path)
            yield
        finally:
            lock.release()

    def _delete_unfinished(self) -> None:
        for name in (_UNFINISHED, f"{_UNFINISHED}-journal"):
            (self._folder / name).unlink(missing_ok=True)

    def _copy(self, stopped: Callable[[], bool]) -> RowCounts:
        with closing(read_only(self._database)) as database:
            database.set_progress_handler(stopped, INSTRUCTIONS_PER_CHECK)
            before = count_rows(database)
            self._check_space(database)
            create_private_file(self._unfinished)
            database.execute("VACUUM INTO ?", [str(self._unfinished.absolute())])
            write_number(self._unfinished, next_number(self.list_unordered()))
            copied = verify(self._unfinished, stopped)
            # The copy may have fewer rows than before if the database has fewer now as well.
            if not before.all_in(copied) and not count_rows(database).all_in(copied):
                raise StoreUnusableError(
                    f"the copy holds {copied.readings:,} readings of {before.readings:,}",
                    "check the disk of the backups",
                )
        return copied

    def _check_space(self, database: sqlite3.Connection) -> None:
        page_count, free_count, page_bytes = (
            database.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("page_count", "freelist_count", "page_size")
        )
        needed_bytes = (page_count - free_count) * page_bytes
        free_bytes = self._free_bytes(self._folder)
        if free_bytes < needed_bytes + SPARE_BYTES:
            raise StoreUnavailableError(
                f"a backup takes {format_bytes(needed_bytes)} and leaves"
                f" {format_bytes(SPARE_BYTES)} free, but {self._folder} has"
                f" {format_bytes(free_bytes)} free",
                "make room, or set STRIPCHART_BACKUP_DIR to a folder on another disk",
            )

    def _finish(self, kind: str) -> Path:
        """Give the unfinished backup its name, and return its path."""
        fsync_path(self._unfinished)
        now = int(self._now)
        # After the clock was set back, the name of an older backup must not be used again.
        while (path := self._folder / f"{kind}-{format_timestamp(now)}.db").exists():
            now += 1
        self._unfinished.rename(path)
        fsync_path(self._folder)
        return path

    def _delete_old(self, newest: Path) -> None:
        others = [backup for backup in self.list_newest_first() if backup.path != newest]
        for backup in others[self._max_backups - 1 :]:
            backup.path.unlink(missing_ok=True)


@contextmanager
def _translate_errors() -> Iterator[None]:
    """Translate errors of the disk and of SQLite to StoreUnavailableError."""
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

"""Recovery: replaces a damaged or missing database with a good backup.

Nothing is deleted or overwritten: the old files are moved aside. Before anything is moved, the
replacement is completed, with a record of the readings that may be lost. If an attempt is killed,
the next one finishes it.

A database counts as damaged only if SQLite says so twice, on two connections. Locks, missing
permissions and failing disks raise an error that may pass. An unknown schema is not handled here.
"""

import shutil
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final, NamedTuple

from sqlalchemy import Engine

from services.clock import now_microseconds
from services.errors import StoreDamagedError, StoreUnavailableError, StoreUnusableError
from services.position import Gap
from services.private_files import create_private_file
from services.reading import MICROSECONDS
from services.settings import Settings
from services.store.backup.backups import Backups
from services.store.backup.order import Backup
from services.store.backup.verification import RowCounts, format_timestamp, fsync_path, verify
from services.store.losses import record_gaps
from services.store.migrations import upgrade
from services.store.sqlite.engine import database_path, offline_engine, read_only
from services.store.sqlite.error_translation import translate_errors
from services.units import format_bytes

MAX_CHECKED_BYTES: Final = 128 * 1024 * 1024
"""Size up to which every page of a database is checked at each start, which takes about a second.

A larger database is not checked, so that a start takes no minutes. Its damage is found when the
page is read: at the latest by the next backup, which reads every page and keeps older backups."""

_COMPANIONS: Final = ("-wal", "-shm", "-journal")

_FORMAT_OFFSET: Final = 18
_ROLLBACK_FORMAT: Final = b"\x01\x01"
"""Bytes of the file header of a database that is not in WAL mode."""


class Recovery(NamedTuple):
    """Report about a recovery.

    Attributes:
        reason: Why it was necessary.
        action: The remedy.
        aside: Where the old file was moved, None if there was none.
        backup: The backup that was restored, None if there was no good one or none was needed.
    """

    reason: str
    action: str
    aside: Path | None
    backup: Path | None

    def __str__(self) -> str:
        aside = "" if self.aside is None else f"; the old file is now {self.aside}"
        return f"{self.reason}: {self.action}{aside}"


def recover(
    settings: Settings,
    *,
    damaged: bool = False,
    replaced: bool = False,
    clock: Callable[[], int] = now_microseconds,
    max_checked_bytes: int = MAX_CHECKED_BYTES,
) -> Recovery | None:
    """Replace the database if it is damaged or missing.

    Only the holder of the writer's lock may call this, while it has no connection to the database.

    Args:
        settings: Where the database and its backups are.
        damaged: SQLite has reported damage, so that every page is checked.
        replaced: The file was removed or replaced while it was in use. So its absence is a loss,
            and a write-ahead log beside it belongs to another file.
        clock: Returns microseconds since 1970.
        max_checked_bytes: Size up to which every page is checked without a reason.

    Returns:
        None if nothing had to be done.

    Raises:
        StoreUnavailableError: The recovery is not possible now.
        StoreUnusableError: The schema of a backup is unknown.
    """
    with _translate_errors(), translate_errors():
        recovery = _DatabaseRecovery(settings, clock, max_checked_bytes)
        return recovery.run(damaged=damaged, replaced=replaced)


class _DatabaseRecovery:
    """The database, the files beside it, and its backups."""

    def __init__(
        self, settings: Settings, clock: Callable[[], int], max_checked_bytes: int
    ) -> None:
        self._path = database_path(settings)
        self._backups = Backups(settings, clock)
        self._clock = clock
        self._max_checked_bytes = max_checked_bytes
        self._unfinished = self._beside(".unfinished")
        self._ready = self._beside(".ready")

    def run(self, *, damaged: bool, replaced: bool) -> Recovery | None:
        """Replace the database if it is damaged or missing; see `recover`."""
        if self._ready.exists():
            aside = self._put_in_place()
            action = "the replacement that an earlier attempt had made was put in its place"
            return Recovery("the database was damaged or missing", action, aside, None)
        size_bytes = self._size_bytes()
        log_moved = self._move_foreign_log(size_bytes, replaced)
        if size_bytes is None:
            return self._replace(f"{self._path} was removed") if replaced else log_moved
        if size_bytes == 0:
            lost = replaced or bool(self._backups.list_all())
            return self._replace(f"{self._path} is empty") if lost else log_moved
        damage = self._find_damage(damaged) and self._find_damage(damaged)
        return self._replace(f"the database is damaged: {damage}") if damage else log_moved

    def _size_bytes(self) -> int | None:
        """Return the size of the database, None if it is missing."""
        if not self._path.exists():
            return None
        if not self._path.is_file():
            raise StoreUnavailableError(f"{self._path} is not a file", "check DATA_DIR")
        return self._path.stat().st_size

    def _find_damage(self, every_page: bool) -> str | None:
        """Return what SQLite finds wrong with the database, None if nothing."""
        if self._beside("-journal").exists():
            # Only a connection that can write rolls this journal back: the writer's will.
            return None
        try:
            with translate_errors(), closing(read_only(self._path)) as database:
                names = {name for (name,) in database.execute("SELECT name FROM sqlite_master")}
                if "journal_position" in names:
                    database.execute("SELECT * FROM journal_position").fetchall()
                if not every_page and self._path.stat().st_size > self._max_checked_bytes:
                    return None
                check = "integrity_check" if every_page else "quick_check"
                verdict: str = database.execute(f"PRAGMA {check}(1)").fetchone()[0]
        except StoreDamagedError as error:
            return str(error.__cause__)
        return None if verdict == "ok" else " ".join(verdict.split())

    def _move_foreign_log(self, size_bytes: int | None, replaced: bool) -> Recovery | None:
        """Move a write-ahead log aside that belongs to another file: SQLite would apply it.

        It belongs to another file if the database is missing or was replaced while it was in use.
        It does as well if the database was never in WAL mode, because somebody has copied a backup.
        """
        log = self._beside("-wal")
        if not log.is_file() or not log.stat().st_size:
            return None
        if size_bytes and not replaced and self._format() != _ROLLBACK_FORMAT:
            return None
        aside = self._move_aside(("-wal", "-shm"))
        reason = f"{log} does not belong to this database"
        return Recovery(reason, "it was moved aside", aside, None)

    def _format(self) -> bytes:
        """Return the versions of the format in the file header, for writing and reading."""
        with self._path.open("rb") as file:
            return file.read(_FORMAT_OFFSET + 2)[_FORMAT_OFFSET:]

    def _replace(self, reason: str) -> Recovery:
        """Replace the database with the newest good backup, or with an empty database."""
        self._delete_unfinished()
        try:
            backup = self._restore(reason)
            if backup is None:
                engine = self._upgrade_unfinished()
                self._record_loss(engine, f"{reason}; there was no good backup", None)
            fsync_path(self._unfinished)
            self._unfinished.rename(self._ready)
            fsync_path(self._path.parent)
        finally:
            self._delete_unfinished()
        aside = self._put_in_place()
        if backup is None:
            action = "there was no good backup, so that an empty database was created"
            return Recovery(reason, action, aside, None)
        action = f"{backup.path} took its place, and the journal is replayed from its end"
        if self._is_ahead(backup):
            action += "; the date of this backup lies ahead: check the clock of this machine"
        return Recovery(reason, action, aside, backup.path)

    def _is_ahead(self, backup: Backup) -> bool:
        return backup.is_ahead(self._clock() / MICROSECONDS)

    def _restore(self, reason: str) -> Backup | None:
        """Copy the newest good backup, and return it; None without a good one."""
        for backup in self._backups.list_all():
            if _verify_or_none(backup.path) is None:
                continue
            self._copy(backup)
            counts = _verify_or_none(self._unfinished)
            if counts is None:
                raise StoreUnavailableError(
                    f"the copy of {backup.path} is damaged", "check the disk of the database"
                )
            engine = self._upgrade_unfinished()
            if not counts.positions:
                # With a position, the writer replays or counts what came after the backup.
                since = None if self._is_ahead(backup) else backup.created_at
                self._record_loss(engine, f"{reason}; {backup.path.name} was restored", since)
            return backup
        return None

    def _copy(self, backup: Backup) -> None:
        free_bytes = shutil.disk_usage(self._path.parent).free
        if free_bytes < backup.size_bytes:
            raise StoreUnavailableError(
                f"{backup.path} takes {format_bytes(backup.size_bytes)}, but {self._path.parent}"
                f" has {format_bytes(free_bytes)} free",
                "make room, and it is restored",
            )
        create_private_file(self._unfinished)
        shutil.copyfile(backup.path, self._unfinished)

    def _upgrade_unfinished(self) -> Engine:
        engine = offline_engine(self._unfinished)
        upgrade(engine)
        return engine

    def _record_loss(self, engine: Engine, reason: str, since: int | None) -> None:
        """Record in the replacement that an unknown number of readings may be lost.

        Args:
            engine: The engine of the replacement.
            reason: What happened.
            since: Start of the loss in seconds since 1970, None if it is unknown.
        """
        start, now = None if since is None else since * MICROSECONDS, self._clock()
        with engine.begin() as connection:
            record_gaps(connection, [Gap(start, now, None, reason)], now)

    def _put_in_place(self) -> Path | None:
        """Move the old files aside and the replacement in their place.

        Returns:
            Where the old database is now, None if there was none.
        """
        aside = self._move_aside(("", *_COMPANIONS))
        self._ready.rename(self._path)
        fsync_path(self._path.parent)
        return aside

    def _move_aside(self, suffixes: Sequence[str]) -> Path | None:
        """Rename the files with these suffixes to an unused name.

        Returns:
            Where the first of them is now, None if there were none.
        """
        existing = [suffix for suffix in suffixes if self._beside(suffix).exists()]
        second = self._clock() // MICROSECONDS
        while any(self._aside(second, suffix).exists() for suffix in ("", *_COMPANIONS)):
            second += 1
        for suffix in existing:
            self._beside(suffix).rename(self._aside(second, suffix))
        fsync_path(self._path.parent)
        return self._aside(second, existing[0]) if existing else None

    def _aside(self, second: int, suffix: str) -> Path:
        return self._beside(f".aside-{format_timestamp(second)}{suffix}")

    def _beside(self, suffix: str) -> Path:
        return self._path.with_name(f"{self._path.name}{suffix}")

    def _delete_unfinished(self) -> None:
        for suffix in ("", *_COMPANIONS):
            self._beside(f".unfinished{suffix}").unlink(missing_ok=True)


def _verify_or_none(path: Path) -> RowCounts | None:
    """Return the row counts of a copy, None if it is damaged or can't be read."""
    try:
        return verify(path)
    except (sqlite3.DatabaseError, StoreUnusableError):
        return None


@contextmanager
def _translate_errors() -> Iterator[None]:
    """Translate errors of the disk to StoreUnavailableError."""
    try:
        yield
    except OSError as error:
        raise StoreUnavailableError(
            f"the database can't be recovered: {error}", "check its disk and its folder"
        ) from error

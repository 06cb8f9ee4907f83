"""What is done about a database that is damaged or gone: a good backup takes its place.

Nothing is deleted or overwritten: what was there is moved aside. What takes its place is made
complete, with a note of what can't be counted later, before anything is moved; whatever kills an
attempt, the next one finishes it.

Only what SQLite itself calls damaged counts, and only if it says so twice, to connections of their
own. Whatever else keeps a file from being read, a lock, permissions or a failing disk, is raised as
an error that may pass, and a schema that is not known is no business of this module.
"""

import shutil
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final, NamedTuple

from sqlalchemy import Engine, insert

from services.clock import now_microseconds
from services.errors import StoreDamagedError, StoreUnavailableError, StoreUnusableError
from services.reading import MICROSECONDS
from services.settings import Settings
from services.store import tables
from services.store.backup.backups import Backup, Backups, in_megabytes
from services.store.backup.verification import RowCounts, fsync_path, utc_stamp, verify
from services.store.migrations import upgrade
from services.store.sqlite.engine import database_path, offline_engine, read_only, translate_errors

CHECKED_BYTES: Final = 128 * 1024 * 1024
"""A database up to this size is checked page by page at each start, which takes about a second.

A larger one is not, so that a restart takes no minutes: damage that only shows where it is read is
found then, at the latest by the next backup, which reads every page and keeps the backups before.
"""

_COMPANIONS: Final = ("-wal", "-shm", "-journal")
_NEVER_IN_WAL_MODE: Final = b"\x01\x01"


class Recovery(NamedTuple):
    """What was found, and what was done. aside: where it was moved to; backup: what was restored.

    aside is None if there was nothing to move, backup if there is no good one or no need for one.
    """

    reason: str
    done: str
    aside: Path | None
    backup: Path | None

    def __str__(self) -> str:
        aside = f"; what was there is now {self.aside}" if self.aside is not None else ""
        return f"{self.reason}: {self.done}{aside}"


def recover(
    settings: Settings,
    *,
    damaged: bool = False,
    replaced: bool = False,
    clock: Callable[[], int] = now_microseconds,
) -> Recovery | None:
    """Put a sound database where there is a damaged one; None where nothing had to be done.

    To be called by the holder of the writer's lock, while it has no connection to the database.
    damaged: SQLite has reported damage, so every page is checked. replaced: the file was removed
    or replaced while it was in use: its absence is a loss, and no log beside it is its own.
    clock: microseconds since 1970. Raises StoreUnavailableError, StoreUnusableError.
    """
    with _explained(), translate_errors():
        return _DatabaseRecovery(settings, clock).recover(damaged, replaced)


class _DatabaseRecovery:
    """The database's file, what stands beside it, and what may take its place."""

    def __init__(self, settings: Settings, clock: Callable[[], int]) -> None:
        self._path = database_path(settings)
        self._backups = Backups(settings)
        self._clock = clock
        self._unfinished = self._beside(".unfinished")
        self._ready = self._beside(".ready")

    def recover(self, damaged: bool, replaced: bool) -> Recovery | None:
        """As the function of this name."""
        if self._ready.exists():
            aside = self._put_in_place()
            done = "the replacement that an earlier attempt had made was put in its place"
            return Recovery("the database was damaged or gone", done, aside, None)
        size = self._size()
        moved = self._move_strange_log(size, replaced)
        if size is None:
            return self._replace(f"{self._path} was removed") if replaced else moved
        if size == 0:
            lost = replaced or bool(self._backups.list_all())
            return self._replace(f"{self._path} is empty") if lost else moved
        damage = self._look(damaged) and self._look(damaged)
        return self._replace(f"the database is damaged: {damage}") if damage else moved

    def _size(self) -> int | None:
        if not self._path.exists():
            return None
        if not self._path.is_file():
            raise StoreUnavailableError(f"{self._path} is no file", "check DATA_DIR")
        return self._path.stat().st_size

    def _look(self, every_page: bool) -> str | None:
        """What SQLite finds wrong with the file; None if nothing."""
        if self._beside("-journal").exists():
            # Only who may write can put back what this journal has kept: the writer does.
            return None
        try:
            with translate_errors(), closing(read_only(self._path)) as database:
                names = {name for (name,) in database.execute("SELECT name FROM sqlite_master")}
                if "journal_position" in names:
                    database.execute("SELECT * FROM journal_position").fetchall()
                if not every_page and self._path.stat().st_size > CHECKED_BYTES:
                    return None
                check = "integrity_check" if every_page else "quick_check"
                verdict: str = database.execute(f"PRAGMA {check}(1)").fetchone()[0]
        except StoreDamagedError as error:
            return str(error.__cause__)
        return None if verdict == "ok" else " ".join(verdict.split())

    def _move_strange_log(self, size: int | None, replaced: bool) -> Recovery | None:
        """Move a write-ahead log aside that is not this file's: SQLite would mix the two.

        It is none of its own if the file is gone, was replaced while it was in use, or never was
        in WAL mode, as a backup that somebody has put into the place of a database.
        """
        log = self._beside("-wal")
        if not log.is_file() or not log.stat().st_size:
            return None
        if size and not replaced and self._mode() != _NEVER_IN_WAL_MODE:
            return None
        aside = self._move_aside(("-wal", "-shm"))
        return Recovery(f"{log} is not of this database", "it was moved aside", aside, None)

    def _mode(self) -> bytes:
        with self._path.open("rb") as file:
            return file.read(20)[18:]

    def _replace(self, reason: str) -> Recovery:
        """Put the newest good backup into the place of the file, or a new database."""
        self._clear_unfinished()
        try:
            backup = self._restore(reason)
            if backup is None:
                engine = self._brought_up_to_date()
                self._note(engine, f"{reason}; there was no good backup", None)
            fsync_path(self._unfinished)
            self._unfinished.rename(self._ready)
            fsync_path(self._path.parent)
        finally:
            self._clear_unfinished()
        aside = self._put_in_place()
        if backup is None:
            return Recovery(reason, "there was no good backup, a new one was begun", aside, None)
        done = f"{backup} took its place, and the journal is read from where that ends"
        return Recovery(reason, done, aside, backup)

    def _restore(self, reason: str) -> Path | None:
        """Copy the newest good backup; None if there is none."""
        for backup in self._backups.list_all():
            if _good(backup.path) is None:
                continue
            self._copy(backup)
            contents = _good(self._unfinished)
            if contents is None:
                raise StoreUnavailableError(
                    f"the copy of {backup.path} is damaged", "check the disk of the database"
                )
            engine = self._brought_up_to_date()
            if not contents.positions:
                # Else what came after its position is replayed, or counted by the writer.
                self._note(engine, f"{reason}; {backup.path.name} was restored", backup.created_at)
            return backup.path
        return None

    def _copy(self, backup: Backup) -> None:
        free = shutil.disk_usage(self._path.parent).free
        if free < backup.size_bytes:
            raise StoreUnavailableError(
                f"{backup.path} takes {in_megabytes(backup.size_bytes)}, but {self._path.parent}"
                f" has {in_megabytes(free)} free",
                "make room, and it is restored",
            )
        shutil.copyfile(backup.path, self._unfinished)

    def _brought_up_to_date(self) -> Engine:
        engine = offline_engine(self._unfinished)
        upgrade(engine)
        return engine

    def _note(self, engine: Engine, reason: str, since: int | None) -> None:
        """Note in the replacement that nobody knows what is lost. since: seconds since 1970."""
        start, now = None if since is None else since * MICROSECONDS, self._clock()
        with engine.begin() as connection:
            connection.execute(
                insert(tables.gaps),
                {"from_ts": start, "to_ts": now, "count": None, "reason": reason, "noted_at": now},
            )

    def _put_in_place(self) -> Path | None:
        """Move what is there aside, the replacement into its place; returns where that is now."""
        aside = self._move_aside(("", *_COMPANIONS))
        self._ready.rename(self._path)
        fsync_path(self._path.parent)
        return aside

    def _move_aside(self, suffixes: Sequence[str]) -> Path | None:
        """Give the files with these suffixes a name that is free; None if there are none."""
        there = [suffix for suffix in suffixes if self._beside(suffix).exists()]
        second = self._clock() // MICROSECONDS
        while any(self._aside(second, suffix).exists() for suffix in ("", *_COMPANIONS)):
            second += 1
        for suffix in there:
            self._beside(suffix).rename(self._aside(second, suffix))
        fsync_path(self._path.parent)
        return self._aside(second, there[0]) if there else None

    def _aside(self, second: int, suffix: str) -> Path:
        return self._beside(f".aside-{utc_stamp(second)}{suffix}")

    def _beside(self, suffix: str) -> Path:
        return self._path.with_name(f"{self._path.name}{suffix}")

    def _clear_unfinished(self) -> None:
        for suffix in ("", *_COMPANIONS):
            self._beside(f".unfinished{suffix}").unlink(missing_ok=True)


def _good(path: Path) -> RowCounts | None:
    """What a copy of the database holds; None for one that is damaged or can't be read."""
    try:
        return verify(path)
    except (sqlite3.DatabaseError, StoreUnusableError):
        return None


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreUnavailableError(
            f"the database can't be recovered: {error}", "check its disk and its folder"
        ) from error

"""Databases that tests damage, and the ways to damage them."""

import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from services.position import Checkpoint, Cursor, EntryId
from services.reading import MICROSECONDS, Reading
from services.settings import Settings
from services.store import Recorder, WriteBatch, database_path
from services.store.backup.backups import Backups
from services.store.backup.recovery import Recovery, recover
from tests.support.databases import migrated_engine

NOW = 1_795_342_272
ASIDE = "readings.db.aside-20261122T101112Z"
CURSOR = Cursor("a", EntryId(1, 0))

Damage = Callable[[Path], None]


def clock() -> int:
    return NOW * MICROSECONDS


class DamagedDatabase:
    """A database that is not open, and the files beside it."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.path = database_path(settings)

    def copy(self, template: Path) -> None:
        """Copy the file of another database."""
        self.path.parent.mkdir(parents=True)
        shutil.copy(template, self.path)

    def record(self, count: int) -> None:
        engine = migrated_engine(self.settings)
        recorder = Recorder(engine, "readings:journal", clock)
        readings = [Reading(f"s{i % 7}", i, i) for i in range(count)]
        recorder.commit(WriteBatch(readings), Checkpoint(CURSOR, count, count))
        engine.dispose()

    def open_with_log(self, count: int) -> sqlite3.Connection:
        """Insert gaps, and return the connection, which keeps them in the write-ahead log."""
        file = sqlite3.connect(self.path)
        with file:
            file.executemany("INSERT INTO gaps (reason, noted_at) VALUES (?, 1)", [("x",)] * count)
        return file

    def back_up(self, at: int = NOW) -> Path:
        return Backups(self.settings, lambda: at * MICROSECONDS).create().path

    def recover(self, **options: Any) -> Recovery | None:
        return recover(self.settings, clock=clock, **options)

    def names(self) -> set[str]:
        return {path.name for path in self.path.parent.iterdir() if path.is_file()} - {
            "readings.db-shm"
        }

    def rows(self, query: str, path: Path | None = None) -> list[tuple[object, ...]]:
        with closing(sqlite3.connect(path or self.path)) as file:
            return file.execute(query).fetchall()

    def count(self) -> object:
        return self.rows("SELECT count(*) FROM readings")[0][0]

    def gaps(self) -> list[tuple[object, ...]]:
        return self.rows("SELECT from_ts, to_ts, count, reason FROM gaps")


def first_page_of(path: Path, table: str) -> int:
    """Return the offset of the first page of a table; the pages before it are of the schema."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as file:
        query = "SELECT rootpage FROM sqlite_master WHERE name = ?"
        ((page,),) = file.execute(query, [table]).fetchall()
    return (int(page) - 1) * 4_096


def overwrite(path: Path, offset: int, size: int) -> None:
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(b"\xa5" * size)


def write_text(path: Path) -> None:
    path.write_bytes(b"this is a letter to my aunt" * 100)


def write_zeros(path: Path) -> None:
    path.write_bytes(bytes(path.stat().st_size))


def overwrite_first_page(path: Path) -> None:
    overwrite(path, 100, 2_000)


def overwrite_readings(path: Path) -> None:
    overwrite(path, first_page_of(path, "readings"), 4_096)


def truncate_to_half(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def truncate(path: Path) -> None:
    os.truncate(path, 0)


DAMAGES = [
    write_text,
    write_zeros,
    overwrite_first_page,
    overwrite_readings,
    truncate_to_half,
    truncate,
]

"""Databases with the newest schema. Copying one is ten times as fast as migrating one."""

import atexit
import shutil
import sqlite3
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from sqlalchemy import Engine

from services.command import SetUnit
from services.formats.commands import encode_command
from services.position import EntryId
from services.settings import Settings
from services.store import database_path, writing_engine
from services.store.migrations import upgrade


def migrated_engine(settings: Settings) -> Engine:
    """Make the database of these settings if needed, and return an engine that writes to it."""
    make_database(settings)
    return writing_engine(settings)


def make_database(settings: Settings) -> None:
    """Make a database with the newest schema, unless there is a file already."""
    path = database_path(settings)
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(_empty_database(), path)


def add_corrections(file: sqlite3.Connection, entries: Iterable[int]) -> None:
    """Record a command of another series for each entry, far faster than the writer does."""
    command = encode_command(SetUnit("another series", None)).decode()
    file.executemany(
        "INSERT INTO corrections (at, epoch, id, command) VALUES (0, 'a', ?, ?)",
        [(str(EntryId(milliseconds, 0)), command) for milliseconds in entries],
    )


@cache
def _empty_database() -> Path:
    """Migrate one database for this process, and return its path."""
    folder = mkdtemp(prefix="stripchart-empty-")
    atexit.register(shutil.rmtree, folder)
    settings = Settings.from_environ({"DATA_DIR": folder})
    engine = writing_engine(settings)
    upgrade(engine)
    # The last connection moves the write-ahead log into the file.
    engine.dispose()
    return database_path(settings)

"""Upgrades of databases of every schema, also ones that fail or are killed."""

import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

from services.command import SetSettings
from services.errors import StoreMissingError, StoreUnavailableError, StoreUnusableError
from services.position import Checkpoint, Cursor, EntryId
from services.reading import Reading
from services.series_settings import SeriesSettings
from services.settings import Settings
from services.store import (
    Reader,
    Recorder,
    TimeRange,
    WriteBatch,
    database_path,
    reading_engine,
    writing_engine,
)
from services.store.backup.backups import Backups
from services.store.migrations import NEWEST_REVISION, upgrade
from tests.support.paths import ROOT

MIGRATIONS = ROOT / "services" / "store" / "migrations"
FIXTURES = ROOT / "tests" / "fixtures"
NOW = 1_795_342_272_000_000
NEXT = '''
"""A revision that exists only in this test."""

import os

import sqlalchemy as sa
from alembic import op

revision = "9002"
down_revision = "{newest}"
branch_labels = None
depends_on = None


def _die(where):
    if os.environ.get("DIE") == where:
        os.kill(os.getpid(), 9)


def upgrade():
    _die("before")
    op.create_table("notes", sa.Column("text", sa.Text, nullable=False))
    op.execute("INSERT INTO notes SELECT name FROM series")
    _die("between")
    op.add_column("series", sa.Column("colour", sa.Text))
    _die("after")
'''
LAUNCHER = """
import os, sys
from services.settings import Settings
from services.store import writing_engine
from services.store.backup.backups import Backups
from services.store.migrations import upgrade

settings = Settings.from_environ({"DATA_DIR": sys.argv[1]})

def die(where):
    if os.environ["DIE"] == where:
        os.kill(os.getpid(), 9)

def back_up(revision):
    die("before the backup")
    Backups(settings).create_before_upgrade(revision)
    die("after the backup")

upgrade(writing_engine(settings), back_up, sys.argv[2])
die("after the commit")
"""
STEPS = [
    *(
        pytest.param(step, marks=pytest.mark.long)
        for step in ("before the backup", "after the backup", "before", "after")
    ),
    "between",
    "after the commit",
]


def revisions() -> list[str]:
    scripts = ScriptDirectory(str(MIGRATIONS))
    return sorted(revision.revision for revision in scripts.walk_revisions())


def load(settings: Settings, revision: str) -> Path:
    """Create the database as a program with this schema has left it."""
    path = database_path(settings)
    path.parent.mkdir(parents=True)
    script = (FIXTURES / f"schema_{revision}.sql").read_text(encoding="utf-8")
    with closing(sqlite3.connect(path)) as file:
        file.execute("PRAGMA journal_mode = WAL")
        file.executescript(script)
    return path


def dump(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as file:
        return list(file.iterdump())


@pytest.fixture
def scripts(tmp_path: Path) -> str:
    """The folder of all revisions and one more."""
    folder = tmp_path / "migrations"
    shutil.copytree(MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "versions" / "9002_notes.py").write_text(NEXT.format(newest=revisions()[-1]))
    return str(folder)


@pytest.fixture
def old(settings: Settings) -> Path:
    """A database of the newest revision but the one of this test."""
    return load(settings, revisions()[-1])


def test_newest_revision_is_the_head_of_all() -> None:
    assert ScriptDirectory(str(MIGRATIONS)).get_current_head() == NEWEST_REVISION


def test_every_schema_has_a_fixture() -> None:
    assert [path.stem for path in sorted(FIXTURES.glob("schema_*.sql"))] == [
        f"schema_{revision}" for revision in revisions()
    ]


@pytest.mark.parametrize("revision", revisions())
def test_database_of_every_schema_is_upgraded_and_continued(
    settings: Settings, revision: str
) -> None:
    load(settings, revision)
    writing = writing_engine(settings)
    upgrade(writing, Backups(settings).create_before_upgrade)
    reader = Reader(reading_engine(settings), "readings:journal")
    assert reader.cursor() == Cursor("5f2c9a", EntryId(1_795_342_272_123, 0))
    assert reader.newest_reading() == Reading("kitchen", 1_795_342_262_000_005, 22.0, "°C")
    series = {info.name: info.unit for info in reader.list_series()}
    assert series == {"cellar": None, "kitchen": "°C"}
    history = reader.history([], TimeRange(0, None), 100, 100)
    sizes = {name: len(columns.t) for name, columns in history.series.items()}
    assert sizes == {"cellar": 2, "kitchen": 6}
    recorder = Recorder(writing, "readings:journal", lambda: NOW)
    assert recorder.checkpoint() == (Cursor("5f2c9a", EntryId(1_795_342_272_123, 0)), 7, 21)
    cursor = Cursor("5f2c9a", EntryId(1_795_342_272_124, 0))
    recorder.commit(WriteBatch([Reading("kitchen", NOW, 23.0)]), Checkpoint(cursor, 8, 22))
    assert reader.cursor() == cursor
    settings_command = SetSettings("cellar", {"label": "Cellar", "decimals": 2})
    recorder.commit(
        WriteBatch(command=settings_command),
        Checkpoint(cursor._replace(entry=EntryId(1_795_342_272_125, 0)), 9, 22),
    )
    cellar, kitchen = reader.list_series()
    assert cellar.settings == SeriesSettings("Cellar", decimals=2)
    kept = SeriesSettings("Kitchen", "measure", 1, "#0b7285")
    assert kitchen.settings == (kept if revision >= "0004" else SeriesSettings())
    writing.dispose()
    with closing(sqlite3.connect(database_path(settings))) as file:
        assert file.execute("SELECT count(*), sum(count) FROM gaps").fetchone() == (2, 12)
        assert file.execute("SELECT count(*) FROM refused").fetchone() == (1,)
        assert file.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_older_schema_is_unavailable_to_readers_and_not_empty(settings: Settings) -> None:
    load(settings, "0003")
    reader = Reader(reading_engine(settings), "readings:journal")
    with pytest.raises(StoreUnavailableError, match="schema of an older version") as caught:
        reader.list_series()
    assert not isinstance(caught.value, StoreMissingError)


def test_backup_is_made_before_upgrade(settings: Settings, old: Path, scripts: str) -> None:
    before = dump(old)
    backups = Backups(settings, lambda: NOW)
    engine = writing_engine(settings)
    upgrade(engine, backups.create_before_upgrade, scripts)
    engine.dispose()
    made = settings.backup_folder / "before-9002-20261122T101112Z.db"
    assert dump(made) == before
    with closing(sqlite3.connect(old)) as file:
        assert file.execute("SELECT count(*) FROM notes").fetchone() == (2,)
    upgrade(engine, backups.create_before_upgrade, scripts)
    assert [backup.path for backup in backups.list_all()] == [made]
    engine.dispose()


def test_new_database_needs_no_backup(settings: Settings) -> None:
    engine = writing_engine(settings)
    upgrade(engine, Backups(settings).create_before_upgrade)
    upgrade(engine, Backups(settings).create_before_upgrade)
    engine.dispose()
    assert not settings.backup_folder.exists()


def test_regular_backups_do_not_delete_backup_before_upgrade(settings: Settings, old: Path) -> None:
    assert old.exists()
    times = iter(range(NOW, NOW + 10**15, 86_400 * 10**6))
    backups = Backups(settings, lambda: next(times))
    first = backups.create_before_upgrade("9002")
    daily = [backups.create().path for _ in range(4)]
    assert [backup.path for backup in backups.list_newest_first()] == daily[:1:-1]
    assert [backup.path for backup in backups.list_all()] == [*daily[:1:-1], first]


def test_upgrade_changes_nothing_without_space_for_backup(
    settings: Settings, old: Path, scripts: str
) -> None:
    before = dump(old)
    full = Backups(settings, free_bytes=lambda _folder: 1_000)
    engine = writing_engine(settings)
    with pytest.raises(StoreUnavailableError, match=r"a backup takes .*make room, or set"):
        upgrade(engine, full.create_before_upgrade, scripts)
    engine.dispose()
    assert dump(old) == before


def test_repeated_failed_upgrade_makes_one_backup(
    settings: Settings, old: Path, scripts: str
) -> None:
    with closing(sqlite3.connect(old)) as file, file:
        file.execute("CREATE TABLE notes (mine)")
    before = dump(old)
    engine = writing_engine(settings)
    for _ in range(3):
        with pytest.raises(StoreUnavailableError, match="notes already exists"):
            upgrade(engine, Backups(settings).create_before_upgrade, scripts)
    assert dump(old) == before
    assert len(Backups(settings).list_all()) == 1
    # The database changes, so that the backup is no longer up to date.
    with closing(sqlite3.connect(old)) as file, file:
        file.execute("UPDATE journal_position SET n = n + 1")
        file.execute("DROP TABLE notes")
    upgrade(engine, Backups(settings).create_before_upgrade, scripts)
    engine.dispose()
    assert len(Backups(settings).list_all()) == 2


@pytest.mark.parametrize("step", STEPS)
def test_killed_upgrade_leaves_old_or_new_schema(
    settings: Settings, old: Path, scripts: str, step: str
) -> None:
    before = dump(old)
    command = [sys.executable, "-c", LAUNCHER, str(settings.data_dir), scripts]
    ended = subprocess.run(command, cwd=ROOT, env={"DIE": step}, check=False)
    assert ended.returncode == -signal.SIGKILL
    if step != "after the commit":
        assert dump(old) == before
    engine = writing_engine(settings)
    upgrade(engine, Backups(settings).create_before_upgrade, scripts)
    engine.dispose()
    with closing(sqlite3.connect(old)) as file:
        assert file.execute("SELECT version_num FROM alembic_version").fetchall() == [("9002",)]
        assert file.execute("SELECT count(*) FROM notes").fetchone() == (2,)
        assert file.execute("SELECT count(*) FROM readings").fetchone() == (8,)
        assert file.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    (made,) = Backups(settings).list_all()
    assert dump(made.path) == before


def test_second_upgrade_changes_nothing(
    recorder: Recorder, writing: Engine, file: sqlite3.Connection
) -> None:
    recorder.commit(
        WriteBatch([Reading("a", 1, 1.0)]), Checkpoint(Cursor("a", EntryId(1, 0)), 1, 1)
    )
    before = list(file.iterdump())
    upgrade(writing)
    assert list(file.iterdump()) == before


def test_newer_schema_is_refused_and_not_changed(writing: Engine, file: sqlite3.Connection) -> None:
    file.execute("UPDATE alembic_version SET version_num = '9999'")
    file.commit()
    before = list(file.iterdump())
    with pytest.raises(StoreUnusableError, match="newer version of Stripchart"):
        upgrade(writing)
    assert list(file.iterdump()) == before


def test_failed_migration_changes_nothing(settings: Settings) -> None:
    engine = writing_engine(settings)
    with closing(sqlite3.connect(database_path(settings))) as file:
        file.execute("CREATE TABLE gaps (something)")
        with pytest.raises(StoreUnavailableError, match="gaps already exists"):
            upgrade(engine)
        assert file.execute("SELECT name FROM sqlite_master").fetchall() == [("gaps",)]
    engine.dispose()


def test_file_that_is_not_a_database_is_damaged(settings: Settings) -> None:
    engine = writing_engine(settings)
    database_path(settings).write_bytes(b"this is a letter to my aunt" * 100)
    with pytest.raises(StoreUnusableError, match="damaged"):
        upgrade(engine)

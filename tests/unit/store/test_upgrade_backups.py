"""Backups before upgrades: an upgrade that fails or is killed leaves the old or the new schema."""

import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from services.errors import StoreUnavailableError
from services.settings import Settings
from services.store import writing_engine
from services.store.backup.backups import Backups
from services.store.migrations import upgrade
from tests.support.old_databases import MIGRATIONS, load_schema, revisions
from tests.support.paths import ROOT

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
        for step in ("before the backup", "after the backup", "before", "after", "after the commit")
    ),
    "between",
]


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
    return load_schema(settings, revisions()[-1])


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

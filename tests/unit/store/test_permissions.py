"""Permissions of the database and of every file beside it."""

import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.concurrency import Shutdown
from services.errors import StoreUnavailableError
from services.settings import Settings
from services.store import WriterLock, database_path, restrict_database, writing_engine
from services.store.backup.backups import Backups
from services.store.backup.recovery import recover
from services.store.migrations import upgrade
from services.writer.main import DatabaseSupervisor
from tests.support.damaged_databases import write_text
from tests.support.databases import make_database


@pytest.fixture(autouse=True)
def permissive() -> Iterator[None]:
    """A umask that forbids nothing."""
    before = os.umask(0)
    yield
    os.umask(before)


def modes(folder: Path) -> dict[str, int]:
    """Return the permissions of a folder and of everything in it."""
    paths = {folder.name: folder} | {str(p.relative_to(folder)): p for p in folder.rglob("*")}
    return {name: path.stat().st_mode & 0o777 for name, path in paths.items()}


def test_every_file_is_private_and_every_folder_too(settings: Settings) -> None:
    path = database_path(settings)
    with WriterLock(path).acquire():
        engine = writing_engine(settings)
        upgrade(engine)
        Backups(settings).create()
        assert {f"{path.name}{suffix}" for suffix in ("", "-wal", "-shm", ".lock")} < set(
            modes(settings.data_dir)
        )
        folders = {settings.data_dir.name, "backups"}
        for name, mode in modes(settings.data_dir).items():
            assert (name, mode) == (name, 0o700 if name in folders else 0o600)
        engine.dispose()


def test_folder_is_private_without_a_lock(settings: Settings) -> None:
    writing_engine(settings).dispose()
    assert modes(settings.data_dir) == {settings.data_dir.name: 0o700}


@pytest.mark.parametrize("with_backup", [True, False])
def test_recovered_database_is_private(settings: Settings, with_backup: bool) -> None:
    make_database(settings)
    path = database_path(settings)
    if with_backup:
        backup = Backups(settings).create().path
        backup.chmod(0o644)
    write_text(path)
    assert recover(settings) is not None
    assert modes(settings.data_dir)[path.name] == 0o600


def test_files_of_an_older_version_become_private(settings: Settings) -> None:
    make_database(settings)
    path = database_path(settings)
    old = Backups(settings).create().path
    reader = sqlite3.connect(path)
    reader.execute("PRAGMA journal_mode = WAL")
    reader.execute("CREATE TABLE mine (x)")
    companions = [path.with_name(f"{path.name}{suffix}") for suffix in ("-wal", "-shm", "-journal")]
    companions[-1].touch()
    changed = [path, *companions, old]
    for each in changed:
        each.chmod(0o644)
    restrict_database(path)
    Backups(settings).create()
    assert [each.stat().st_mode & 0o777 for each in changed] == [0o600] * 5
    reader.close()


def test_writer_makes_the_database_private(settings: Settings) -> None:
    make_database(settings)
    path = database_path(settings)
    path.chmod(0o644)
    shutdown = Shutdown()
    with WriterLock(path).acquire() as lock:
        supervisor = DatabaseSupervisor(settings, shutdown, lock, "readings:journal")
        supervisor.run(lambda _: shutdown.request())
    assert modes(settings.data_dir)[path.name] == 0o600


def test_permissions_that_cannot_be_changed_are_a_passing_fault(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_database(settings)
    database_path(settings).chmod(0o644)

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError("not permitted")

    monkeypatch.setattr(Path, "chmod", refuse)
    with pytest.raises(StoreUnavailableError, match="permissions of the database can't be changed"):
        restrict_database(database_path(settings))

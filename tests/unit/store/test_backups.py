"""Backups of real SQLite files."""

import fcntl
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.errors import (
    AlreadyRunningError,
    SettingError,
    StoreUnavailableError,
    StoreUnusableError,
)
from services.position import Checkpoint, Cursor, EntryId
from services.reading import MICROSECONDS, Reading
from services.settings import Settings
from services.store import Recorder, WriteBatch, writing_engine
from services.store.backup.backups import SPARE_BYTES, Backups
from services.store.migrations import upgrade
from tests.support.clock import FakeClock
from tests.support.databases import migrated_engine

NOW = int(datetime(2026, 11, 22, 10, 11, 12, tzinfo=UTC).timestamp())
CURSOR = Cursor("5f2c9a", EntryId(1763793660123, 0))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.from_environ({"DATA_DIR": str(tmp_path)})


@pytest.fixture
def record(settings: Settings) -> Callable[[int], None]:
    engine = migrated_engine(settings)
    recorder = Recorder(engine, "readings", lambda: NOW * MICROSECONDS)

    def record_more(count: int) -> None:
        readings = [Reading(f"s{i % 3}", i + 1, float(i)) for i in range(count)]
        recorder.commit(WriteBatch(readings), Checkpoint(CURSOR, count, count))

    return record_more


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOW * MICROSECONDS)


@pytest.fixture
def backups(settings: Settings, clock: FakeClock) -> Backups:
    return Backups(settings, clock)


def files_in_folder(settings: Settings) -> set[str]:
    return {path.name for path in settings.backup_folder.iterdir()} - {"backups.lock"}


def test_backup_has_readings_and_checkpoint(
    record: Callable[[int], None], backups: Backups, settings: Settings
) -> None:
    record(1_000)
    report = backups.create()
    assert report.path == settings.backup_folder / "readings-20261122T101112Z.db"
    assert (report.series, report.readings) == (3, 1_000)
    assert report.size_bytes == report.path.stat().st_size
    with closing(sqlite3.connect(report.path)) as copy:
        assert copy.execute("SELECT count(*), sum(value) FROM readings").fetchone() == (
            1_000,
            499_500,
        )
        assert copy.execute("SELECT journal, epoch, id, n FROM journal_position").fetchall() == [
            ("readings", "5f2c9a", "1763793660123-0", 1_000)
        ]
        assert copy.execute("SELECT count(*) FROM readings_utc").fetchone() == (1_000,)


def test_restored_backup_has_checkpoint_of_recorder(
    record: Callable[[int], None], backups: Backups, tmp_path: Path
) -> None:
    record(10)
    report = backups.create()
    restored = Settings.from_environ({"DATABASE_URL": f"sqlite:///{tmp_path}/restored.db"})
    report.path.rename(tmp_path / "restored.db")
    engine = writing_engine(restored)
    upgrade(engine)
    assert Recorder(engine, "readings", FakeClock(NOW * MICROSECONDS)).checkpoint() == (
        CURSOR,
        10,
        10,
    )


def test_only_newest_backups_are_kept(
    record: Callable[[int], None], backups: Backups, clock: FakeClock, settings: Settings
) -> None:
    record(1)
    for day in range(4):
        clock.now = (NOW + day * 86_400) * MICROSECONDS
        backups.create()
    assert files_in_folder(settings) == {
        "readings-20261124T101112Z.db",
        "readings-20261125T101112Z.db",
    }
    assert [b.created_at - NOW for b in backups.list_newest_first()] == [3 * 86_400, 2 * 86_400]


def test_new_backup_is_kept_after_clock_was_set_back(
    record: Callable[[int], None], backups: Backups, clock: FakeClock, settings: Settings
) -> None:
    record(1)
    for hour in (5, 4):
        clock.now = (NOW + hour * 3_600) * MICROSECONDS
        backups.create()
    clock.now = NOW * MICROSECONDS
    assert backups.create().path.exists()
    assert files_in_folder(settings) == {
        "readings-20261122T101112Z.db",
        "readings-20261122T141112Z.db",
    }


def test_second_backup_in_one_second_gets_another_name(
    record: Callable[[int], None], backups: Backups, settings: Settings
) -> None:
    record(1)
    backups.create()
    record(5)
    assert backups.create().readings == 5
    assert files_in_folder(settings) == {
        "readings-20261122T101112Z.db",
        "readings-20261122T101113Z.db",
    }


def test_other_files_in_folder_are_kept(
    record: Callable[[int], None], backups: Backups, clock: FakeClock, settings: Settings
) -> None:
    record(1)
    others = {
        "readings-20200101T000000Z.db.gz",
        "readings-2020.db",
        "readings-99999999T999999Z.db",
        "my-readings-20200101T000000Z.db",
        "notes.txt",
    }
    settings.backup_folder.mkdir()
    for name in others:
        (settings.backup_folder / name).touch()
    (settings.backup_folder / "readings-20200101T000000Z.db").mkdir()
    (settings.backup_folder / "readings-20200102T000000Z.db").symlink_to("notes.txt")
    for minute in range(4):
        clock.now = (NOW + 60 * minute) * MICROSECONDS
        backups.create()
    assert files_in_folder(settings) > others | {
        "readings-20200101T000000Z.db",
        "readings-20200102T000000Z.db",
    }
    assert len(backups.list_newest_first()) == 2


def test_files_of_killed_attempt_are_deleted(
    record: Callable[[int], None], backups: Backups, settings: Settings
) -> None:
    record(1)
    settings.backup_folder.mkdir()
    for name in ("unfinished.db", "unfinished.db-journal"):
        (settings.backup_folder / name).write_bytes(b"half")
    backups.create()
    assert files_in_folder(settings) == {"readings-20261122T101112Z.db"}


def test_killed_attempt_leaves_no_backup_and_next_one_succeeds(
    record: Callable[[int], None], backups: Backups, settings: Settings
) -> None:
    record(50_000)
    program = (
        "import os, signal\n"
        "from services.settings import Settings\n"
        "from services.store.backup.backups import Backups\n"
        "unfinished = Settings.from_environ().backup_folder / 'unfinished.db'\n"
        "def stopped():\n"
        "    if unfinished.exists():\n"
        "        os.kill(os.getpid(), signal.SIGKILL)\n"
        "Backups(Settings.from_environ()).create(stopped)\n"
    )
    environ = {**os.environ, "DATA_DIR": str(settings.data_dir)}
    killed = subprocess.run([sys.executable, "-c", program], env=environ, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert "unfinished.db" in files_in_folder(settings)
    assert backups.list_newest_first() == []
    assert backups.create().readings == 50_000
    assert files_in_folder(settings) == {"readings-20261122T101112Z.db"}


def test_second_attempt_at_same_time_is_refused(
    record: Callable[[int], None], backups: Backups, settings: Settings
) -> None:
    record(1)
    settings.backup_folder.mkdir()
    with (settings.backup_folder / "backups.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        (settings.backup_folder / "unfinished.db").touch()
        with pytest.raises(AlreadyRunningError, match="another backup"):
            backups.create()
    assert files_in_folder(settings) == {"unfinished.db"}


def test_too_little_space_is_reported_in_bytes(
    record: Callable[[int], None], settings: Settings
) -> None:
    record(100_000)
    pages = settings.data_dir / "readings.db"
    full_disk = Backups(
        settings, FakeClock(NOW * MICROSECONDS), lambda _: SPARE_BYTES + pages.stat().st_size // 2
    )
    with pytest.raises(StoreUnavailableError, match=r"takes \d\.\d MB .* has 67\.\d MB free"):
        full_disk.create()
    assert files_in_folder(settings) == set()


def test_stopped_attempt_leaves_no_files(
    record: Callable[[int], None], backups: Backups, settings: Settings
) -> None:
    record(50_000)
    with pytest.raises(StoreUnavailableError, match="stopped"):
        backups.create(lambda: True)
    assert files_in_folder(settings) == set()


@pytest.mark.long
def test_damaged_database_gives_no_backup(
    record: Callable[[int], None], backups: Backups, settings: Settings, clock: FakeClock
) -> None:
    record(100_000)
    backups.create()
    database = settings.data_dir / "readings.db"
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with database.open("r+b") as file:
        for page in range(20, 200):
            file.seek(page * 4_096)
            file.write(b"\xff" * 4_096)
    clock.now += 60 * MICROSECONDS
    with pytest.raises(StoreUnusableError, match="damaged"):
        backups.create()
    assert files_in_folder(settings) == {"readings-20261122T101112Z.db"}


def test_missing_database_gives_error(settings: Settings) -> None:
    with pytest.raises(StoreUnavailableError, match="no database yet"):
        Backups(settings).create()


def test_folder_that_cannot_be_created_gives_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    settings = Settings.from_environ(
        {"DATA_DIR": str(tmp_path), "STRIPCHART_BACKUP_DIR": str(tmp_path / "file" / "folder")}
    )
    with pytest.raises(StoreUnavailableError, match="check STRIPCHART_BACKUP_DIR"):
        Backups(settings).create()


def test_other_database_than_sqlite_is_refused() -> None:
    with pytest.raises(SettingError, match="no SQLite database"):
        Backups(Settings.from_environ({"DATABASE_URL": "postgresql://host/name"}))

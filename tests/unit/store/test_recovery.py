"""A database that is damaged or gone, what takes its place, and what is left alone."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from services.errors import StoreUnavailableError, StoreUnusableError
from services.position import Checkpoint, Cursor, EntryId
from services.reading import MICROSECONDS, Reading
from services.settings import Settings
from services.store import Recorder, WriteBatch, database_path, writing_engine
from services.store.backup.backups import Backups
from services.store.backup.recovery import Recovery, recover
from services.store.migrations import upgrade
from tests.support.databases import migrated_engine
from tests.support.paths import ROOT

NOW = 1_795_342_272
ASIDE = "readings.db.aside-20261122T101112Z"
CURSOR = Cursor("a", EntryId(1, 0))

Damage = Callable[[Path], None]


def clock() -> int:
    return NOW * MICROSECONDS


class Site:
    """A database of 5,000 readings that nobody has open, and its folder."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.path = database_path(settings)
        self.record(5_000)

    def record(self, count: int) -> None:
        engine = migrated_engine(self.settings)
        recorder = Recorder(engine, "readings:journal", clock)
        readings = [Reading(f"s{i % 7}", i, i) for i in range(count)]
        recorder.commit(WriteBatch(readings), Checkpoint(CURSOR, count, count))
        engine.dispose()

    def leave_open(self, count: int) -> sqlite3.Connection:
        """Have so many more gaps in a write-ahead log that is left behind."""
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


@pytest.fixture
def site(settings: Settings) -> Site:
    return Site(settings)


def first_byte(path: Path, table: str) -> int:
    """Where the first page of a table stands: the schema has pages too, and is read at once."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as file:
        query = "SELECT rootpage FROM sqlite_master WHERE name = ?"
        ((page,),) = file.execute(query, [table]).fetchall()
    return (int(page) - 1) * 4_096


def overwrite(path: Path, offset: int, size: int) -> None:
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(b"\xa5" * size)


def letter(path: Path) -> None:
    path.write_bytes(b"this is a letter to my aunt" * 100)


def zeros(path: Path) -> None:
    path.write_bytes(bytes(path.stat().st_size))


def first_page(path: Path) -> None:
    overwrite(path, 100, 2_000)


def some_pages(path: Path) -> None:
    overwrite(path, first_byte(path, "readings"), 4_096)


def half(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def nothing(path: Path) -> None:
    os.truncate(path, 0)


DAMAGES = [letter, zeros, first_page, some_pages, half, nothing]


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
class TestDamage:
    """What is found at the start, and what is done."""

    def test_the_newest_backup_takes_its_place(self, site: Site, damage: Damage) -> None:
        site.back_up(NOW - 90_000)
        site.record(6_000)
        newest = site.back_up(NOW - 3_600)
        site.record(7_000)
        damage(site.path)
        left = site.path.read_bytes()
        done = site.recover()
        assert done is not None
        assert done.backup == newest
        assert done.aside == site.path.with_name(ASIDE)
        assert done.aside.read_bytes() == left
        assert site.count() == 6_000
        assert site.rows("SELECT n FROM journal_position") == [(6_000,)]
        assert site.rows("PRAGMA integrity_check") == [("ok",)]
        # The writer counts what the journal does not replay.
        assert site.gaps() == []
        assert site.recover() is None

    def test_the_log_goes_with_it(self, site: Site, damage: Damage) -> None:
        site.back_up()
        log = site.path.with_name("readings.db-wal")
        with closing(site.leave_open(3)):
            left = log.read_bytes()
            kept = site.path.with_name("kept")
            shutil.copy(site.path, kept)
        kept.rename(site.path)
        log.write_bytes(left)
        damage(site.path)
        site.recover(damaged=True)
        assert site.path.with_name(f"{ASIDE}-wal").read_bytes() == left
        assert site.count() == 5_000


@pytest.mark.parametrize("damage", [d for d in DAMAGES if d is not nothing])
def test_without_a_backup_a_new_one_is_begun_and_the_loss_noted(site: Site, damage: Damage) -> None:
    damage(site.path)
    done = site.recover()
    assert done is not None
    assert done.backup is None
    assert site.names() == {
        "readings.db",
        ASIDE,
        *(site.names() & {f"{ASIDE}-wal", f"{ASIDE}-shm"}),
    }
    assert site.count() == 0
    ((start, end, count, reason),) = site.gaps()
    assert (start, end, count) == (None, clock(), None)
    assert str(reason).startswith("the database is damaged: ")
    assert str(reason).endswith("; there was no good backup")


def test_a_damaged_backup_is_passed_over(site: Site) -> None:
    good, bad = site.back_up(NOW - 7_200), site.back_up(NOW - 3_600)
    some_pages(bad)
    letter(site.path)
    done = site.recover()
    assert done is not None
    assert done.backup == good
    assert bad.exists()
    assert site.count() == 5_000


def test_what_a_backup_before_a_change_of_the_schema_has_counts_too(site: Site) -> None:
    site.back_up(NOW - 7_200)
    newer = Backups(site.settings, lambda: (NOW - 60) * MICROSECONDS).create_before_upgrade("0002")
    letter(site.path)
    done = site.recover()
    assert done is not None
    assert done.backup == newer


def test_a_backup_without_a_position_leaves_an_unknown_loss(site: Site) -> None:
    made = site.back_up(NOW - 60)
    with closing(sqlite3.connect(made)) as file, file:
        file.execute("DELETE FROM journal_position")
    letter(site.path)
    site.recover()
    ((start, end, count, reason),) = site.gaps()
    assert (start, end, count) == ((NOW - 60) * MICROSECONDS, clock(), None)
    assert str(reason).endswith(f"; {made.name} was restored")


def test_nothing_is_ever_overwritten(site: Site) -> None:
    site.back_up()
    letters = []
    for times in (1, 2, 3):
        site.path.write_bytes(b"letter" * 100 * times)
        letters.append(site.path.read_bytes())
        done = site.recover()
        assert done is not None
        assert done.aside is not None
    asides = sorted(site.path.parent.glob("*.aside-*Z"))
    assert [aside.read_bytes() for aside in asides] == letters


class TestHealthy:
    """What is left as it is."""

    def test_a_sound_one(self, site: Site) -> None:
        site.back_up()
        before = site.path.read_bytes()
        for damaged in (False, True):
            assert site.recover(damaged=damaged) is None
            assert site.recover(replaced=True) is None
        assert site.path.read_bytes() == before

    CHILD = """
import os, sqlite3, sys
file = sqlite3.connect(sys.argv[1])
file.execute("INSERT INTO gaps (reason, noted_at) VALUES ('x', 1)")
file.commit()
file.execute("INSERT INTO gaps (reason, noted_at) VALUES ('y', 1)")
os.kill(os.getpid(), 9)
"""

    def test_one_that_was_not_closed(self, site: Site) -> None:
        site.back_up()
        subprocess.run([sys.executable, "-c", self.CHILD, str(site.path)], check=False)
        assert site.path.with_name("readings.db-wal").stat().st_size
        assert site.recover() is None
        assert site.recover(damaged=True) is None
        assert [gap[3] for gap in site.gaps()] == ["x"]

    def test_none_at_all(self, settings: Settings) -> None:
        assert recover(settings) is None
        assert not database_path(settings).exists()

    def test_an_empty_file_of_a_first_start(self, settings: Settings) -> None:
        path = database_path(settings)
        path.parent.mkdir()
        path.touch()
        assert recover(settings) is None
        assert path.exists()

    def test_a_newer_schema(self, site: Site) -> None:
        site.back_up()
        with closing(sqlite3.connect(site.path)) as file, file:
            file.execute("UPDATE alembic_version SET version_num = '9999'")
        assert site.recover(damaged=True) is None
        engine = writing_engine(site.settings)
        with pytest.raises(StoreUnusableError, match="newer version of Stripchart"):
            upgrade(engine)
        engine.dispose()
        assert site.count() == 5_000
        assert not list(site.path.parent.glob("*.aside*"))

    def test_one_that_another_program_has_locked(self, site: Site) -> None:
        site.back_up()
        with closing(sqlite3.connect(site.path, isolation_level=None)) as file:
            file.execute("PRAGMA journal_mode = DELETE")
            file.execute("BEGIN EXCLUSIVE")
            with pytest.raises(StoreUnavailableError, match="database is locked"):
                site.recover()
        assert not list(site.path.parent.glob("*.aside*"))

    def test_a_folder_in_its_place(self, site: Site) -> None:
        site.back_up()
        site.path.rename(site.path.with_name("kept.db"))
        site.path.mkdir()
        with pytest.raises(StoreUnavailableError, match="is not a file"):
            site.recover()

    def test_a_log_that_cannot_be_read(self, site: Site) -> None:
        site.back_up()
        site.path.with_name("readings.db-wal").unlink()
        site.path.with_name("readings.db-wal").mkdir()
        with pytest.raises(StoreUnavailableError, match="check the permissions"):
            site.recover()
        assert not list(site.path.parent.glob("*.aside*"))


class TestGone:
    """A file that was there a moment ago."""

    def test_a_removed_one_is_replaced(self, site: Site) -> None:
        site.back_up()
        site.path.unlink()
        done = site.recover(replaced=True)
        assert done is not None
        assert str(done).startswith(f"{site.path} was removed: ")
        assert site.count() == 5_000
        assert site.gaps() == []

    def test_without_a_backup_the_loss_is_noted(self, site: Site) -> None:
        site.path.unlink()
        site.recover(replaced=True)
        ((_, _, count, reason),) = site.gaps()
        assert count is None
        assert reason == f"{site.path} was removed; there was no good backup"

    def test_a_log_without_its_database_is_kept(self, site: Site) -> None:
        site.path.unlink()
        log = site.path.with_name("readings.db-wal")
        log.write_bytes(b"log" * 1_000)
        done = site.recover()
        assert done is not None
        assert done.aside == site.path.with_name(f"{ASIDE}-wal")
        assert done.aside.read_bytes() == b"log" * 1_000
        assert site.names() == {f"{ASIDE}-wal"}

    def test_a_restored_backup_is_not_mixed_with_an_old_log(self, site: Site) -> None:
        made = site.back_up()
        with closing(site.leave_open(3)):
            log = site.path.with_name("readings.db-wal").read_bytes()
        shutil.copy(made, site.path)
        site.path.with_name("readings.db-wal").write_bytes(log)
        done = site.recover()
        assert done is not None
        assert str(done).startswith(f"{site.path}-wal does not belong to this database")
        assert site.path.read_bytes() == made.read_bytes()
        assert site.gaps() == []


class TestKilled:
    """An attempt that is killed is finished by the next one."""

    LAUNCHER = """
import os, signal, sys
from pathlib import Path
from typing import Any
from services.settings import Settings
from services.store.backup.recovery import recover

left = int(sys.argv[1])
real = Path.rename

def rename(self, target):
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return real(self, target)

Path.rename = rename
recover(Settings.from_environ({"DATA_DIR": sys.argv[2]}))
"""

    @pytest.mark.parametrize("step", [1, 2, 3, 4, 5])
    def test_before_each_file_is_moved(self, site: Site, step: int) -> None:
        site.back_up()
        letter(site.path)
        site.path.with_name("readings.db-wal").write_bytes(b"left")
        command = [sys.executable, "-c", self.LAUNCHER, str(step), str(site.settings.data_dir)]
        ended = subprocess.run(command, cwd=ROOT, check=False)
        assert ended.returncode == -signal.SIGKILL
        done = site.recover()
        assert done is not None
        assert site.count() == 5_000
        assert [p.read_bytes() for p in site.path.parent.glob("*.aside*Z-wal")] == [b"left"]
        assert [p.read_bytes()[:4] for p in site.path.parent.glob("*.aside*Z")] == [b"this"]
        assert not site.path.with_name("readings.db.ready").exists()


def test_a_link_stays_and_its_file_is_replaced(site: Site, tmp_path: Path) -> None:
    site.back_up()
    letter(site.path)
    link = tmp_path / "link.db"
    link.symlink_to(site.path)
    data = {"DATABASE_URL": f"sqlite:///{link}", "DATA_DIR": str(site.settings.data_dir)}
    done = recover(Settings.from_environ(data), clock=clock)
    assert done is not None
    assert done.aside == site.path.with_name(ASIDE)
    assert link.readlink() == site.path
    assert site.count() == 5_000


def test_no_room_for_the_backup_leaves_everything(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.back_up()
    letter(site.path)
    before = site.path.read_bytes()
    usage = shutil.disk_usage(site.path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=1_000))
    with pytest.raises(StoreUnavailableError, match="make room, and it is restored"):
        site.recover()
    assert site.path.read_bytes() == before
    assert site.names() <= {"readings.db", "readings.db-wal"}


def test_a_large_one_is_checked_only_when_there_is_a_reason(site: Site) -> None:
    some_pages(site.path)
    assert site.recover(max_checked_bytes=10_000) is None
    assert site.recover(damaged=True, max_checked_bytes=10_000) is not None

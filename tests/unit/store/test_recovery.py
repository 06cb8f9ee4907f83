"""Recovery of damaged and missing databases."""

import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from services.errors import StoreUnavailableError
from services.reading import MICROSECONDS
from services.settings import Settings
from services.store.backup.backups import Backups
from services.store.backup.recovery import recover
from tests.support.damaged_databases import (
    ASIDE,
    DAMAGES,
    NOW,
    Damage,
    DamagedDatabase,
    clock,
    overwrite_readings,
    truncate,
    write_text,
)
from tests.support.paths import ROOT


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
class TestDamage:
    """Each kind of damage is found at the start."""

    def test_newest_backup_replaces_damaged_database(
        self, database: DamagedDatabase, damage: Damage
    ) -> None:
        database.back_up(NOW - 90_000)
        database.record(6_000)
        newest = database.back_up(NOW - 3_600)
        database.record(7_000)
        damage(database.path)
        left = database.path.read_bytes()
        recovery = database.recover()
        assert recovery is not None
        assert recovery.backup == newest
        assert recovery.aside == database.path.with_name(ASIDE)
        assert recovery.aside.read_bytes() == left
        assert database.count() == 6_000
        assert database.rows("SELECT n FROM journal_position") == [(6_000,)]
        assert database.rows("PRAGMA integrity_check") == [("ok",)]
        # The writer records what the journal does not replay.
        assert database.gaps() == []
        assert database.recover() is None

    def test_log_is_moved_aside_with_its_database(
        self, database: DamagedDatabase, damage: Damage
    ) -> None:
        database.back_up()
        log = database.path.with_name("readings.db-wal")
        with closing(database.open_with_log(3)):
            left = log.read_bytes()
            kept = database.path.with_name("kept")
            shutil.copy(database.path, kept)
        kept.rename(database.path)
        log.write_bytes(left)
        damage(database.path)
        database.recover(damaged=True)
        assert database.path.with_name(f"{ASIDE}-wal").read_bytes() == left
        assert database.count() == 5_000


@pytest.mark.parametrize("damage", [d for d in DAMAGES if d is not truncate])
def test_without_backup_database_is_empty_and_loss_is_recorded(
    database: DamagedDatabase, damage: Damage
) -> None:
    damage(database.path)
    recovery = database.recover()
    assert recovery is not None
    assert recovery.backup is None
    assert database.names() == {
        "readings.db",
        ASIDE,
        *(database.names() & {f"{ASIDE}-wal", f"{ASIDE}-shm"}),
    }
    assert database.count() == 0
    ((start, end, count, reason),) = database.gaps()
    assert (start, end, count) == (None, clock(), None)
    assert str(reason).startswith("the database is damaged: ")
    assert str(reason).endswith("; there was no good backup")


def test_damaged_backup_is_skipped(database: DamagedDatabase) -> None:
    good, bad = database.back_up(NOW - 7_200), database.back_up(NOW - 3_600)
    overwrite_readings(bad)
    write_text(database.path)
    recovery = database.recover()
    assert recovery is not None
    assert recovery.backup == good
    assert bad.exists()
    assert database.count() == 5_000


def test_backup_before_upgrade_can_be_restored(database: DamagedDatabase) -> None:
    database.back_up(NOW - 7_200)
    newer = Backups(database.settings, lambda: (NOW - 60) * MICROSECONDS).create_before_upgrade(
        "0002"
    )
    write_text(database.path)
    recovery = database.recover()
    assert recovery is not None
    assert recovery.backup == newer


def test_backup_without_checkpoint_records_unknown_loss(database: DamagedDatabase) -> None:
    backup = database.back_up(NOW - 60)
    with closing(sqlite3.connect(backup)) as file, file:
        file.execute("DELETE FROM journal_position")
    write_text(database.path)
    database.recover()
    ((start, end, count, reason),) = database.gaps()
    assert (start, end, count) == ((NOW - 60) * MICROSECONDS, clock(), None)
    assert str(reason).endswith(f"; {backup.name} was restored")


def test_files_moved_aside_are_never_overwritten(database: DamagedDatabase) -> None:
    database.back_up()
    texts = []
    for times in (1, 2, 3):
        database.path.write_bytes(b"letter" * 100 * times)
        texts.append(database.path.read_bytes())
        recovery = database.recover()
        assert recovery is not None
        assert recovery.aside is not None
    asides = sorted(database.path.parent.glob("*.aside-*Z"))
    assert [aside.read_bytes() for aside in asides] == texts


class TestMissing:
    """The database was removed while it was in use, or its log belongs to another one."""

    def test_removed_database_is_replaced(self, database: DamagedDatabase) -> None:
        database.back_up()
        database.path.unlink()
        recovery = database.recover(replaced=True)
        assert recovery is not None
        assert str(recovery).startswith(f"{database.path} was removed: ")
        assert database.count() == 5_000
        assert database.gaps() == []

    def test_without_backup_loss_is_recorded(self, database: DamagedDatabase) -> None:
        database.path.unlink()
        database.recover(replaced=True)
        ((_, _, count, reason),) = database.gaps()
        assert count is None
        assert reason == f"{database.path} was removed; there was no good backup"

    def test_log_without_its_database_is_moved_aside(self, database: DamagedDatabase) -> None:
        database.path.unlink()
        log = database.path.with_name("readings.db-wal")
        log.write_bytes(b"log" * 1_000)
        recovery = database.recover()
        assert recovery is not None
        assert recovery.aside == database.path.with_name(f"{ASIDE}-wal")
        assert recovery.aside.read_bytes() == b"log" * 1_000
        assert database.names() == {f"{ASIDE}-wal"}

    def test_old_log_is_not_applied_to_copied_backup(self, database: DamagedDatabase) -> None:
        backup = database.back_up()
        with closing(database.open_with_log(3)):
            log = database.path.with_name("readings.db-wal").read_bytes()
        shutil.copy(backup, database.path)
        database.path.with_name("readings.db-wal").write_bytes(log)
        recovery = database.recover()
        assert recovery is not None
        assert str(recovery).startswith(f"{database.path}-wal does not belong to this database")
        assert database.path.read_bytes() == backup.read_bytes()
        assert database.gaps() == []


class TestKilledRecovery:
    """A killed recovery is finished by the next one."""

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

    @pytest.mark.parametrize(
        "step", [1, *(pytest.param(step, marks=pytest.mark.long) for step in (2, 3, 4)), 5]
    )
    def test_killed_before_each_rename_is_finished_by_next_recovery(
        self, database: DamagedDatabase, step: int
    ) -> None:
        database.back_up()
        write_text(database.path)
        database.path.with_name("readings.db-wal").write_bytes(b"left")
        command = [sys.executable, "-c", self.LAUNCHER, str(step), str(database.settings.data_dir)]
        ended = subprocess.run(command, cwd=ROOT, check=False)
        assert ended.returncode == -signal.SIGKILL
        recovery = database.recover()
        assert recovery is not None
        assert database.count() == 5_000
        assert [p.read_bytes() for p in database.path.parent.glob("*.aside*Z-wal")] == [b"left"]
        assert [p.read_bytes()[:4] for p in database.path.parent.glob("*.aside*Z")] == [b"this"]
        assert not database.path.with_name("readings.db.ready").exists()


def test_target_of_link_is_replaced_and_link_stays(
    database: DamagedDatabase, tmp_path: Path
) -> None:
    database.back_up()
    write_text(database.path)
    link = tmp_path / "link.db"
    link.symlink_to(database.path)
    data = {"DATABASE_URL": f"sqlite:///{link}", "DATA_DIR": str(database.settings.data_dir)}
    recovery = recover(Settings.from_environ(data), clock=clock)
    assert recovery is not None
    assert recovery.aside == database.path.with_name(ASIDE)
    assert link.readlink() == database.path
    assert database.count() == 5_000


def test_without_space_for_backup_nothing_changes(
    database: DamagedDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    database.back_up()
    write_text(database.path)
    before = database.path.read_bytes()
    usage = shutil.disk_usage(database.path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=1_000))
    with pytest.raises(StoreUnavailableError, match="make room, and it is restored"):
        database.recover()
    assert database.path.read_bytes() == before
    assert database.names() <= {"readings.db", "readings.db-wal"}


def test_large_database_is_checked_only_after_reported_damage(database: DamagedDatabase) -> None:
    overwrite_readings(database.path)
    assert database.recover(max_checked_bytes=10_000) is None
    assert database.recover(damaged=True, max_checked_bytes=10_000) is not None

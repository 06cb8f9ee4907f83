"""Databases that are damaged, removed, replaced or shared under a real writer."""

import functools
import os
import shutil
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from services.concurrency import Shutdown
from services.store.backup.recovery import recover
from services.writer.main import write
from tests.support.processes import ManagedProcess
from tests.support.waiting import TIMEOUT_SECONDS, wait_until
from tests.system.writer_scenario import WriterScenario

pytestmark = [pytest.mark.redis, pytest.mark.long]


def overwrite(path: Path, content: bytes) -> None:
    """Overwrite a file in place, as another program that has it open."""
    with path.open("r+b") as file:
        file.write(content)


class TestDamage:
    """Files that are not a database any more."""

    def test_backup_replaces_damaged_file_and_journal_is_replayed(
        self, scenario: WriterScenario
    ) -> None:
        backup = scenario.back_up()
        scenario.publish(10, times=5)
        scenario.wait_until_stored()
        scenario.writer.terminate()
        scenario.stack.database.write_bytes(b"this is a letter to my aunt" * 1_000)
        scenario.publish(10)
        scenario.writer.start()
        scenario.wait_until_stored()
        assert scenario.gaps() == []
        assert len(scenario.set_aside()) == 1
        assert scenario.writer.log_text().count(f"{backup} took its place") == 1

    def test_entries_missing_in_the_journal_are_counted(self, scenario: WriterScenario) -> None:
        scenario.back_up()
        scenario.publish(10, times=5)
        scenario.wait_until_stored()
        scenario.writer.terminate()
        scenario.stack.database.write_bytes(b"letter" * 1_000)
        scenario.stack.redis.client.xtrim("readings:journal", maxlen=2, approximate=False)
        scenario.writer.start()
        wait_until("the gap is recorded", scenario.gaps)
        ((count, reason),) = scenario.gaps()
        assert (count, reason) == (30, "3 entries of the journal were trimmed or deleted")
        assert len(scenario.stored()) == 70

    def test_without_backup_the_journal_is_read_from_its_start(
        self, scenario: WriterScenario
    ) -> None:
        scenario.writer.terminate()
        scenario.stack.database.write_bytes(b"letter" * 1_000)
        scenario.publish(10)
        scenario.writer.start()
        scenario.wait_until_stored()
        ((count, reason),) = scenario.gaps()
        assert count is None
        assert "there was no good backup" in str(reason)

    def test_damage_under_a_running_writer_is_repaired(self, scenario: WriterScenario) -> None:
        scenario.back_up()
        for times in (1, 2, 3):
            # Ending moves all pages from the log into the file.
            assert scenario.writer.terminate() == 0
            scenario.writer.start()
            scenario.publish(10)
            scenario.wait_until_stored()
            overwrite(scenario.stack.database, b"letter" * 1_000)
            scenario.publish(10)
            scenario.wait_until_stored()
            assert len(scenario.set_aside()) == times
        assert scenario.gaps() == []
        assert scenario.writer.running

    def test_damage_found_after_the_start_is_repaired(
        self, scenario: WriterScenario, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        scenario.publish(1_000, times=5)
        scenario.wait_until_stored()
        backup = scenario.back_up()
        scenario.writer.terminate()
        database = scenario.stack.database
        with closing(sqlite3.connect(database)) as file:
            root = "SELECT rootpage FROM sqlite_master WHERE name = 'readings'"
            page = file.execute(root).fetchone()[0]
        with database.open("r+b") as file:
            file.seek((page - 1) * 4_096)
            file.write(b"\xa5" * 4_096)
        # As if it were too large to be checked at the start.
        monkeypatch.setattr(
            "services.writer.main.recover", functools.partial(recover, max_checked_bytes=0)
        )
        stop = Shutdown()
        writer = threading.Thread(target=write, args=[scenario.settings, stop])
        writer.start()
        try:
            scenario.publish(10)
            scenario.wait_until_stored()
        finally:
            stop.request()
            writer.join(TIMEOUT_SECONDS)
        assert not writer.is_alive()
        assert len(scenario.set_aside()) == 1
        assert backup.exists()
        assert scenario.gaps() == []

    def test_newer_schema_is_refused_and_not_changed(self, scenario: WriterScenario) -> None:
        scenario.back_up()
        scenario.writer.terminate()
        with closing(sqlite3.connect(scenario.stack.database)) as file, file:
            file.execute("UPDATE alembic_version SET version_num = '9999'")
        scenario.writer.start()
        assert scenario.writer.wait() == 1
        assert "made by a newer version of Stripchart" in scenario.writer.log_text()
        assert "Traceback" not in scenario.writer.log_text()
        assert scenario.set_aside() == []
        assert len(scenario.stored()) == 50


class TestReplacedFiles:
    """Files that are removed or replaced while the writer has them open."""

    @pytest.mark.parametrize(
        "suffixes", [[""], ["", "-wal", "-shm"], ["", "-wal", "-shm", ".lock"]]
    )
    def test_removed_database_is_created_again(
        self, scenario: WriterScenario, suffixes: list[str]
    ) -> None:
        for suffix in suffixes:
            scenario.stack.database.with_name(f"readings.db{suffix}").unlink()
        scenario.publish(10)
        scenario.wait_until_stored()
        ((count, reason),) = scenario.gaps()
        assert count is None
        assert "readings.db was removed" in str(reason)
        assert scenario.writer.log_text().count("was removed while it was in use") == 1

    @pytest.mark.parametrize("suffix", ["-wal", "-shm", ".lock"])
    def test_removed_companion_file_loses_nothing(
        self, scenario: WriterScenario, suffix: str
    ) -> None:
        scenario.stack.database.with_name(f"readings.db{suffix}").unlink()
        scenario.publish(10)
        scenario.wait_until_stored()
        scenario.wait_for_log(f"readings.db{suffix} was removed while it was in use")
        assert scenario.gaps() == []

    @pytest.mark.parametrize("in_place", [True, False])
    def test_restored_backup_is_used_as_it_is(
        self, scenario: WriterScenario, in_place: bool
    ) -> None:
        backup = scenario.back_up()
        scenario.publish(10, times=5)
        scenario.wait_until_stored()
        if in_place:
            shutil.copyfile(backup, scenario.stack.database)
        else:
            shutil.copyfile(backup, scenario.stack.database.with_name("new.db"))
            scenario.stack.database.with_name("new.db").rename(scenario.stack.database)
        scenario.publish(10)
        # Opening the database earlier would mix it with the old log.
        scenario.wait_for_log("readings.db-wal does not belong to this database")
        scenario.wait_until_stored()
        assert scenario.gaps() == []

    @pytest.mark.parametrize("same", [True, False])
    def test_link_in_place_of_the_database_is_followed(
        self, scenario: WriterScenario, same: bool
    ) -> None:
        database = scenario.stack.database
        moved = database.parent.parent / "moved.db"
        if same:
            database.rename(moved)
        else:
            moved.write_bytes(scenario.back_up().read_bytes())
            database.unlink()
        database.symlink_to(moved)
        scenario.publish(10, times=2)
        scenario.wait_until_stored()
        scenario.wait_for_log(f"was replaced by a link to {moved} while it was in use")
        assert scenario.gaps() == []
        assert moved.with_name("moved.db.lock").exists()

    def test_emptied_database_is_noticed(self, scenario: WriterScenario) -> None:
        scenario.back_up()
        os.truncate(scenario.stack.database, 0)
        scenario.publish(10)
        scenario.wait_until_stored()
        assert scenario.gaps() == []


class TestTwoWriters:
    """One database has one writer."""

    def second(self, scenario: WriterScenario, **environment: str) -> ManagedProcess:
        folder = scenario.stack.database.parent.parent / "second"
        folder.mkdir(exist_ok=True)
        urls = {"REDIS_URL": scenario.stack.redis.url}
        return ManagedProcess.service("writer", folder, urls | environment).start()

    @pytest.mark.parametrize("linked", [False, True])
    def test_second_writer_waits_and_takes_over(
        self, scenario: WriterScenario, linked: bool
    ) -> None:
        database = scenario.stack.database
        path = database
        if linked:
            path = database.parent.parent / "link.db"
            path.symlink_to(database)
        second = self.second(scenario, DATABASE_URL=f"sqlite:///{path}")
        try:
            sentence = f"another writer has {database} open (one is enough)"
            wait_until("the second writer logs it", lambda: sentence in second.log_text())
            scenario.publish(10)
            scenario.wait_until_stored()
            scenario.writer.kill()
            scenario.publish(10)
            scenario.wait_until_stored()
            assert second.log_text().count("another writer has") == 1
        finally:
            second.kill()

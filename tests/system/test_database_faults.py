"""Faults of the database under a real writer: it waits, loses nothing, and goes on by itself."""

import functools
import os
import resource
import shutil
import sqlite3
import subprocess
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from services.broker import Broker, Journal, Message
from services.concurrency import Shutdown
from services.reading import MICROSECONDS, Reading
from services.settings import Settings
from services.store.backup.backups import Backups
from services.store.backup.recovery import recover
from services.writer.main import write
from tests.support.processes import ManagedProcess
from tests.support.redis_server import RedisServer
from tests.support.stack import Stack
from tests.support.waiting import TIMEOUT_SECONDS, wait_until

pytestmark = [pytest.mark.redis, pytest.mark.long]

START = 1_700_000_000


class Recording:
    """A writer, and a publisher that knows what was acknowledged."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.settings = Settings.from_environ(
            {"REDIS_URL": stack.redis.url, "DATA_DIR": str(stack.database.parent)}
        )
        self._broker = Broker.connect(self.settings)
        self._journal = Journal(self._broker)
        self.published = 0
        self.writer = stack.start("writer")
        wait_until("the writer writes", lambda: self.position() is not None)

    def publish(self, count: int, times: int = 1) -> None:
        """Have this many readings acknowledged, in so many messages each."""
        for _ in range(times):
            first = self.published
            self.published += count
            self._journal.publish(
                Message.of(
                    Reading("a", (START + i) * MICROSECONDS, float(i))
                    for i in range(first, self.published)
                )
            )

    def position(self) -> int | None:
        rows = self.rows("SELECT n FROM journal_position")
        return int(rows[0][0]) if rows else None

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What the database answers; nothing while it is damaged."""
        try:
            return self.stack.rows(query)
        except sqlite3.DatabaseError:
            return []

    def stored(self) -> list[float]:
        return [value for (value,) in self.rows("SELECT value FROM readings ORDER BY ts")]

    def wait_until_stored(self, patience: float = 30.0 + TIMEOUT_SECONDS) -> None:
        expected = [float(i) for i in range(self.published)]
        wait_until(
            f"{self.published} readings are stored",
            lambda: self.stored() == expected,
            patience,
        )
        assert self.rows("PRAGMA integrity_check") == [("ok",)]

    def wait_for(self, sentence: str, patience: float = TIMEOUT_SECONDS) -> None:
        wait_until(f"the log says {sentence}", lambda: sentence in self.writer.log_text(), patience)

    def back_up(self) -> Path:
        return Backups(self.settings).create().path

    def gaps(self) -> list[tuple[object, ...]]:
        return self.rows("SELECT count, reason FROM gaps")

    def asides(self) -> list[str]:
        return sorted(path.name for path in self.stack.database.parent.glob("*.aside-*Z"))

    def close(self) -> None:
        self._broker.close()


@pytest.fixture
def recording(stack: Stack) -> Iterator[Recording]:
    made = Recording(stack)
    made.publish(10, times=5)
    made.wait_until_stored()
    yield made
    made.close()


def overwrite(path: Path, content: bytes) -> None:
    """Write over a file in place, as a program that has it open."""
    with path.open("r+b") as file:
        file.write(content)


class TestWaiting:
    """Faults that pass."""

    def test_another_program_locks_the_database(self, recording: Recording) -> None:
        with closing(sqlite3.connect(recording.stack.database, isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            before = recording.position()
            recording.publish(100)
            recording.wait_for("database unavailable: the database can't be used now")
            assert recording.position() == before
            other.execute("ROLLBACK")
        recording.wait_until_stored()
        recording.wait_for("database available again after ")
        assert recording.writer.log_text().count("database unavailable: ") == 1
        assert recording.gaps() == []

    def test_a_locked_database_keeps_nobody_from_ending(self, recording: Recording) -> None:
        with closing(sqlite3.connect(recording.stack.database, isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            recording.publish(100)
            recording.wait_for("database unavailable")
            # One wait for the lock, and the last attempt's.
            assert recording.writer.terminate() == 0
        recording.writer.start()
        recording.wait_until_stored()

    def test_a_reader_that_stays_open_holds_up_nothing(self, recording: Recording) -> None:
        with closing(sqlite3.connect(recording.stack.database, isolation_level=None)) as other:
            other.execute("BEGIN")
            count = "SELECT count(*) FROM readings"
            assert other.execute(count).fetchone() == (50,)
            recording.publish(500, times=20)
            recording.wait_until_stored()
            assert other.execute(count).fetchone() == (50,)
        assert "database unavailable" not in recording.writer.log_text()

    def test_a_failing_disk(self, recording: Recording) -> None:
        for _ in range(10):
            recording.publish(500)
            recording.wait_until_stored()
        log = recording.stack.database.with_name("readings.db-wal")
        before = recording.position()
        # What goes beyond this size fails, with an error that is not that of a full disk.
        limit = log.stat().st_size
        unlimited = resource.prlimit(recording.writer.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(recording.writer.pid, resource.RLIMIT_FSIZE, (limit, unlimited[1]))
        recording.publish(1_000)
        recording.wait_for("disk I/O error (check its disk)")
        assert recording.position() == before
        resource.prlimit(recording.writer.pid, resource.RLIMIT_FSIZE, unlimited)
        recording.wait_until_stored()
        assert recording.gaps() == []
        assert recording.asides() == []

    def test_a_folder_in_the_place_of_the_file(self, recording: Recording) -> None:
        recording.writer.terminate()
        database = recording.stack.database
        kept = database.with_name("kept.db")
        database.rename(kept)
        database.mkdir()
        recording.writer.start()
        recording.wait_for(f"{database} is not a file")
        database.rmdir()
        kept.rename(database)
        recording.publish(10)
        recording.wait_until_stored()
        assert recording.gaps() == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a disk of a few megabytes")
class TestFullDisk:
    """A disk of eight megabytes."""

    @pytest.fixture
    def stack(self, tmp_path: Path, redis_server: RedisServer) -> Iterator[Stack]:
        folder = tmp_path / "data"
        folder.mkdir()
        mount = ["mount", "-t", "tmpfs", "-o", "size=8m", "none", str(folder)]
        if subprocess.run(mount, capture_output=True, check=False).returncode:
            pytest.skip("nothing can be mounted here")
        with Stack(tmp_path, redis_server) as stack:
            yield stack
        subprocess.run(["umount", str(folder)], check=True)

    def fill(self, recording: Recording) -> Path:
        filler = recording.stack.database.with_name("filler")
        with filler.open("wb", buffering=0) as file:
            while True:
                try:
                    file.write(bytes(4_096))
                except OSError:
                    return filler

    def test_the_writer_waits_for_room(self, recording: Recording) -> None:
        filler = self.fill(recording)
        before = recording.position()
        recording.publish(1_000, times=20)
        recording.wait_for("the disk of the database is full (make room on it)")
        assert len(recording.stored()) < recording.published
        assert recording.position() == before
        filler.unlink()
        recording.wait_until_stored()
        assert recording.gaps() == []

    def test_a_start_waits_for_room(self, recording: Recording) -> None:
        recording.writer.terminate()
        recording.publish(1_000, times=20)
        filler = self.fill(recording)
        recording.writer.start()
        recording.wait_for("database can't be prepared: ")
        filler.unlink()
        recording.wait_until_stored()
        assert recording.gaps() == []


class TestDamage:
    """Files that are no database any more."""

    def test_a_backup_takes_its_place_and_the_journal_is_replayed(
        self, recording: Recording
    ) -> None:
        made = recording.back_up()
        recording.publish(10, times=5)
        recording.wait_until_stored()
        recording.writer.terminate()
        recording.stack.database.write_bytes(b"this is a letter to my aunt" * 1_000)
        recording.publish(10)
        recording.writer.start()
        recording.wait_until_stored()
        assert recording.gaps() == []
        assert len(recording.asides()) == 1
        assert recording.writer.log_text().count(f"{made} took its place") == 1

    def test_what_the_journal_has_no_more_is_counted(self, recording: Recording) -> None:
        recording.back_up()
        recording.publish(10, times=5)
        recording.wait_until_stored()
        recording.writer.terminate()
        recording.stack.database.write_bytes(b"letter" * 1_000)
        recording.stack.redis.client.xtrim("readings:journal", maxlen=2, approximate=False)
        recording.writer.start()
        wait_until("the hole is noted", recording.gaps)
        ((count, reason),) = recording.gaps()
        assert (count, reason) == (30, "3 entries of the journal were trimmed or deleted")
        assert len(recording.stored()) == 70

    def test_without_a_backup_the_journal_is_read_from_its_start(
        self, recording: Recording
    ) -> None:
        recording.writer.terminate()
        recording.stack.database.write_bytes(b"letter" * 1_000)
        recording.publish(10)
        recording.writer.start()
        recording.wait_until_stored()
        ((count, reason),) = recording.gaps()
        assert count is None
        assert "there was no good backup" in str(reason)

    def test_while_the_writer_runs(self, recording: Recording) -> None:
        recording.back_up()
        for times in (1, 2, 3):
            # From here on all pages are in the file itself, and not in the log any more.
            assert recording.writer.terminate() == 0
            recording.writer.start()
            recording.publish(10)
            recording.wait_until_stored()
            overwrite(recording.stack.database, b"letter" * 1_000)
            recording.publish(10)
            recording.wait_until_stored()
            assert len(recording.asides()) == times
        assert recording.gaps() == []
        assert recording.writer.running

    def test_damage_that_shows_late(
        self, recording: Recording, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        recording.publish(1_000, times=5)
        recording.wait_until_stored()
        made = recording.back_up()
        recording.writer.terminate()
        database = recording.stack.database
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
        writer = threading.Thread(target=write, args=[recording.settings, stop])
        writer.start()
        try:
            recording.publish(10)
            recording.wait_until_stored()
        finally:
            stop.request()
            writer.join(TIMEOUT_SECONDS)
        assert not writer.is_alive()
        assert len(recording.asides()) == 1
        assert made.exists()
        assert recording.gaps() == []

    def test_a_newer_schema_is_refused_and_left(self, recording: Recording) -> None:
        recording.back_up()
        recording.writer.terminate()
        with closing(sqlite3.connect(recording.stack.database)) as file, file:
            file.execute("UPDATE alembic_version SET version_num = '9999'")
        recording.writer.start()
        assert recording.writer.wait() == 1
        assert "made by a newer version of Stripchart" in recording.writer.log_text()
        assert "Traceback" not in recording.writer.log_text()
        assert recording.asides() == []
        assert len(recording.stored()) == 50


class TestReplaced:
    """Files that somebody removes or replaces while the writer has them open."""

    @pytest.mark.parametrize(
        "suffixes", [[""], ["", "-wal", "-shm"], ["", "-wal", "-shm", ".lock"]]
    )
    def test_a_removed_one_is_begun_anew(self, recording: Recording, suffixes: list[str]) -> None:
        for suffix in suffixes:
            recording.stack.database.with_name(f"readings.db{suffix}").unlink()
        recording.publish(10)
        recording.wait_until_stored()
        ((count, reason),) = recording.gaps()
        assert count is None
        assert "readings.db was removed" in str(reason)
        assert recording.writer.log_text().count("was removed while it was in use") == 1

    @pytest.mark.parametrize("suffix", ["-wal", "-shm", ".lock"])
    def test_without_its_companions_it_goes_on(self, recording: Recording, suffix: str) -> None:
        recording.stack.database.with_name(f"readings.db{suffix}").unlink()
        recording.publish(10)
        recording.wait_until_stored()
        recording.wait_for(f"readings.db{suffix} was removed while it was in use")
        assert recording.gaps() == []

    @pytest.mark.parametrize("in_place", [True, False])
    def test_a_restored_backup_is_taken_as_it_is(
        self, recording: Recording, in_place: bool
    ) -> None:
        made = recording.back_up()
        recording.publish(10, times=5)
        recording.wait_until_stored()
        if in_place:
            shutil.copyfile(made, recording.stack.database)
        else:
            shutil.copyfile(made, recording.stack.database.with_name("new.db"))
            recording.stack.database.with_name("new.db").rename(recording.stack.database)
        recording.publish(10)
        # Who opens the database before can mix it with the old log.
        recording.wait_for("readings.db-wal does not belong to this database")
        recording.wait_until_stored()
        assert recording.gaps() == []

    def test_an_emptied_one_is_noticed(self, recording: Recording) -> None:
        recording.back_up()
        os.truncate(recording.stack.database, 0)
        recording.publish(10)
        recording.wait_until_stored()
        assert recording.gaps() == []


class TestTwoWriters:
    """One database has one writer."""

    def second(self, recording: Recording, **environment: str) -> ManagedProcess:
        folder = recording.stack.database.parent.parent / "second"
        folder.mkdir(exist_ok=True)
        urls = {"REDIS_URL": recording.stack.redis.url}
        return ManagedProcess.service("writer", folder, urls | environment).start()

    @pytest.mark.parametrize("linked", [False, True])
    def test_the_second_waits_and_takes_over(self, recording: Recording, linked: bool) -> None:
        database = recording.stack.database
        path = database
        if linked:
            path = database.parent.parent / "link.db"
            path.symlink_to(database)
        second = self.second(recording, DATABASE_URL=f"sqlite:///{path}")
        try:
            sentence = f"another writer has {database} open (one is enough)"
            wait_until("the second says so", lambda: sentence in second.log_text())
            recording.publish(10)
            recording.wait_until_stored()
            recording.writer.kill()
            recording.publish(10)
            recording.wait_until_stored()
            assert second.log_text().count("another writer has") == 1
        finally:
            second.kill()

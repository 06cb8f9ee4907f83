"""Passing faults of the database under a real writer: it waits, recovers and loses nothing."""

import os
import resource
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.redis_server import RedisServer
from tests.support.stack import Stack
from tests.system.writer_scenario import WriterScenario

pytestmark = [pytest.mark.redis, pytest.mark.long]


class TestPassingFaults:
    """Faults after which the same file is usable again."""

    def test_locked_database_delays_the_writer(self, scenario: WriterScenario) -> None:
        with closing(sqlite3.connect(scenario.stack.database, isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            before = scenario.position()
            scenario.publish(100)
            scenario.wait_for_log("database unavailable: the database can't be used now")
            assert scenario.position() == before
            other.execute("ROLLBACK")
        scenario.wait_until_stored()
        scenario.wait_for_log("database available again after ")
        assert scenario.writer.log_text().count("database unavailable: ") == 1
        assert scenario.gaps() == []

    def test_locked_database_does_not_prevent_shutdown(self, scenario: WriterScenario) -> None:
        with closing(sqlite3.connect(scenario.stack.database, isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            scenario.publish(100)
            scenario.wait_for_log("database unavailable")
            # It waits for the lock once more, and at its last attempt.
            assert scenario.writer.terminate() == 0
        scenario.writer.start()
        scenario.wait_until_stored()

    def test_open_reader_does_not_delay_the_writer(self, scenario: WriterScenario) -> None:
        with closing(sqlite3.connect(scenario.stack.database, isolation_level=None)) as other:
            other.execute("BEGIN")
            count = "SELECT count(*) FROM readings"
            assert other.execute(count).fetchone() == (50,)
            scenario.publish(500, times=20)
            scenario.wait_until_stored()
            assert other.execute(count).fetchone() == (50,)
        assert "database unavailable" not in scenario.writer.log_text()

    def test_io_error_is_retried(self, scenario: WriterScenario) -> None:
        for _ in range(10):
            scenario.publish(500)
            scenario.wait_until_stored()
        log = scenario.stack.database.with_name("readings.db-wal")
        before = scenario.position()
        # Writes beyond this size fail, with another error than that of a full disk.
        limit = log.stat().st_size
        unlimited = resource.prlimit(scenario.writer.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(scenario.writer.pid, resource.RLIMIT_FSIZE, (limit, unlimited[1]))
        scenario.publish(1_000)
        scenario.wait_for_log("disk I/O error (check its disk)")
        assert scenario.position() == before
        resource.prlimit(scenario.writer.pid, resource.RLIMIT_FSIZE, unlimited)
        scenario.wait_until_stored()
        assert scenario.gaps() == []
        assert scenario.set_aside() == []

    def test_folder_in_place_of_the_file_is_waited_for(self, scenario: WriterScenario) -> None:
        scenario.writer.terminate()
        database = scenario.stack.database
        kept = database.with_name("kept.db")
        database.rename(kept)
        database.mkdir()
        scenario.writer.start()
        scenario.wait_for_log(f"{database} is not a file")
        database.rmdir()
        kept.rename(database)
        scenario.publish(10)
        scenario.wait_until_stored()
        assert scenario.gaps() == []


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

    def fill(self, scenario: WriterScenario) -> Path:
        filler = scenario.stack.database.with_name("filler")
        with filler.open("wb", buffering=0) as file:
            while True:
                try:
                    file.write(bytes(4_096))
                except OSError:
                    return filler

    def test_running_writer_waits_for_space(self, scenario: WriterScenario) -> None:
        filler = self.fill(scenario)
        before = scenario.position()
        scenario.publish(1_000, times=20)
        scenario.wait_for_log("the disk of the database is full (make room on it)")
        assert len(scenario.stored()) < scenario.published
        assert scenario.position() == before
        filler.unlink()
        scenario.wait_until_stored()
        assert scenario.gaps() == []

    def test_starting_writer_waits_for_space(self, scenario: WriterScenario) -> None:
        scenario.writer.terminate()
        scenario.publish(1_000, times=20)
        filler = self.fill(scenario)
        scenario.writer.start()
        scenario.wait_for_log("database can't be prepared: ")
        filler.unlink()
        scenario.wait_until_stored()
        assert scenario.gaps() == []

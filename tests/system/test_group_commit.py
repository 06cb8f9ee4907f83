"""The writer commits rarely, and at once when somebody reads."""

import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.processes import ManagedProcess
from tests.support.redis_server import RedisServer
from tests.support.stack import Stack
from tests.support.waiting import wait_until

pytestmark = pytest.mark.redis


class GroupedStack(Stack):
    """A stack whose writer is at hand."""

    writer: ManagedProcess

    def start_all(self) -> None:
        """Start writer and web service, and store a first reading."""
        self.writer = self.start("writer")
        self.start("web")
        self.wait_for_channel_bridge()
        self.send(0)
        assert self.newest() == 0

    def send(self, value: float, series: str = "a") -> None:
        """Send a reading, which is acknowledged."""
        self.post("/api/readings", {"series": series, "value": value})

    def newest(self) -> Any:
        """Return the newest value."""
        return self.get("/get_data")["value"]

    def wait_until_read(self) -> None:
        """Wait until the writer has read the journal twice more."""
        before = self._range_calls()
        wait_until("the writer reads", lambda: self._range_calls() >= before + 4)

    def _range_calls(self) -> int:
        return int(self.redis.client.info("commandstats")["cmdstat_xrange"]["calls"])


@pytest.fixture
def grouped(tmp_path: Path, redis_server: RedisServer) -> Iterator[GroupedStack]:
    """A stack that commits only after an hour unless somebody reads, with a stored reading."""
    settings = {"STRIPCHART_FLUSH_SECONDS": "3600"}
    with GroupedStack(tmp_path, redis_server, settings=settings) as stack:
        stack.start_all()
        yield stack


@pytest.fixture(scope="module")
def shared_grouped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GroupedStack]:
    """The same for tests that do it no harm. Each uses a series of its own."""
    folder = tmp_path_factory.mktemp("grouped")
    settings = {"STRIPCHART_FLUSH_SECONDS": "3600"}
    with (
        RedisServer.in_folder(folder / "redis") as server,
        GroupedStack(folder, server, settings=settings) as stack,
    ):
        stack.start_all()
        yield stack


class TestReading:
    """Every answer has what was acknowledged before the request."""

    def test_history_has_the_acknowledged_readings(self, shared_grouped: GroupedStack) -> None:
        for value in range(20):
            shared_grouped.send(value, "many")
            columns = shared_grouped.get("/api/history?series=many&points=100")["series"]["many"]
            assert columns["value"] == list(range(value + 1))

    def test_new_series_is_listed(self, shared_grouped: GroupedStack) -> None:
        shared_grouped.send(1, "listed")
        listing = shared_grouped.get("/api/series")["series"]
        assert "listed" in [each["name"] for each in listing]

    def test_new_series_is_selected_by_a_pattern(self, shared_grouped: GroupedStack) -> None:
        shared_grouped.send(1, "by pattern")
        assert list(shared_grouped.get("/api/history?series=by*")["series"]) == ["by pattern"]

    def test_newest_value_is_up_to_date(self, shared_grouped: GroupedStack) -> None:
        shared_grouped.send(7, "newest")
        assert shared_grouped.newest() == 7

    def test_waiting_readings_are_not_late(self, shared_grouped: GroupedStack) -> None:
        shared_grouped.send(7, "waiting")
        writer = shared_grouped.get("/readyz")["writer"]
        assert writer == {"ok": True, "behind_seconds": 0.0}


class TestFailure:
    """Without a writer or Redis, the database answers with what it has."""

    def test_answer_without_a_writer_has_the_older_cursor(self, grouped: GroupedStack) -> None:
        cursor = grouped.get("/api/history?series=a")["cursor"]
        grouped.writer.kill()
        grouped.send(7)
        before = time.monotonic()
        history = grouped.get("/api/history?series=a")
        assert time.monotonic() - before < 5.0
        assert history["series"]["a"]["value"] == [0]
        assert history["cursor"] == cursor
        grouped.redis.kill()
        assert grouped.newest() == 0


class TestCommit:
    """Readings that wait are committed when they are due, and before the writer can lose them."""

    def test_reading_is_committed_when_the_time_is_over(
        self, tmp_path: Path, redis_server: RedisServer
    ) -> None:
        settings = {"STRIPCHART_FLUSH_SECONDS": "1"}
        with GroupedStack(tmp_path, redis_server, settings=settings) as stack:
            stack.start_all()
            before = time.monotonic()
            stack.send(1)
            wait_until("it is committed", lambda: stack.stored("a") == [0, 1])
            assert time.monotonic() - before >= 0.9

    def test_stopped_writer_commits(self, grouped: GroupedStack) -> None:
        grouped.send(1)
        assert grouped.writer.terminate() == 0
        assert grouped.stored("a") == [0, 1]

    def test_killed_writer_reads_again(self, grouped: GroupedStack) -> None:
        for value in range(1, 5):
            grouped.send(value)
        writer = grouped.writer
        writer.kill()
        writer.start()
        wait_until("the rest is stored", lambda: grouped.stored("a") == [0, 1, 2, 3, 4])

    def test_without_redis_the_writer_commits(self, grouped: GroupedStack) -> None:
        grouped.send(1)
        grouped.wait_until_read()
        grouped.redis.kill()
        wait_until("it is stored", lambda: grouped.stored("a") == [0, 1])

    def test_command_is_carried_out_at_once(self, grouped: GroupedStack) -> None:
        grouped.send(1, "b")
        url = f"http://127.0.0.1:{grouped.port}/api/series/b"
        urllib.request.urlopen(urllib.request.Request(url, method="DELETE"), timeout=10).close()
        wait_until("b is deleted", lambda: grouped.rows("SELECT name FROM series") == [("a",)])

"""Readings wait in the writer for their commit, also over faults and restarts."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from typing import Any

import pytest

from services.broker import Broker, Message
from services.command import Delete, Rename
from services.errors import BrokerUnavailableError, StoreUnavailableError
from services.position import JOURNAL_START, Checkpoint, Cursor
from services.reading import Reading
from services.settings import Settings
from services.store import Recorder, WriteBatch
from services.writer.commit_schedule import CommitSchedule
from services.writer.pending_commit import PendingCommit
from tests.support.journals import JOURNAL, STATE, message, messages_between
from tests.support.recordings import Recording, WaitingRecording, raw_entries
from tests.support.redis_server import RedisServer
from tests.support.waiting import wait_until

pytestmark = pytest.mark.redis


@contextmanager
def hidden_readings(recording: Recording) -> Iterator[None]:
    """Let every commit of a reading fail."""
    with closing(sqlite3.connect(recording.path, isolation_level=None)) as file:
        file.execute("ALTER TABLE readings RENAME TO hidden")
        yield
        file.execute("ALTER TABLE hidden RENAME TO readings")


class TestCommands:
    """A command finds everything in the database that came before it."""

    def test_renamed_series_has_what_waited(self, waiting: WaitingRecording) -> None:
        waiting.journal.publish(messages_between(0, 3))
        waiting.write()
        waiting.journal.publish([message(3)])
        waiting.journal.send_commands([Rename("a", "b")])
        waiting.journal.publish([message(4)])
        waiting.write()
        assert waiting.committed() == [0, 1, 2, 3]
        readings = "SELECT name, ts / 1000000 FROM readings JOIN series ON id = series_id"
        expected = [*(("b", second) for second in range(4)), ("a", 4)]
        assert sorted(waiting.rows(readings)) == sorted(expected)

    def test_last_value_of_a_time_is_stored(self, waiting: WaitingRecording) -> None:
        for value in (1.0, 3.0, 2.0):
            waiting.journal.publish(Message.of([Reading("a", 1, value)]))
            waiting.write()
        assert waiting.committed() == []
        assert waiting.rows("SELECT value FROM readings") == [(2.0,)]


class TestJournal:
    """Nothing that waits may be trimmed."""

    def test_waiting_entries_are_not_acknowledged(
        self, waiting: WaitingRecording, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        # Readings that wait are committed before maintenance.
        monkeypatch.setattr(Recorder, "maintenance_due", False)
        client: Any = waiting.broker.client

        def committed_entry() -> bytes:
            entry: bytes = client.hget(STATE, "committed")
            return entry

        def range_calls() -> int:
            return int(client.info("commandstats")["cmdstat_xrange"]["calls"])

        with waiting.running():
            waiting.journal.publish(messages_between(0, 4))
            assert waiting.journal.commits.wait(10.0)
            end = committed_entry()
            waiting.journal.publish(messages_between(4, 8))
            before = range_calls()
            wait_until("the writer has read", lambda: range_calls() >= before + 4)
            assert (committed_entry(), waiting.committed()) == (end, [0, 1, 2, 3])
        assert waiting.committed() == list(range(8))

    @pytest.mark.parametrize("text", ["malformed", '{"series":"a","value":3,"ts":3}'])
    def test_entry_of_another_tool_does_not_wait(
        self, waiting: WaitingRecording, text: str
    ) -> None:
        """It has no number, so that a full journal would not count it."""
        waiting.journal.publish(messages_between(0, 3))
        waiting.write()
        waiting.broker.client.xadd(JOURNAL, {"m": text})
        waiting.write()
        is_malformed = text == "malformed"
        assert waiting.committed() == [0, 1, 2, *([] if is_malformed else [3])]
        waiting.kill()
        waiting.write()
        assert len(waiting.dead_letters()) == is_malformed

    def test_replaced_journal_does_not_cost_the_lease(self, waiting: WaitingRecording) -> None:
        assert waiting.lease_holder.acquire()
        waiting.journal.publish(messages_between(0, 3))
        waiting.write()
        waiting.broker.client.delete(JOURNAL, STATE)
        waiting.journal.publish(messages_between(3, 6))
        waiting.write()
        assert waiting.committed() == [0, 1, 2]
        assert waiting.lease_holder.held
        assert waiting.stored() == list(range(6))

    def test_deleted_entry_that_was_read_is_stored(self, waiting: WaitingRecording) -> None:
        waiting.journal.publish(messages_between(0, 3))
        waiting.write()
        waiting.broker.client.xdel(JOURNAL, raw_entries(waiting)[1][0])
        assert waiting.stored() == [0, 1, 2]
        assert waiting.gaps() == []


class TestDatabase:
    """A database that can't be used costs nothing, and its recovery is reported when it is true."""

    def test_failed_commit_is_repeated_at_once(self, waiting: WaitingRecording) -> None:
        waiting.journal.publish(messages_between(0, 3))
        waiting.write()
        with hidden_readings(waiting):
            waiting.journal.send_commands([Delete("other")])
            for _ in range(3):
                with pytest.raises(StoreUnavailableError):
                    waiting.writer.write_batch()
        waiting.write()
        assert waiting.committed() == [0, 1, 2]

    def test_readings_are_committed_before_maintenance(
        self, waiting: WaitingRecording, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """While there is more to maintain, the writer hears no request."""
        monkeypatch.setattr(Recorder, "maintenance_due", True)
        waiting.journal.publish(messages_between(0, 3))
        with waiting.running():
            wait_until("it is committed", lambda: waiting.committed() == [0, 1, 2])


class TestRequests:
    """A request is for everything before it. Without requests, readings must not wait."""

    def test_request_is_for_many_pages(self, waiting: WaitingRecording) -> None:
        with waiting.running():
            for start in range(0, 12_000, 4_000):
                waiting.journal.publish(messages_between(start, start + 4_000))
                assert waiting.journal.commits.wait(10.0)
                assert len(waiting.committed()) == start + 4_000

    @pytest.mark.parametrize("read_count", [1, 2])
    def test_request_is_met_once_all_that_it_asks_for_was_read(
        self, waiting: WaitingRecording, read_count: int
    ) -> None:
        journal = waiting.journal
        start = journal.end()
        ends = []
        for second in range(2):
            journal.publish([message(second)])
            ends.append(journal.end())
        assert journal.commits.request() == ends[-1].cursor
        schedule, pending = CommitSchedule(waiting.broker), PendingCommit()
        pending.add(start, ends[read_count - 1], WriteBatch(), 10)
        schedule.wait(pending)
        assert schedule.is_due(pending)
        assert schedule.is_requested(pending) == (read_count == 2)

    def test_readings_that_nobody_can_request_are_due(
        self, redis_server: RedisServer, settings: Settings
    ) -> None:
        settings = replace(settings, redis_url=redis_server.url, flush_seconds=3_600.0)
        broker = Broker.connect(settings)
        schedule, pending = CommitSchedule(broker), PendingCommit()
        start = Checkpoint(Cursor("epoch", JOURNAL_START), 0, 0)
        pending.add(start, start._replace(sequence=1, reading_count=1), WriteBatch(), 10)
        assert not schedule.is_due(pending)
        redis_server.kill()
        with pytest.raises(BrokerUnavailableError):
            schedule.wait(pending)
        assert schedule.is_due(pending)
        broker.close()

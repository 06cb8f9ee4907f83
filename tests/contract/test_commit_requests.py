"""Readers ask the writer to commit, and wait until it has."""

import threading
import time
from dataclasses import replace
from typing import Any

import pytest

from services.broker import Broker, Journal, Lease
from services.broker.commit_requests import (
    MAX_WAIT_SECONDS,
    CommitRequests,
    CommitWaiter,
    wait_for_commit,
)
from services.errors import BrokerUnavailableError
from services.position import Cursor, EntryId
from services.settings import Settings
from tests.support.journals import JOURNAL, STATE, message
from tests.support.redis_server import RedisServer

JOURNAL_BEGIN = Cursor("", EntryId(0, 0))


@pytest.fixture
def requests(broker: Broker) -> CommitRequests:
    """The writer's side."""
    return CommitRequests(broker)


def commit(journal: Journal, lease: Lease, end: Cursor) -> None:
    """Acknowledge everything up to a cursor, as a writer does after its commit."""
    journal.acknowledge(journal.end()._replace(cursor=end), lease)


class TestRequest:
    """A request names what the reader wants to read."""

    def test_empty_journal_needs_no_commit(self, broker: Broker) -> None:
        assert CommitWaiter(broker).request() is None
        assert CommitWaiter(broker).wait() is True

    def test_committed_journal_needs_no_commit(
        self, broker: Broker, journal: Journal, lease: Lease, requests: CommitRequests
    ) -> None:
        end = journal.publish([message(1)])
        commit(journal, lease, end)
        assert CommitWaiter(broker).request() is None
        assert not requests.wait(end, 0.05)

    def test_uncommitted_reading_is_requested(
        self, broker: Broker, journal: Journal, lease: Lease, requests: CommitRequests
    ) -> None:
        committed = journal.publish([message(1)])
        commit(journal, lease, committed)
        end = journal.publish([message(2)])
        assert CommitWaiter(broker).request() == end
        assert requests.wait(committed, 5.0)

    def test_request_outlives_a_restart_of_redis(
        self, broker: Broker, journal: Journal, requests: CommitRequests
    ) -> None:
        end = journal.publish([message(1)])
        waiter = CommitWaiter(broker)
        assert waiter.request() == end
        # As after a restart, Redis has closed the connections and forgotten the scripts.
        broker.client.script_flush()
        broker.client.client_kill_filter(_type="normal", skipme=True)
        assert waiter.request() == end
        assert requests.wait(JOURNAL_BEGIN, 5.0)

    def test_request_for_what_is_committed_meanwhile_is_ignored(
        self, broker: Broker, journal: Journal, requests: CommitRequests
    ) -> None:
        end = journal.publish([message(1)])
        for _ in range(3):
            CommitWaiter(broker).request()
        assert not requests.wait(end, 0.05)

    def test_request_before_the_wait_is_received(
        self, broker: Broker, journal: Journal, requests: CommitRequests
    ) -> None:
        committed = journal.publish([message(1)])
        journal.publish([message(2)])
        CommitWaiter(broker).request()
        assert requests.wait(committed, 5.0)
        assert not requests.wait(committed, 0.05)

    def test_last_request_is_kept(self, broker: Broker, journal: Journal) -> None:
        client: Any = broker.client
        for second in range(3):
            journal.publish([message(second)])
            CommitWaiter(broker).request()
        assert client.xlen("readings:requests") == 1

    def test_entry_ends_the_wait_without_a_request(
        self, journal: Journal, requests: CommitRequests
    ) -> None:
        end = journal.publish([message(1)])
        timer = threading.Timer(0.05, journal.publish, [[message(2)]])
        timer.start()
        before = time.monotonic()
        assert not requests.wait(end, 10.0, after=end.entry)
        assert time.monotonic() - before < 5.0
        timer.join()

    def test_malformed_request_is_a_request(
        self, broker: Broker, journal: Journal, requests: CommitRequests
    ) -> None:
        end = journal.publish([message(1)])
        client: Any = broker.client
        for fields in ({"x": "y"}, {"epoch": "\xff", "entry": "x"}):
            client.xadd(broker.keys.requests, fields)
            assert requests.wait(end, 5.0)


class TestWait:
    """A reader waits for the commit, and no longer than it was told."""

    def test_reader_waits_for_the_acknowledgement(
        self, broker: Broker, journal: Journal, lease: Lease
    ) -> None:
        end = journal.publish([message(1)])
        timer = threading.Timer(0.1, commit, [journal, lease, end])
        timer.start()
        assert CommitWaiter(broker).wait(10.0) is True
        timer.join()

    def test_reader_does_not_wait_for_later_readings(
        self, broker: Broker, journal: Journal, lease: Lease
    ) -> None:
        end = journal.publish([message(1)])

        def publish_and_commit() -> None:
            journal.publish([message(2)])
            commit(journal, lease, end)

        timer = threading.Timer(0.05, publish_and_commit)
        timer.start()
        assert CommitWaiter(broker).wait(10.0) is True
        timer.join()

    def test_reader_without_a_writer_stops_waiting(self, broker: Broker, journal: Journal) -> None:
        journal.publish([message(1)])
        before = time.monotonic()
        assert CommitWaiter(broker).wait(0.1) is False
        assert time.monotonic() - before < 1.0

    def test_new_journal_is_waited_for(
        self, broker: Broker, journal: Journal, lease: Lease
    ) -> None:
        client: Any = broker.client
        journal.publish([message(1)])

        def replace_journal() -> None:
            client.delete(JOURNAL, STATE)
            end = journal.publish([message(2)])
            commit(journal, lease, end)

        timer = threading.Timer(0.05, replace_journal)
        timer.start()
        assert CommitWaiter(broker).wait(10.0) is True
        timer.join()


@pytest.mark.redis
def test_reader_of_a_killed_server_gets_an_error(
    redis_server: RedisServer, own_broker: Broker
) -> None:
    Journal(own_broker).publish([message(1)])
    redis_server.kill()
    with pytest.raises(BrokerUnavailableError):
        CommitWaiter(own_broker).wait()


@pytest.mark.redis
def test_command_does_not_wait_for_a_frozen_redis(
    redis_server: RedisServer, settings: Settings
) -> None:
    redis_server.process.freeze()
    try:
        before = time.monotonic()
        wait_for_commit(replace(settings, redis_url=redis_server.url))
        assert time.monotonic() - before < MAX_WAIT_SECONDS + 2
    finally:
        redis_server.process.thaw()

"""Readings that are held back while the journal takes none."""

import logging
import threading
from collections.abc import Sequence
from dataclasses import replace
from typing import cast

import fakeredis
import pytest

from services.broker import Broker, Journal, Message
from services.concurrency import Shutdown
from services.errors import BrokerUnavailableError
from services.formats.json import decode_entry
from services.position import JOURNAL_START, Cursor
from services.producer.outbox import Outbox
from services.reading import Reading
from services.settings import Settings
from tests.support.servers import PATIENCE, wait_until


@pytest.fixture
def server() -> fakeredis.FakeServer:
    """A Redis that is away as long as `connected` is false."""
    return fakeredis.FakeServer()


@pytest.fixture
def journal(server: fakeredis.FakeServer, settings: Settings) -> Journal:
    return Journal(Broker(fakeredis.FakeRedis(server=server), settings))


def some(start: int, count: int) -> list[Reading]:
    return [Reading("a", ts, float(ts)) for ts in range(start, start + count)]


def published(journal: Journal) -> list[int]:
    """The times of all readings in the journal, in its order."""
    entries = journal.read(JOURNAL_START, 10_000).entries
    return [r.ts for entry in entries for r in decode_entry(entry.text).readings]


def test_what_is_put_in_is_sent_in_order(journal: Journal) -> None:
    outbox = Outbox(journal, 20_000)
    outbox.add(some(0, 7_000))
    outbox.add(some(7_000, 5_000))
    assert outbox.flush()
    assert len(outbox) == 0
    assert published(journal) == list(range(12_000))


def test_an_empty_outbox_makes_no_call(journal: Journal) -> None:
    assert Outbox(journal, 10).flush()
    assert journal.epoch() is None


def test_readings_wait_until_redis_is_back(journal: Journal, server: fakeredis.FakeServer) -> None:
    outbox = Outbox(journal, 20_000)
    server.connected = False
    outbox.add(some(0, 6_000))
    assert not outbox.flush()
    outbox.add(some(6_000, 100))
    assert not outbox.flush()
    assert len(outbox) == 6_100
    server.connected = True
    assert outbox.flush()
    assert published(journal) == list(range(6_100))


def test_beyond_the_bound_the_oldest_go_first(
    journal: Journal, server: fakeredis.FakeServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    outbox = Outbox(journal, 100)
    server.connected = False
    for start in range(0, 250, 50):
        outbox.add(some(start, 50))
        assert not outbox.flush()
    assert len(outbox) == 100
    server.connected = True
    assert outbox.flush()
    assert published(journal) == list(range(150, 250))
    assert [r.levelname for r in caplog.records] == ["WARNING", "INFO"]
    assert ": 100 were late, 150 were dropped" in caplog.records[-1].message


def test_a_full_journal_holds_readings_back_too(
    server: fakeredis.FakeServer, settings: Settings
) -> None:
    client = fakeredis.FakeRedis(server=server)
    journal = Journal(Broker(client, replace(settings, journal_max_entries=1)))
    outbox = Outbox(journal, 100)
    outbox.add(some(0, 1))
    assert outbox.flush()
    outbox.add(some(1, 1))
    assert not outbox.flush()
    assert len(outbox) == 1
    client.delete("readings:journal")
    assert outbox.flush()
    assert published(journal) == [1]


def test_a_thread_sends_until_it_is_stopped(journal: Journal, server: fakeredis.FakeServer) -> None:
    outbox, stop = Outbox(journal, 100), Shutdown()
    server.connected = False
    thread = threading.Thread(target=outbox.run, args=[stop])
    thread.start()
    outbox.add(some(0, 10))
    server.connected = True
    outbox.add(some(10, 10))
    wait_until("the readings are published", lambda: published(journal) == list(range(20)))
    stop.request()
    thread.join(PATIENCE)
    assert not thread.is_alive()


class FailingJournal(Journal):
    """A journal that takes so many calls and then none, until it is told otherwise."""

    def __init__(self, broker: Broker) -> None:
        super().__init__(broker)
        self.calls = 0

    def publish(self, messages: Sequence[Message]) -> Cursor:
        if self.calls == 0:
            raise BrokerUnavailableError("away")
        self.calls -= 1
        return super().publish(messages)


@pytest.fixture
def failing(server: fakeredis.FakeServer, settings: Settings) -> FailingJournal:
    return FailingJournal(Broker(fakeredis.FakeRedis(server=server), settings))


def test_every_reading_is_sent_or_counted_as_dropped(
    failing: FailingJournal, caplog: pytest.LogCaptureFixture
) -> None:
    """Also when a flush fails in its middle, and the part that it held comes back too late."""
    caplog.set_level(logging.INFO)
    outbox = Outbox(failing, 12_000)
    outbox.add(some(0, 12_000))
    failing.calls = 1
    assert not outbox.flush()
    assert published(failing) == list(range(5_000))
    outbox.add(some(12_000, 9_000))
    failing.calls = 1
    assert not outbox.flush()
    outbox.add(some(21_000, 6_000))
    assert (len(outbox), outbox.dropped) == (12_000, 5_000)
    failing.calls = 100
    assert outbox.flush()
    sent = published(failing)
    assert len(sent) == len(set(sent)) == 27_000 - 5_000
    # The first part went before the fault began: 17,000 of 22,000 were late.
    (said,) = [
        r.message for r in caplog.records if r.message.startswith("readings sent again after ")
    ]
    assert said.endswith(" s: 17000 were late, 5000 were dropped")
    assert (len(outbox), outbox.dropped) == (0, 0)


def test_a_reading_in_a_call_that_is_under_way_is_not_forgotten(
    server: fakeredis.FakeServer, settings: Settings
) -> None:
    """What is put in meanwhile takes the place of the oldest, which come back without a place."""

    class Slow(Journal):
        def publish(self, _messages: Sequence[Message]) -> Cursor:
            assert len(outbox) == 10
            outbox.add(some(10, 8))
            assert len(outbox) == 18
            raise BrokerUnavailableError("away")

    outbox = Outbox(Slow(Broker(fakeredis.FakeRedis(server=server), settings)), 10)
    outbox.add(some(0, 10))
    assert not outbox.flush()
    assert (len(outbox), outbox.dropped) == (10, 8)


def test_what_is_dropped_without_a_fault_is_said(
    journal: Journal, caplog: pytest.LogCaptureFixture
) -> None:
    outbox = Outbox(journal, 5)
    outbox.add(some(0, 8))
    assert outbox.flush()
    assert published(journal) == [3, 4, 5, 6, 7]
    assert [r.message for r in caplog.records] == [
        "readings came faster than they could be sent: 3 were dropped"
    ]
    assert outbox.dropped == 0


def test_an_error_that_nobody_expects_ends_the_process(journal: Journal) -> None:
    outbox, stop = Outbox(journal, 100), Shutdown()
    outbox.add([*some(0, 2), Reading("a", 1, cast("float", object()))])
    outbox.start(stop)
    assert stop.wait(PATIENCE)
    with pytest.raises(TypeError):
        outbox.join(PATIENCE)
    assert len(outbox) == 3

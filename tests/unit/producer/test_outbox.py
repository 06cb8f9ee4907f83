"""The outbox: readings that are held back while the journal accepts none."""

import logging
import threading
from collections.abc import Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import cast

import fakeredis
import pytest

from services.broker import Broker, Journal, Message
from services.cli.supervise.fake_server import new_fake_server
from services.concurrency import Shutdown
from services.errors import BrokerUnavailableError, JournalFullError
from services.formats.json import decode_entry
from services.point import SeriesPoints
from services.position import JOURNAL_START, Cursor
from services.producer.outbox import Outbox
from services.reading import Reading
from services.settings import Settings
from tests.support.journals import readings_in
from tests.support.waiting import TIMEOUT_SECONDS, wait_until


@pytest.fixture
def server() -> fakeredis.FakeServer:
    """A Redis that is unavailable while `connected` is false."""
    return new_fake_server()


@pytest.fixture
def journal(server: fakeredis.FakeServer, settings: Settings) -> Journal:
    return Journal(Broker(fakeredis.FakeRedis(server=server), settings))


def numbered(start: int, count: int) -> list[Reading]:
    """Make readings whose times and values are the numbers from `start` on."""
    return [Reading("a", ts, float(ts)) for ts in range(start, start + count)]


def sent_times(journal: Journal) -> list[int]:
    """Return the times of all readings in the journal, in its order."""
    return [reading.ts for reading in readings_in(journal)]


def flush_in_vain(outbox: Outbox) -> None:
    with pytest.raises((BrokerUnavailableError, JournalFullError)):
        outbox.flush()


def test_readings_are_sent_in_order(journal: Journal) -> None:
    outbox = Outbox(journal, 20_000)
    outbox.add(numbered(0, 7_000))
    outbox.add(numbered(7_000, 5_000))
    outbox.flush()
    assert len(outbox) == 0
    assert sent_times(journal) == list(range(12_000))


def test_points_are_sent_with_their_series(journal: Journal) -> None:
    outbox = Outbox(journal, 20_000)
    outbox.add([Reading("lines", 1, 1.0)], {"lines": None})
    outbox.add([Reading("json", 1, 1.0)])
    outbox.flush()
    decoded = [decode_entry(entry.text) for entry in journal.read(JOURNAL_START, 10).entries]
    assert [one.points for one in decoded] == [{"lines": None}, {}]


def test_points_that_are_added_while_others_are_sent_do_not_replace_them(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.producer.outbox._MAX_POINTS", 0)
    outbox = Outbox(journal, 10)
    outbox.add([Reading("a", 1, 1.0)], {"a": None})

    def add_another(readings: Sequence[Reading], points: SeriesPoints) -> list[Message]:
        outbox.add([], {"b": None})
        return Message.of(readings, points)

    monkeypatch.setattr("services.producer.outbox.Message", SimpleNamespace(of=add_another))
    outbox.flush()
    (entry,) = journal.read(JOURNAL_START, 10).entries
    assert decode_entry(entry.text).points == {"a": None}


def test_empty_outbox_sends_nothing(journal: Journal) -> None:
    Outbox(journal, 10).flush()
    assert journal.epoch() is None


def test_readings_are_held_until_redis_is_back(
    journal: Journal, server: fakeredis.FakeServer
) -> None:
    outbox = Outbox(journal, 20_000)
    server.connected = False
    outbox.add(numbered(0, 6_000))
    flush_in_vain(outbox)
    outbox.add(numbered(6_000, 100))
    flush_in_vain(outbox)
    assert len(outbox) == 6_100
    server.connected = True
    outbox.flush()
    assert sent_times(journal) == list(range(6_100))


def test_oldest_readings_above_the_bound_are_dropped(
    journal: Journal, server: fakeredis.FakeServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    outbox = Outbox(journal, 100)
    server.connected = False
    for start in range(0, 250, 50):
        outbox.add(numbered(start, 50))
        flush_in_vain(outbox)
    assert len(outbox) == 100
    server.connected = True
    outbox.flush()
    assert sent_times(journal) == list(range(150, 250))
    assert [r.levelname for r in caplog.records] == ["WARNING", "INFO"]
    assert ": 100 readings were late, 150 were dropped" in caplog.records[-1].message


def test_readings_are_held_while_the_journal_is_full(
    server: fakeredis.FakeServer, settings: Settings
) -> None:
    client = fakeredis.FakeRedis(server=server)
    journal = Journal(Broker(client, replace(settings, journal_max_entries=1)))
    outbox = Outbox(journal, 100)
    outbox.add(numbered(0, 1))
    outbox.flush()
    outbox.add(numbered(1, 1))
    flush_in_vain(outbox)
    assert len(outbox) == 1
    client.delete("readings:journal")
    outbox.flush()
    assert sent_times(journal) == [1]


def test_thread_sends_until_the_shutdown(journal: Journal, server: fakeredis.FakeServer) -> None:
    outbox, shutdown = Outbox(journal, 100), Shutdown()
    server.connected = False
    thread = threading.Thread(target=outbox.run, args=[shutdown])
    thread.start()
    outbox.add(numbered(0, 10))
    server.connected = True
    outbox.add(numbered(10, 10))
    wait_until("the readings are sent", lambda: sent_times(journal) == list(range(20)))
    shutdown.request()
    thread.join(TIMEOUT_SECONDS)
    assert not thread.is_alive()


def test_shutdown_sends_the_last_readings(journal: Journal) -> None:
    outbox, shutdown = Outbox(journal, 100), Shutdown()
    outbox.add(numbered(0, 10))
    shutdown.request()
    outbox.start(shutdown)
    outbox.join(TIMEOUT_SECONDS)
    assert sent_times(journal) == list(range(10))


def test_shutdown_without_redis_leaves_readings_held(
    journal: Journal, server: fakeredis.FakeServer
) -> None:
    outbox, shutdown = Outbox(journal, 100), Shutdown()
    server.connected = False
    outbox.add(numbered(0, 10))
    shutdown.request()
    outbox.start(shutdown)
    outbox.join(TIMEOUT_SECONDS)
    assert len(outbox) == 10


class LimitedJournal(Journal):
    """A journal that is unavailable after `calls_left` calls."""

    def __init__(self, broker: Broker) -> None:
        super().__init__(broker)
        self.calls_left = 0

    def publish(self, messages: Sequence[Message]) -> Cursor:
        if self.calls_left == 0:
            raise BrokerUnavailableError("Redis is down")
        self.calls_left -= 1
        return super().publish(messages)


@pytest.fixture
def limited(server: fakeredis.FakeServer, settings: Settings) -> LimitedJournal:
    return LimitedJournal(Broker(fakeredis.FakeRedis(server=server), settings))


def test_every_reading_is_sent_or_counted_as_dropped(
    limited: LimitedJournal, caplog: pytest.LogCaptureFixture
) -> None:
    """Also if a flush fails after its first batch, and the second one is put back too late."""
    caplog.set_level(logging.INFO)
    outbox = Outbox(limited, 12_000)
    outbox.add(numbered(0, 12_000))
    limited.calls_left = 1
    flush_in_vain(outbox)
    assert sent_times(limited) == list(range(5_000))
    outbox.add(numbered(12_000, 9_000))
    limited.calls_left = 1
    flush_in_vain(outbox)
    outbox.add(numbered(21_000, 6_000))
    assert (len(outbox), outbox.dropped) == (12_000, 5_000)
    limited.calls_left = 100
    outbox.flush()
    sent = sent_times(limited)
    assert len(sent) == len(set(sent)) == 27_000 - 5_000
    # The first batch was sent before the fault began: 17,000 of 22,000 readings were late.
    (recovery,) = [
        r.message for r in caplog.records if r.message.startswith("publishing resumed after ")
    ]
    assert recovery.endswith(" s: 17000 readings were late, 5000 were dropped")
    assert (len(outbox), outbox.dropped) == (0, 0)


def test_readings_of_a_running_call_count_as_held(
    server: fakeredis.FakeServer, settings: Settings
) -> None:
    """Readings that are added during the call take the place of the oldest, which are dropped."""

    class SlowJournal(Journal):
        def publish(self, _messages: Sequence[Message]) -> Cursor:
            assert len(outbox) == 10
            outbox.add(numbered(10, 8))
            assert len(outbox) == 18
            raise BrokerUnavailableError("Redis is down")

    outbox = Outbox(SlowJournal(Broker(fakeredis.FakeRedis(server=server), settings)), 10)
    outbox.add(numbered(0, 10))
    flush_in_vain(outbox)
    assert (len(outbox), outbox.dropped) == (10, 8)


def test_readings_dropped_without_a_fault_are_logged(
    journal: Journal, caplog: pytest.LogCaptureFixture
) -> None:
    outbox = Outbox(journal, 5)
    outbox.add(numbered(0, 8))
    outbox.flush()
    assert sent_times(journal) == [3, 4, 5, 6, 7]
    assert [r.message for r in caplog.records] == [
        "3 readings dropped: they came faster than they could be sent"
    ]
    assert outbox.dropped == 0


def test_unexpected_error_requests_the_shutdown(journal: Journal) -> None:
    outbox, shutdown = Outbox(journal, 100), Shutdown()
    outbox.add([*numbered(0, 2), Reading("a", 1, cast("float", object()))])
    outbox.start(shutdown)
    assert shutdown.wait(TIMEOUT_SECONDS)
    with pytest.raises(TypeError):
        outbox.join(TIMEOUT_SECONDS)
    assert len(outbox) == 3

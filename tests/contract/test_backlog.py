"""Large calls are appended as a whole, and published in steps and in the journal's order."""

import threading
import time
from typing import Any

import pytest

from services.broker import Announcement, Appended, Broker, Journal, Lease, Message, Subscription
from services.broker.append_script import MAX_STEP_BYTES
from services.broker.backlog import Backlog
from services.errors import JournalFullError
from services.position import Cursor
from tests.support.journals import (
    JOURNAL,
    message,
    next_texts,
    state,
    with_bound,
)
from tests.support.waiting import TIMEOUT_SECONDS, wait_until

BACKLOG = "readings:backlog"


def large_messages(count: int, size_bytes: int = MAX_STEP_BYTES // 2) -> list[Message]:
    """Return messages of this size, padded with spaces."""
    return [Message(1, message(second).text.ljust(size_bytes)) for second in range(count)]


def append_only(journal: Journal, messages: list[Message]) -> Cursor:
    """Append a large call as a publisher that dies before it publishes anything."""
    (result,) = journal.publish_many([messages])
    assert isinstance(result, Appended)
    assert result.has_backlog
    return result.cursor


def publish_all(journal: Journal) -> None:
    """Publish the whole backlog without waiting for the pauses."""
    client: Any = journal.backlog._client
    while journal.backlog.publish_step() is not None:
        run = client.lindex(BACKLOG, 0)
        if run is not None:
            client.lset(BACKLOG, 0, b"0 " + run.partition(b" ")[2])


def announced_ids(channel: Subscription, count: int) -> list[str]:
    return [text.split(b'"')[3].decode() for text in next_texts(channel, count)]


def journal_ids(broker: Broker, epoch: str) -> list[str]:
    entries: Any = broker.client.execute_command("XRANGE", JOURNAL, "-", "+")
    return [f"{epoch}:{entry.decode()}" for entry, _ in entries]


def test_large_call_is_published_before_it_returns(
    broker: Broker, journal: Journal, channel: Subscription
) -> None:
    messages = large_messages(5)
    cursor = journal.publish(messages)
    texts = next_texts(channel, 5)
    ids = journal_ids(broker, cursor.epoch)
    assert texts == [
        b'{"id":"%b",' % id_.encode() + m.text[1:] for id_, m in zip(ids, messages, strict=True)
    ]
    assert not broker.client.exists(BACKLOG)


def test_calls_behind_a_large_one_keep_the_order_of_the_journal(
    broker: Broker, journal: Journal, channel: Subscription, lease: Lease
) -> None:
    adopted = Subscription(broker, [broker.keys.adopted])
    assert adopted.get(5.0) is not None
    epoch = append_only(journal, large_messages(4)).epoch
    journal.publish([message(10)])
    journal.append_external([message(11)], lease)
    journal.publish([message(12)])
    publish_all(journal)
    ids = journal_ids(broker, epoch)
    assert announced_ids(channel, 6) == [*ids[:5], ids[6]]
    assert announced_ids(adopted, 1) == [ids[5]]
    journal.publish([message(13)])
    assert announced_ids(channel, 1) == journal_ids(broker, epoch)[-1:]
    adopted.close()


def test_step_is_bounded_and_the_next_one_must_wait(
    journal: Journal, channel: Subscription
) -> None:
    append_only(journal, large_messages(5))
    delay = journal.backlog.publish_step()
    assert delay is not None
    assert delay > 0
    assert len(next_texts(channel, 2)) == 2
    publish_all(journal)
    assert len(next_texts(channel, 3)) == 3


def test_several_publishers_together_keep_the_pause(broker: Broker, journal: Journal) -> None:
    append_only(journal, large_messages(8))
    steps = [Backlog(broker) for _ in range(4)]
    started = time.monotonic()
    while any(backlog.publish_step() is not None for backlog in steps):
        pass
    # Four steps of two messages, with three pauses between them.
    assert time.monotonic() - started > 0.1


def test_pause_is_skipped_after_the_clock_of_redis_was_set_back(
    broker: Broker, journal: Journal, channel: Subscription
) -> None:
    append_only(journal, large_messages(3))
    client: Any = broker.client
    run = client.lindex(BACKLOG, 0)
    client.lset(BACKLOG, 0, b"99999999999999 " + run.partition(b" ")[2])
    assert journal.backlog.publish_step() is not None
    assert len(next_texts(channel, 2)) == 2


def test_next_publisher_goes_on_where_a_dead_one_stopped(
    broker: Broker, journal: Journal, channel: Subscription
) -> None:
    append_only(journal, large_messages(3))
    Journal(Broker(broker.client, broker.settings)).publish([message(10)])
    assert len(next_texts(channel, 2)) == 2
    publish_all(journal)
    assert len(next_texts(channel, 2)) == 2


def test_entries_of_the_backlog_are_not_trimmed(
    broker: Broker, channel: Subscription, lease: Lease
) -> None:
    small = Journal(with_bound(broker, entries=6))
    append_only(small, large_messages(4))
    small.acknowledge(small.end(), lease)
    with pytest.raises(JournalFullError):
        small.publish(large_messages(5))
    publish_all(small)
    assert len(next_texts(channel, 4)) == 4
    append_only(small, large_messages(5))
    assert state(broker)["n"] == "9"


def test_acknowledgement_does_not_trim_the_backlog(
    broker: Broker, channel: Subscription, lease: Lease
) -> None:
    small = Journal(with_bound(broker, entries=300, size_bytes=4 * MAX_STEP_BYTES))
    append_only(small, large_messages(7))
    small.acknowledge(small.end(), lease)
    publish_all(small)
    assert len(next_texts(channel, 7)) == 7


def test_new_journal_has_no_backlog(broker: Broker, journal: Journal) -> None:
    append_only(journal, large_messages(3))
    broker.client.delete(JOURNAL)
    journal.publish([message(1)])
    assert not broker.client.exists(BACKLOG)
    append_only(journal, large_messages(3))
    journal.open(journal.epoch() or "")
    assert not broker.client.exists(BACKLOG)


@pytest.mark.parametrize("run", ["", "nonsense", "0 a 1-0", "x y z"])
def test_malformed_run_is_dropped(
    broker: Broker, journal: Journal, channel: Subscription, run: str
) -> None:
    broker.client.rpush(BACKLOG, run)
    journal.publish([message(1)])
    publish_all(journal)
    assert len(next_texts(channel, 1)) == 1
    assert not broker.client.exists(BACKLOG)


@pytest.mark.redis
class TestRealServer:
    """A Redis with the limits that it has by default."""

    @pytest.fixture
    def broker(self, own_broker: Broker) -> Broker:
        return own_broker

    @pytest.mark.long
    def test_call_of_48_mib_cuts_no_subscriber(self, broker: Broker, journal: Journal) -> None:
        subscription = Subscription(broker, [broker.keys.channel])
        assert subscription.get(5.0) is not None
        received: list[Any] = []

        def read() -> None:
            end = time.monotonic() + TIMEOUT_SECONDS
            while len(received) < 96 and time.monotonic() < end:
                event = subscription.get(0.5)
                if event is not None:
                    received.append(type(event))

        reader = threading.Thread(target=read)
        reader.start()
        journal.publish(large_messages(96))
        reader.join()
        assert received == [Announcement] * 96
        subscription.close()

    def test_backlog_is_published_without_memory(
        self, broker: Broker, journal: Journal, channel: Subscription
    ) -> None:
        append_only(journal, large_messages(5))
        broker.client.config_set("maxmemory", 1)
        wait_until("it is published", lambda: journal.backlog.publish_step() is None)
        assert len(next_texts(channel, 5)) == 5

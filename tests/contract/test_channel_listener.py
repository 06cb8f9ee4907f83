"""The channel listener hears everything, and knows when it did not."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest

from services.broker import Broker, Journal, Lease, Message, Subscription
from services.concurrency import Shutdown
from services.position import Cursor, Gap
from services.reading import Reading
from services.writer.channel_listener import ChannelListener, ReceiveQueue
from services.writer.channel_losses import NOT_HEARD, OVERFLOWED, ChannelLosses
from tests.support.channel_bridges import KITCHEN_TEXT, NOW, StartBridge, bridged, publish
from tests.support.journals import has_listeners, message, readings_in
from tests.support.waiting import TIMEOUT_SECONDS, wait_until


@pytest.fixture
def losses() -> ChannelLosses:
    return ChannelLosses()


@contextmanager
def listening(
    broker: Broker, queue: ReceiveQueue, losses: ChannelLosses, heard_at: int | None = None
) -> Iterator[ChannelListener]:
    """Listen for the duration of a block."""
    subscription = Subscription(broker, [broker.keys.channel])
    listener = ChannelListener(
        subscription, queue, losses, lambda: NOW, shutdown=Shutdown(), heard_at=heard_at
    )
    try:
        wait_until("it listens", lambda: listener.heard_at is not None and has_listeners(broker))
        yield listener
    finally:
        broker.client.publish(broker.keys.channel, "the last one")
        listener.close()


def test_messages_that_find_no_room_are_one_gap(broker: Broker, losses: ChannelLosses) -> None:
    queue, gaps = ReceiveQueue(max_messages=2), set[Gap]()

    def gap_is_noted() -> bool:
        gaps.update(losses.take(unfinished=True))
        return bool(gaps)

    with listening(broker, queue, losses):
        for _ in range(5):
            publish(broker, KITCHEN_TEXT)
        wait_until("it is noted", gap_is_noted)
    assert len(queue) == 2
    assert gaps == {Gap(NOW, NOW, None, OVERFLOWED, is_outage=True)}


def test_messages_of_the_journal_take_no_room(
    broker: Broker, journal: Journal, losses: ChannelLosses
) -> None:
    queue = ReceiveQueue()
    with listening(broker, queue, losses) as listener:
        listener.epoch = journal.open()
        journal.publish([message(1), message(2)])
        publish(broker, KITCHEN_TEXT)
        wait_until("it is received", lambda: len(queue))
        assert queue.oldest().text == KITCHEN_TEXT.encode()
        assert listener.other_epoch is None


def test_messages_of_another_instance_take_no_room(broker: Broker, losses: ChannelLosses) -> None:
    queue = ReceiveQueue(max_messages=1)
    with listening(broker, queue, losses) as listener:
        for entry in range(5):
            publish(broker, f'{{"id":"f0e1:{entry}-0","readings":[]}}')
        publish(broker, KITCHEN_TEXT)
        wait_until("it is received", lambda: len(queue))
        assert queue.oldest().text == KITCHEN_TEXT.encode()
        assert listener.other_epoch == "f0e1"
        assert losses.take(unfinished=True) == []


def test_first_subscription_is_no_gap(broker: Broker, losses: ChannelLosses) -> None:
    with listening(broker, ReceiveQueue(), losses):
        pass
    assert losses.take(unfinished=True) == []


def test_time_between_two_subscriptions_is_a_gap(broker: Broker, losses: ChannelLosses) -> None:
    heard_at = NOW - 7
    subscription = Subscription(broker, [broker.keys.channel])
    listener = ChannelListener(
        subscription, ReceiveQueue(), losses, lambda: NOW, shutdown=Shutdown(), heard_at=heard_at
    )
    wait_until("it is noted", lambda: listener.heard_at != heard_at)
    listener.close()
    assert losses.take(unfinished=True) == [Gap(heard_at, NOW, None, NOT_HEARD, is_outage=True)]


class BlockedJournal(Journal):
    """Appends no external message before `released` is set."""

    def __init__(self, broker: Broker) -> None:
        super().__init__(broker)
        self.blocked, self.released = threading.Event(), threading.Event()

    def append_external(self, messages: Sequence[Message], lease: Lease) -> Cursor:
        self.blocked.set()
        assert self.released.wait(TIMEOUT_SECONDS)
        return super().append_external(messages, lease)


@pytest.mark.redis
class TestRealServer:
    """A server that cuts subscribers which don't read."""

    @pytest.fixture
    def broker(self, own_broker: Broker) -> Broker:
        return own_broker

    def test_bridge_listens_while_it_works(
        self, broker: Broker, start_bridge: StartBridge, losses: ChannelLosses
    ) -> None:
        client: Any = broker.client
        # As that of our own server, and more than is published here.
        client.config_set("client-output-buffer-limit", f"pubsub {1 << 26} {1 << 24} 60")
        journal = BlockedJournal(broker)
        start_bridge(broker, journal, losses)
        wait_until("somebody listens", lambda: has_listeners(broker))
        publish(broker, KITCHEN_TEXT)
        assert journal.blocked.wait(TIMEOUT_SECONDS)
        padding = " " * 500_000
        for second in range(100):
            publish(broker, f'{{"series":"a","value":1,"ts":{second}}}{padding}')
        # Redis keeps what a subscriber has not read.
        wait_until(
            "all is received",
            lambda: not any(int(one["omem"]) for one in client.client_list(_type="pubsub")),
        )
        journal.released.set()
        assert len(bridged(broker)) == 101
        assert losses.take(unfinished=True) == []

    def test_junk_loses_no_good_message(
        self, broker: Broker, journal: Journal, start_bridge: StartBridge, losses: ChannelLosses
    ) -> None:
        start_bridge(broker, journal, losses)
        wait_until("somebody listens", lambda: has_listeners(broker))
        junk = b"[" + b"1," * 500_000 + b"1]"
        for second in range(45):
            publish(broker, junk)
            publish(broker, f'{{"series":"a","value":1,"ts":{second}}}')
        expected = [Reading("a", second * 1_000_000, 1.0) for second in range(45)]
        assert bridged(broker) == expected
        assert losses.take(unfinished=True) == []

    def test_cut_subscription_is_one_gap(
        self, broker: Broker, journal: Journal, start_bridge: StartBridge, losses: ChannelLosses
    ) -> None:
        start_bridge(broker, journal, losses)
        wait_until("somebody listens", lambda: has_listeners(broker))
        publish(broker, KITCHEN_TEXT)
        wait_until("it is bridged", lambda: readings_in(journal))
        assert broker.client.execute_command("CLIENT", "KILL", "TYPE", "pubsub") == 1
        wait_until("somebody listens again", lambda: has_listeners(broker))
        assert len(bridged(broker)) == 1
        (gap,) = losses.take(unfinished=True)
        assert (gap.end, gap.lost_count, gap.reason) == (NOW, None, NOT_HEARD)
        assert gap.start is not None
        assert gap.start <= NOW

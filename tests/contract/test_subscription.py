"""A subscription reports when messages may have been missed."""

import json
import time
from collections.abc import Iterator

import pytest

from services.broker import Announcement, Broker, Journal, Resubscribed, Subscription
from services.errors import BrokerUnavailableError
from services.settings import Settings
from tests.support.clock import FakeClock
from tests.support.journals import message, messages_between, next_texts
from tests.support.redis_proxy import RedisProxy
from tests.support.redis_server import RedisServer
from tests.support.waiting import TIMEOUT_SECONDS


def next_event(subscription: Subscription) -> Announcement | Resubscribed:
    end = time.monotonic() + TIMEOUT_SECONDS
    while time.monotonic() < end:
        event = subscription.get(0.1)
        if event is not None:
            return event
    raise AssertionError("no event came")


def test_subscription_begins_with_resubscribed(broker: Broker, journal: Journal) -> None:
    subscription = Subscription(broker, ["readings", "readings:adopted"])
    journal.publish(messages_between(1, 3))
    # One confirmation for both channels, and no announcement before it.
    assert next_event(subscription) == Resubscribed()
    assert len(next_texts(subscription, 2)) == 2
    assert subscription.get(0.01) is None
    subscription.close()


def test_announcements_of_several_channels_keep_their_order(broker: Broker) -> None:
    subscription = Subscription(broker, ["one", "two"])
    assert next_event(subscription) == Resubscribed()
    for channel, text in [("one", "1"), ("two", "2"), ("three", "-"), ("one", "3")]:
        broker.client.publish(channel, text)
    assert [next_event(subscription) for _ in range(3)] == [
        Announcement("one", b"1"),
        Announcement("two", b"2"),
        Announcement("one", b"3"),
    ]
    subscription.close()


def test_announcements_have_the_order_of_the_journal(
    journal: Journal, channel: Subscription
) -> None:
    for start in range(0, 100, 10):
        journal.publish(messages_between(start, start + 10))
    readings = [json.loads(text)["readings"][0] for text in next_texts(channel, 100)]
    assert [reading["value"] for reading in readings] == list(range(100))


def test_answered_ping_keeps_an_idle_subscription_alive(broker: Broker) -> None:
    clock = FakeClock()
    subscription = Subscription(broker, ["readings"], clock)
    assert next_event(subscription) == Resubscribed()
    for _ in range(5):
        clock.now += 4.0
        # The pong is not an event, but it shows that the connection lives.
        assert subscription.get(1.0) is None
    subscription.close()


def test_busy_caller_still_receives_messages(broker: Broker, journal: Journal) -> None:
    clock = FakeClock()
    subscription = Subscription(broker, ["readings"], clock)
    assert next_event(subscription) == Resubscribed()
    clock.now += 4.0
    assert subscription.get(0.0) is None
    journal.publish([message(1)])
    clock.now += 60.0
    # With short waits, the idle subscription would count as silent for 60 s.
    while not isinstance(subscription.get(3.0), Announcement):
        pass
    clock.now += 60.0
    assert subscription.get(1.0) is None
    subscription.close()


@pytest.mark.redis
class TestBrokenConnections:
    """Connections that a real server breaks."""

    @pytest.fixture
    def broker(self, redis_server: RedisServer) -> Iterator[Broker]:
        broker = Broker.connect(Settings.from_environ({"REDIS_URL": redis_server.url}))
        yield broker
        broker.close()

    def texts_until_broken(self, subscription: Subscription) -> list[bytes]:
        """Return the texts received before the connection is reported as broken."""
        texts: list[bytes] = []
        end = time.monotonic() + TIMEOUT_SECONDS
        while time.monotonic() < end:
            try:
                event = subscription.get(0.1)
            except BrokerUnavailableError:
                return texts
            if isinstance(event, Resubscribed):
                return texts
            if event is not None:
                texts.append(event.text)
        raise AssertionError("the broken connection was not reported")

    def test_dead_connection_is_detected_by_a_ping(self, redis_server: RedisServer) -> None:
        clock, proxy = FakeClock(), RedisProxy(redis_server.port).start()
        url = f"redis://127.0.0.1:{proxy.port}/0"
        broker = Broker.connect(Settings.from_environ({"REDIS_URL": url}))
        subscription = Subscription(broker, ["readings"], clock)
        assert next_event(subscription) == Resubscribed()
        proxy.freeze()
        # The silence is measured from the first unanswered ping.
        for seconds in (60.0, 3.0, 3.0):
            clock.now += seconds
            assert subscription.get(0.01) is None
        clock.now += 2.0
        with pytest.raises(BrokerUnavailableError, match="sent nothing for 68 s"):
            subscription.get(0.01)
        subscription.close()
        broker.close()
        proxy.close()

    def test_connection_closed_by_the_server_is_reported(
        self, broker: Broker, journal: Journal, channel: Subscription
    ) -> None:
        journal.publish([message(1)])
        next_texts(channel, 1)
        broker.client.execute_command("CLIENT", "KILL", "TYPE", "pubsub")
        journal.publish([message(2)])
        # The second message was lost on the channel; only the journal has it.
        assert self.texts_until_broken(channel) == []

    def test_new_subscription_works_after_a_restart_of_redis(
        self, broker: Broker, journal: Journal, channel: Subscription, redis_server: RedisServer
    ) -> None:
        journal.publish([message(1)])
        next_texts(channel, 1)
        redis_server.kill()
        redis_server.start()
        assert self.texts_until_broken(channel) == []
        channel.close()
        renewed = Subscription(broker, ["readings"])
        assert next_event(renewed) == Resubscribed()
        journal.publish([message(2)])
        assert len(next_texts(renewed, 1)) == 1
        renewed.close()

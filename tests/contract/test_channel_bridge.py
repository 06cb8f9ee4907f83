"""The channel bridge copies external messages into the journal."""

import json
import logging
import threading
from collections.abc import Iterator

import pytest

from services.broker import Broker, Journal, Lease
from services.concurrency import Shutdown
from services.position import JOURNAL_START, Cursor
from services.reading import Reading
from services.settings import Settings
from services.writer.channel_bridge import ChannelBridge
from services.writer.channel_losses import ChannelLosses
from services.writer.lease_holder import LeaseHolder
from tests.support.channel_bridges import (
    KITCHEN,
    KITCHEN_TEXT,
    NOW,
    StartBridge,
    bridged,
    publish,
)
from tests.support.journals import (
    JOURNAL,
    dead_letters,
    has_listeners,
    message,
    messages_between,
    readings_in,
    with_bound,
)
from tests.support.redis_server import RedisServer
from tests.support.waiting import TIMEOUT_SECONDS, wait_until


@pytest.mark.usefixtures("listening_bridge")
class TestMessages:
    """Only external messages with valid readings are bridged."""

    @pytest.mark.parametrize(
        "text",
        [
            KITCHEN_TEXT,
            ' {"series": "kitchen", "value": 21.5, "ts": null}\n',
            '[{"series":"kitchen","value":21.5}]',
            '{"readings":[{"series":"kitchen","value":21.5}]}',
            '{"id":"kitchen sensor","readings":[{"series":"kitchen","value":21.5}]}',
            '{"id":"Kitchen:1-0","series":"kitchen","value":21.5}',
            '{"id":7,"series":"kitchen","value":21.5}',
            '{"id":"f0e1:99999999999999999999999-0","series":"kitchen","value":21.5}',
        ],
    )
    def test_message_without_id_of_a_journal_is_bridged(self, broker: Broker, text: str) -> None:
        publish(broker, text)
        assert bridged(broker) == [KITCHEN]
        assert dead_letters(broker) == []

    @pytest.mark.parametrize(
        "text",
        [
            '{"id":"f0e1:1-0","readings":[{"series":"kitchen","value":21.5}]}',
            '{"readings":[{"series":"kitchen","value":21.5}],"id":"f0e1:1-0"}',
        ],
    )
    def test_message_of_another_instance_is_not_bridged(
        self, broker: Broker, caplog: pytest.LogCaptureFixture, text: str
    ) -> None:
        for _ in range(3):
            publish(broker, text)
        publish(broker, KITCHEN_TEXT)
        assert bridged(broker) == [KITCHEN]
        assert dead_letters(broker) == []
        if text.startswith('{"id"'):
            sentence = "another Stripchart publishes on the channel readings"
            wait_until("it is logged", lambda: sentence in caplog.text)
            assert caplog.text.count(sentence) == 1

    def test_bridged_readings_keep_time_and_unit(self, broker: Broker) -> None:
        publish(broker, '{"series":"a","value":1,"ts":1795342200.5,"unit":"°C"}')
        publish(broker, '{"series":"a","value":2,"ts":"2026-11-22T10:00:00Z"}')
        assert bridged(broker) == [
            Reading("a", 1_795_342_200_500_000, 1.0, "°C"),
            Reading("a", 1_795_341_600_000_000, 2.0),
        ]

    def test_partly_malformed_message_is_bridged_without_the_malformed_readings(
        self, broker: Broker
    ) -> None:
        text = '[{"series":"a","value":1},{"series":"b","value":NaN},{"series":"c","value":3},4]'
        publish(broker, text)
        assert [r.series for r in bridged(broker)] == ["a", "c"]
        assert dead_letters(broker) == [
            (text.encode(), "reading 1: value must be a finite number", "channel"),
            (text.encode(), "reading 3: a reading must be an object", "channel"),
        ]

    @pytest.mark.parametrize(
        ("text", "reason"),
        [
            (b"hello", "not JSON"),
            (b"", "not JSON"),
            (b"\xff\xfe", "not UTF-8"),
            (b"[" * 100_000, "nested too deeply"),
            (b"21.5", "not a reading"),
            (b'{"series":"a","value":1,"ts":9999999999}', "ahead"),
            (b'{"id":"', "not JSON"),
            (b'[{"series":"a","value":' + b"1" * (1 << 20) + b"}]", "larger than 1048576 bytes"),
        ],
    )
    def test_malformed_message_becomes_a_dead_letter(
        self, broker: Broker, text: bytes, reason: str
    ) -> None:
        publish(broker, text)
        assert bridged(broker) == []
        ((kept, why, source),) = dead_letters(broker)
        assert reason in why
        assert kept == text[:4_096]
        assert source == "channel"

    def test_message_with_many_faults_becomes_22_dead_letters(self, broker: Broker) -> None:
        publish(broker, b"[" + b"1," * 20_000 + b"1]")
        publish(broker, '{"series":"a","value":1}')
        assert [r.value for r in bridged(broker)][-1] == 1.0
        letters = dead_letters(broker)
        assert [reason for _, reason, _ in letters[20:]] == [
            "and 981 more of its readings",
            "after 1000 faults the rest of the message was not read",
        ]

    def test_readings_before_many_faults_are_bridged(self, broker: Broker) -> None:
        publish(broker, b"[" + KITCHEN_TEXT.encode() + b",1" * 20_000 + b"]")
        assert bridged(broker) == [KITCHEN]

    def test_long_list_is_split_into_several_messages(
        self, broker: Broker, journal: Journal
    ) -> None:
        publish(broker, json.dumps([{"series": "a", "value": i} for i in range(2_500)]))
        assert len({r.ts for r in bridged(broker)}) == 2_500
        assert [e.reading_count for e in journal.read(JOURNAL_START, 10).entries] == [
            1_000,
            2_000,
            2_500,
            2_501,
        ]

    def test_message_of_this_journal_is_not_bridged(self, broker: Broker, journal: Journal) -> None:
        journal.publish(messages_between(1, 4))
        publish(broker, KITCHEN_TEXT)
        journal.publish([message(4)])
        assert len(bridged(broker)) == 5
        assert journal.end().sequence == 6

    def test_message_of_a_recreated_journal_is_not_bridged(
        self, broker: Broker, journal: Journal
    ) -> None:
        journal.publish([message(1)])
        assert len(bridged(broker)) == 1
        broker.client.delete(JOURNAL)
        journal.publish([message(2)])
        assert len(bridged(broker)) == 1
        assert journal.end().sequence == 2

    def test_bridged_message_is_announced_with_its_id(
        self, broker: Broker, journal: Journal
    ) -> None:
        listener = broker.client.pubsub(ignore_subscribe_messages=True)
        listener.subscribe("readings:adopted")
        listener.get_message(timeout=5)
        publish(broker, KITCHEN_TEXT)
        wait_until("it is bridged", lambda: readings_in(journal))
        announced = json.loads(listener.get_message(timeout=5)["data"])
        assert Cursor.parse(announced["id"]) == journal.end().cursor
        assert announced["readings"] == [{"series": "kitchen", "ts": 1795342272.0, "value": 21.5}]
        listener.close()


def test_messages_wait_while_the_journal_is_full(
    broker: Broker, start_bridge: StartBridge, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    small = with_bound(broker, entries=10)
    journal = Journal(small)
    lease_holder = start_bridge(small)
    wait_until("somebody listens", lambda: has_listeners(broker))
    journal.publish(messages_between(0, 10))
    for value in range(3):
        publish(broker, f'{{"series":"kitchen","value":{value},"ts":{value}}}')
    wait_until("it is logged", lambda: "external messages paused: " in caplog.text)
    assert len(readings_in(journal)) == 10
    lease_holder.acknowledge(journal.end())
    wait_until("they are bridged", lambda: readings_in(journal)[-1].value == 2.0)
    assert [r.value for r in readings_in(journal) if r.series == "kitchen"] == [0.0, 1.0, 2.0]
    wait_until("it is logged", lambda: "external messages resumed after " in caplog.text)


def test_failure_of_the_thread_requests_the_shutdown(broker: Broker) -> None:
    broken = threading.Event()

    def clock() -> int:
        if broken.is_set():
            raise ZeroDivisionError
        return NOW

    shutdown, journal = Shutdown(), Journal(broker)
    lease_holder = LeaseHolder(journal, Lease(broker, "database"))
    bridge = ChannelBridge(broker, journal, lease_holder, clock, shutdown, losses=ChannelLosses())
    bridge.start()
    wait_until("somebody listens", lambda: has_listeners(broker))
    broken.set()
    assert shutdown.wait(TIMEOUT_SECONDS)
    with pytest.raises(ZeroDivisionError):
        bridge.join()


@pytest.mark.redis
class TestRestart:
    """A Redis that stops and starts again."""

    @pytest.fixture
    def broker(self, redis_server: RedisServer) -> Iterator[Broker]:
        broker = Broker.connect(Settings.from_environ({"REDIS_URL": redis_server.url}))
        yield broker
        broker.close()

    @pytest.mark.usefixtures("listening_bridge")
    def test_messages_are_bridged_again_after_a_restart_of_redis(
        self, broker: Broker, redis_server: RedisServer
    ) -> None:
        publish(broker, KITCHEN_TEXT)
        assert bridged(broker) == [KITCHEN]
        redis_server.kill()
        redis_server.start()
        wait_until("somebody listens again", lambda: has_listeners(broker))
        publish(broker, '{"series":"cellar","value":12}')
        assert bridged(broker) == [KITCHEN, Reading("cellar", NOW + 1, 12.0)]

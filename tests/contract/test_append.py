"""The append script appends, counts and announces all messages of a call, or none."""

import json
from dataclasses import replace
from typing import Any

import pytest

from services.broker import Broker, Journal, Lease, Message, Subscription
from services.errors import JournalFullError
from services.position import JOURNAL_START, Cursor
from services.reading import MAX_READINGS_PER_MESSAGE, MICROSECONDS, Reading
from services.settings import Settings
from tests.support.journals import (
    JOURNAL,
    STATE,
    message,
    messages_between,
    next_texts,
    nothing_announced,
    state,
    times,
    with_bound,
)
from tests.support.redis_server import RedisServer


def test_published_messages_are_appended_counted_and_announced(
    broker: Broker, journal: Journal, channel: Subscription
) -> None:
    messages = [message(1, 2), message(3), message(4, 5, 6)]
    cursor = journal.publish(messages)
    entries = journal.read(JOURNAL_START, 10).entries
    assert [(e.sequence, e.reading_count, e.kind, e.text) for e in entries] == [
        (1, 2, "m", messages[0].text),
        (2, 3, "m", messages[1].text),
        (3, 6, "m", messages[2].text),
    ]
    assert cursor.entry == entries[-1].id
    size = sum(len(m.text) for m in messages)
    assert state(broker) == {"epoch": cursor.epoch, "n": "3", "r": "6", "b": str(size)}
    assert next_texts(channel, 3) == [
        f'{{"id":"{cursor.epoch}:{e.id}",'.encode() + m.text[1:]
        for e, m in zip(entries, messages, strict=True)
    ]


def test_announced_text_is_a_message_with_its_id(journal: Journal, channel: Subscription) -> None:
    reading = Reading("demo.random", 1_793_763_660_123_456, 42.17, "°C")
    cursor = journal.publish(Message.of([reading]))
    (text,) = next_texts(channel, 1)
    assert json.loads(text) == {
        "id": str(cursor),
        "readings": [
            {"series": "demo.random", "ts": 1793763660.123456, "value": 42.17, "unit": "°C"}
        ],
    }


def test_counters_continue_in_the_next_call(broker: Broker, journal: Journal) -> None:
    first = journal.publish([message(1, 2)])
    second = journal.publish([message(3)])
    assert second.epoch == first.epoch
    assert second.entry > first.entry
    entries: Any = broker.client.execute_command("XRANGE", JOURNAL, "-", "+")
    sizes = [len(message(1, 2).text), len(message(1, 2).text) + len(message(3).text)]
    assert [dict(zip(flat[::2], flat[1::2], strict=True)) for _, flat in entries] == [
        {b"m": message(1, 2).text, b"n": b"1", b"r": b"2", b"b": str(sizes[0]).encode()},
        {b"m": message(3).text, b"n": b"2", b"r": b"3", b"b": str(sizes[1]).encode()},
    ]


def test_large_counters_stay_exact(broker: Broker, journal: Journal) -> None:
    journal.publish([message(1)])
    broker.client.hset(STATE, mapping={"n": 10**14, "r": 10**15, "b": 10**15})
    wide = Journal(with_bound(broker, size_bytes=10**16))
    wide.publish([message(2)])
    stored = state(broker)
    assert stored["n"] == "100000000000001"
    assert stored["r"] == "1000000000000001"


def test_many_readings_become_several_messages(journal: Journal) -> None:
    seconds = range(2 * MAX_READINGS_PER_MESSAGE + 1)
    messages = Message.of(Reading("a", t * MICROSECONDS, 0.0) for t in seconds)
    assert [m.reading_count for m in messages] == [
        MAX_READINGS_PER_MESSAGE,
        MAX_READINGS_PER_MESSAGE,
        1,
    ]
    journal.publish(messages)
    assert times(journal) == list(seconds)


def test_call_without_messages_raises_value_error(journal: Journal) -> None:
    with pytest.raises(ValueError, match="no messages"):
        journal.publish([])


def test_key_names_follow_the_channel(broker: Broker) -> None:
    other = Broker(broker.client, replace(broker.settings, channel="plant"))
    Journal(other).publish([message(1)])
    names: Any = broker.client.keys("*")
    assert set(names) == {b"plant:journal", b"plant:state"}


def test_forgotten_scripts_are_loaded_again(broker: Broker, journal: Journal) -> None:
    journal.publish([message(1)])
    broker.client.script_flush()
    journal.publish([message(2)])
    assert times(journal) == [1, 2]


class TestBound:
    """A call that does not fit is refused as a whole."""

    def refused(self, broker: Broker, messages: list[Message], channel: Subscription) -> bool:
        """Return True if the call is refused and changes nothing."""
        journal, before = Journal(broker), state(broker)
        entries = journal.read(JOURNAL_START, 100)
        with pytest.raises(JournalFullError, match="the journal is at its bound") as caught:
            journal.publish(messages)
        return (
            caught.value.transient
            and journal.read(JOURNAL_START, 100) == entries
            and state(broker) == before
            and nothing_announced(broker, channel)
        )

    def test_call_above_the_entry_bound_is_refused(
        self, broker: Broker, channel: Subscription
    ) -> None:
        small = with_bound(broker, entries=4)
        Journal(small).publish(messages_between(1, 4))
        next_texts(channel, 3)
        assert self.refused(small, messages_between(4, 6), channel)
        Journal(small).publish(messages_between(4, 5))
        assert times(Journal(small)) == [1, 2, 3, 4]
        next_texts(channel, 1)
        assert self.refused(small, messages_between(5, 6), channel)

    def test_call_above_the_byte_bound_is_refused(
        self, broker: Broker, channel: Subscription
    ) -> None:
        size = len(message(1).text)
        small = with_bound(broker, size_bytes=3 * size)
        # The bytes of the first entry don't count.
        Journal(small).publish(messages_between(1, 4))
        next_texts(channel, 3)
        assert self.refused(small, messages_between(4, 6), channel)
        Journal(small).publish(messages_between(4, 5))
        next_texts(channel, 1)
        assert self.refused(small, messages_between(5, 6), channel)

    @pytest.mark.parametrize("limits", [{"entries": 1}, {"size_bytes": 60}])
    def test_call_above_the_bound_creates_no_journal(
        self, broker: Broker, channel: Subscription, limits: dict[str, int]
    ) -> None:
        small = with_bound(broker, **limits)
        assert self.refused(small, messages_between(1, 3), channel)
        assert broker.client.exists(JOURNAL, STATE) == 0

    def test_committed_entries_are_trimmed_for_new_ones(self, broker: Broker, lease: Lease) -> None:
        small = with_bound(broker, entries=10)
        journal = Journal(small)
        journal.publish(messages_between(0, 10))
        journal.acknowledge(journal.end(), lease)
        cursor = journal.publish(messages_between(10, 19))
        # The last committed entry stays.
        assert times(journal) == list(range(9, 19))
        assert state(broker)["n"] == "19"
        assert state(broker)["epoch"] == cursor.epoch

    def test_uncommitted_entries_are_never_trimmed_for_new_ones(
        self, broker: Broker, channel: Subscription, lease: Lease
    ) -> None:
        small = with_bound(broker, entries=10)
        journal = Journal(small)
        journal.publish(messages_between(0, 5))
        journal.acknowledge(journal.end(), lease)
        journal.publish(messages_between(5, 10))
        next_texts(channel, 10)
        with pytest.raises(JournalFullError):
            journal.publish(messages_between(10, 15))
        assert nothing_announced(broker, channel)
        # The committed entries were trimmed, which was not enough.
        assert times(journal) == list(range(4, 10))
        journal.publish(messages_between(10, 14))
        assert times(journal) == list(range(4, 14))

    def test_committed_bytes_are_trimmed_for_new_ones(self, broker: Broker, lease: Lease) -> None:
        small = with_bound(broker, size_bytes=10 * len(message(10).text))
        journal = Journal(small)
        journal.publish(messages_between(10, 20))
        journal.acknowledge(journal.end(), lease)
        journal.publish(messages_between(20, 29))
        assert times(journal)[0] == 19
        assert times(journal)[-1] == 28

    def test_emptied_journal_accepts_its_whole_bound(self, broker: Broker) -> None:
        small = with_bound(broker, size_bytes=3 * len(message(1).text))
        journal = Journal(small)
        journal.publish(messages_between(1, 4))
        broker.client.xtrim(JOURNAL, maxlen=0, approximate=False)
        journal.publish(messages_between(4, 7))
        assert times(journal) == [4, 5, 6]
        assert state(broker)["n"] == "6"


class TestEpoch:
    """A journal with a missing part is recreated."""

    @pytest.mark.parametrize("key", [JOURNAL, STATE])
    def test_missing_stream_or_state_creates_a_new_journal(
        self, broker: Broker, journal: Journal, channel: Subscription, key: str
    ) -> None:
        before = journal.publish(messages_between(1, 4))
        next_texts(channel, 3)
        broker.client.delete(key)
        after = journal.publish([message(4, 5)])
        assert after.epoch != before.epoch
        assert times(journal) == [4, 5]
        assert state(broker)["n"] == "1"
        assert state(broker)["r"] == "2"
        (text,) = next_texts(channel, 1)
        assert text.startswith(f'{{"id":"{after}",'.encode())

    def test_new_journal_has_no_acknowledged_checkpoint(
        self, broker: Broker, journal: Journal, lease: Lease
    ) -> None:
        journal.publish(messages_between(1, 4))
        journal.acknowledge(journal.end(), lease)
        broker.client.delete(JOURNAL)
        journal.publish(messages_between(4, 5))
        assert "committed" not in state(broker)

    def test_opened_journal_keeps_its_epoch(self, journal: Journal) -> None:
        epoch = journal.open()
        assert journal.publish([message(1)]).epoch == epoch

    def test_emptied_journal_keeps_epoch_and_counters(
        self, broker: Broker, journal: Journal
    ) -> None:
        before = journal.publish(messages_between(1, 4))
        broker.client.xtrim(JOURNAL, maxlen=0, approximate=False)
        after = journal.publish(messages_between(4, 5))
        assert after.epoch == before.epoch
        assert [e.sequence for e in journal.read(JOURNAL_START, 10).entries] == [4]

    def test_cursor_of_a_publish_can_be_parsed(self, journal: Journal) -> None:
        cursor = journal.publish([message(1)])
        assert Cursor.parse(str(cursor)) == cursor


def test_entries_of_other_tools_have_no_counters(broker: Broker, journal: Journal) -> None:
    broker.client.xadd(JOURNAL, {"hello": "world"})
    journal.publish([message(1)])
    broker.client.xadd(JOURNAL, {"m": "x", "n": "seven"})
    journal.publish([message(2)])
    assert [
        (e.sequence, e.reading_count, e.kind) for e in journal.read(JOURNAL_START, 10).entries
    ] == [
        (1, 1, "m"),
        (0, 0, "m"),
        (2, 2, "m"),
    ]


@pytest.mark.redis
def test_redis_without_memory_neither_appends_nor_publishes(redis_server: RedisServer) -> None:
    broker = Broker.connect(Settings.from_environ({"REDIS_URL": redis_server.url}))
    journal, channel = Journal(broker), Subscription(broker, [broker.keys.channel])
    journal.publish(messages_between(1, 3))
    next_texts(channel, 2)
    before = state(broker)
    broker.client.config_set("maxmemory", 1)
    with pytest.raises(JournalFullError, match="out of memory"):
        journal.publish(messages_between(3, 5))
    assert state(broker) == before
    assert times(journal) == [1, 2]
    assert nothing_announced(broker, channel)
    broker.client.config_set("maxmemory", 0)
    journal.publish(messages_between(3, 5))
    assert times(journal) == [1, 2, 3, 4]
    channel.close()
    broker.close()

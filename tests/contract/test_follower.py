"""The follower receives everything once, and reports only real losses."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from services.broker import (
    Announcement,
    Broker,
    CaughtUp,
    DataLost,
    Disconnected,
    Event,
    Follower,
    Journal,
    JournalSnapshot,
    Message,
    Received,
    Resubscribed,
    Started,
    Subscription,
    read_after,
)
from services.command import Delete
from services.position import Cursor, EntryId
from services.reading import MICROSECONDS
from services.settings import Settings
from tests.support.journals import JOURNAL, STATE, message, messages_between
from tests.support.ports import free_port
from tests.support.waiting import TIMEOUT_SECONDS


@pytest.fixture
def follower(broker: Broker, journal: Journal) -> Follower:
    """A follower at the end of a journal with readings at 1 and 2 seconds."""
    journal.publish(messages_between(1, 3))
    follower = Follower(broker, journal)
    assert list(follower.catch_up()) == [Started(journal.end().cursor), CaughtUp()]
    return follower


def append_unannounced_command(broker: Broker) -> Cursor:
    """Append a command without an announcement, and return its cursor."""
    client: Any = broker.client
    epoch, n, r, b = client.hmget(STATE, "epoch", "n", "r", "b")
    client.hset(STATE, "n", int(n) + 1)
    entry = client.xadd(JOURNAL, {"c": "{}", "n": int(n) + 1, "r": r, "b": b})
    return Cursor(epoch.decode(), EntryId.parse(entry))


def publish(journal: Journal, message: Message) -> Announcement:
    """Publish a message, and return its announcement."""
    cursor = journal.publish([message])
    text = b'{"id":"%s",' % str(cursor).encode() + message.text[1:]
    return Announcement("readings", text)


def seconds(events: Iterator[Event] | list[Event]) -> list[int]:
    """Return the times of the readings in seconds. Fails if there is any other event."""
    times = []
    for event in events:
        assert isinstance(event, Received | CaughtUp), event
        if isinstance(event, Received):
            times += [reading.ts // MICROSECONDS for reading in event.readings]
    return times


def reasons(events: Iterator[Event]) -> list[str]:
    return [event.reason for event in events if isinstance(event, DataLost)]


def trim_to(broker: Broker, entries: int) -> None:
    client: Any = broker.client
    client.xtrim(JOURNAL, maxlen=entries, approximate=False)


def test_message_both_announced_and_read_is_received_once(
    follower: Follower, journal: Journal
) -> None:
    third = publish(journal, message(3))
    fourth = publish(journal, message(4))
    assert seconds(follower.handle_announcement(third)) == [3]
    assert seconds(follower.catch_up()) == [4]
    assert seconds(follower.handle_announcement(fourth)) == []
    assert seconds(follower.catch_up()) == []


def test_id_that_does_not_increase_makes_the_follower_catch_up(
    follower: Follower, journal: Journal
) -> None:
    third = publish(journal, message(3))
    fourth = publish(journal, message(4))
    assert seconds(follower.handle_announcement(third)) == [3]
    publish(journal, message(5))
    # Like a message that came late: no entry that was not read yet may be dropped.
    assert seconds(follower.handle_announcement(third)) == [4, 5]
    assert seconds(follower.handle_announcement(fourth)) == []


def test_missed_command_is_no_gap(broker: Broker, follower: Follower, journal: Journal) -> None:
    append_unannounced_command(broker)
    append_unannounced_command(broker)
    assert seconds(follower.handle_announcement(publish(journal, message(3)))) == [3]
    assert seconds(follower.catch_up()) == []
    append_unannounced_command(broker)
    publish(journal, message(4))
    assert seconds(follower.catch_up()) == [4]


def test_missed_command_is_no_gap_if_the_last_entry_was_trimmed(
    broker: Broker, follower: Follower, journal: Journal
) -> None:
    append_unannounced_command(broker)
    assert seconds(follower.handle_announcement(publish(journal, message(3)))) == [3]
    append_unannounced_command(broker)
    append_unannounced_command(broker)
    publish(journal, message(4))
    trim_to(broker, 1)
    assert seconds(follower.catch_up()) == [4]


def test_journal_can_be_read_after_the_cursor_of_a_command(
    broker: Broker, follower: Follower, journal: Journal
) -> None:
    cursor = append_unannounced_command(broker)
    assert list(follower.catch_up()) == [Received(cursor, []), CaughtUp()]
    publish(journal, message(3))
    page = read_after(journal, cursor, 10)
    assert page is not None
    assert seconds(list(page)) == [3]


def test_announced_command_is_received(
    broker: Broker, follower: Follower, journal: Journal
) -> None:
    subscription = Subscription(broker, [broker.keys.commands])
    assert isinstance(subscription.get(TIMEOUT_SECONDS), Resubscribed)
    cursor = journal.send_commands([Delete("a")])
    announced = subscription.get(TIMEOUT_SECONDS)
    assert isinstance(announced, Announcement)
    assert list(follower.handle_announcement(announced)) == [Received(cursor, [], Delete("a"))]
    assert list(follower.catch_up()) == [CaughtUp()]
    subscription.close()


def test_trimmed_messages_are_reported_as_lost(
    broker: Broker, follower: Follower, journal: Journal
) -> None:
    before = journal.end().cursor
    for each in messages_between(3, 6):
        publish(journal, each)
    trim_to(broker, 1)
    lost, received, end = follower.catch_up()
    assert isinstance(lost, DataLost)
    assert "trimmed" in lost.reason
    assert before.entry < lost.cursor.entry
    assert isinstance(received, Received)
    assert lost.cursor.entry < received.cursor.entry
    assert end == CaughtUp()
    assert read_after(journal, before, 10) is None
    assert seconds(follower.handle_announcement(publish(journal, message(6)))) == [6]
    assert seconds(follower.catch_up()) == []


def test_lost_newest_entries_are_reported_although_new_ones_came(
    broker: Broker, follower: Follower, journal: Journal
) -> None:
    client: Any = broker.client
    lost = journal.end().cursor
    client.xdel(JOURNAL, str(lost.entry))
    client.hset(STATE, mapping={"n": 1, "r": 1})
    for each in messages_between(3, 6):
        publish(journal, each)
    assert reasons(follower.catch_up()) == ["the journal lost its newest entries"]
    assert read_after(journal, lost, 10) is None
    assert seconds(follower.handle_announcement(publish(journal, message(6)))) == [6]


def test_recreated_journal_is_reported_and_read_from_its_start(
    broker: Broker, follower: Follower, journal: Journal
) -> None:
    before = journal.end().cursor
    broker.client.delete(STATE)
    third = publish(journal, message(3))
    lost, received, end = follower.handle_announcement(third)
    assert isinstance(lost, DataLost)
    assert lost.reason == "the journal was lost and recreated"
    assert lost.cursor.epoch != before.epoch
    assert seconds([received, end]) == [3]
    assert read_after(journal, before, 10) is None
    page = read_after(journal, lost.cursor, 10)
    assert page is not None
    assert seconds(list(page)) == [3]


def test_empty_journal_is_followed_from_its_first_entry(broker: Broker, journal: Journal) -> None:
    follower = Follower(broker, journal)
    started, _ = follower.catch_up()
    assert isinstance(started, Started)
    publish(journal, message(1))
    page = read_after(journal, started.cursor, 10)
    assert page is not None
    assert seconds(list(page)) == [1]
    assert seconds(follower.catch_up()) == [1]


def test_catch_up_reads_more_than_one_page(follower: Follower, journal: Journal) -> None:
    journal.publish(messages_between(3, 1_204))
    assert seconds(follower.catch_up()) == list(range(3, 1_204))


def test_external_messages_are_ignored(follower: Follower) -> None:
    for text in (b"", b"no json", b'{"series":"a","value":1}', json.dumps({"id": 1}).encode()):
        assert list(follower.handle_announcement(Announcement("readings", text))) == []


def test_messages_of_another_instance_are_ignored_and_read_the_journal_once(
    follower: Follower, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads, read = [], journal.read

    def count_read(after: EntryId, max_entries: int) -> JournalSnapshot:
        reads.append(after)
        return read(after, max_entries)

    monkeypatch.setattr(journal, "read", count_read)
    for entry in range(5):
        for epoch in ("f0e1", "f0e2"):
            text = b'{"id":"%s:%d-0","readings":[{"series":"other","ts":1,"value":1}]}'
            announcement = Announcement("readings", text % (epoch.encode(), entry))
            assert seconds(follower.handle_announcement(announcement)) == []
    assert len(reads) == 2
    assert seconds(follower.handle_announcement(publish(journal, message(3)))) == [3]


def test_events_start_catch_up_and_go_live(broker: Broker, journal: Journal) -> None:
    follower = Follower(broker, journal)
    events = follower.events()
    assert isinstance(next(events), Started)
    assert next(events) == CaughtUp()
    journal.publish([message(1)])
    assert seconds([next(events)]) == [1]
    cursor = append_unannounced_command(broker)
    follower.request_catch_up()
    assert next(events) == Received(cursor, [])
    assert next(events) == CaughtUp()
    journal.publish([message(2)])
    assert seconds([next(events)]) == [2]
    # Closing the generator closes the connection.
    events.close()  # type: ignore[attr-defined]


def test_each_failed_connection_is_reported() -> None:
    address = f"redis://127.0.0.1:{free_port()}/0"
    broker = Broker.connect(Settings.from_environ({"REDIS_URL": address}))
    events = Follower(broker, Journal(broker)).events()
    assert isinstance(next(events), Disconnected)
    assert isinstance(next(events), Disconnected)
    broker.close()

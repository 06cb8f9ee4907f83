"""Following the journal: holes are told from commands, and what is lost is said."""

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
    """One that stands after the readings of 1 and 2 seconds."""
    journal.publish(messages_between(1, 3))
    made = Follower(broker, journal)
    assert list(made.catch_up()) == [Started(journal.end().cursor), CaughtUp()]
    return made


def unheard_command(broker: Broker) -> Cursor:
    """Append a command whose announcement nobody hears."""
    client: Any = broker.client
    epoch, n, r, b = client.hmget(STATE, "epoch", "n", "r", "b")
    client.hset(STATE, "n", int(n) + 1)
    entry = client.xadd(JOURNAL, {"c": "{}", "n": int(n) + 1, "r": r, "b": b})
    return Cursor(epoch.decode(), EntryId.parse(entry))


def publish(journal: Journal, made: Message) -> Announcement:
    """Publish a message; what the channel says of it."""
    cursor = journal.publish([made])
    text = b'{"id":"%s",' % str(cursor).encode() + made.text[1:]
    return Announcement("readings", text)


def seconds(events: Iterator[Event] | list[Event]) -> list[int]:
    """The times of the readings that arrived; nothing else may have happened."""
    times = []
    for event in events:
        assert isinstance(event, Received | CaughtUp), event
        if isinstance(event, Received):
            times += [reading.ts // MICROSECONDS for reading in event.readings]
    return times


def reasons(events: Iterator[Event]) -> list[str]:
    return [event.reason for event in events if isinstance(event, DataLost)]


def keep(broker: Broker, entries: int) -> None:
    client: Any = broker.client
    client.xtrim(JOURNAL, maxlen=entries, approximate=False)


def test_what_is_announced_and_what_is_read_comes_once(
    follower: Follower, journal: Journal
) -> None:
    third = publish(journal, message(3))
    fourth = publish(journal, message(4))
    assert seconds(follower.handle_announcement(third)) == [3]
    assert seconds(follower.catch_up()) == [4]
    assert seconds(follower.handle_announcement(fourth)) == []
    assert seconds(follower.catch_up()) == []


def test_an_id_that_does_not_increase_means_a_look_at_the_journal(
    follower: Follower, journal: Journal
) -> None:
    third = publish(journal, message(3))
    fourth = publish(journal, message(4))
    assert seconds(follower.handle_announcement(third)) == [3]
    publish(journal, message(5))
    # As good as a message that came late: nothing that was not read may be dropped.
    assert seconds(follower.handle_announcement(third)) == [4, 5]
    assert seconds(follower.handle_announcement(fourth)) == []


def test_commands_are_no_hole(broker: Broker, follower: Follower, journal: Journal) -> None:
    unheard_command(broker)
    unheard_command(broker)
    assert seconds(follower.handle_announcement(publish(journal, message(3)))) == [3]
    assert seconds(follower.catch_up()) == []
    unheard_command(broker)
    publish(journal, message(4))
    assert seconds(follower.catch_up()) == [4]


def test_commands_are_no_hole_where_our_place_was_trimmed(
    broker: Broker, follower: Follower, journal: Journal
) -> None:
    unheard_command(broker)
    assert seconds(follower.handle_announcement(publish(journal, message(3)))) == [3]
    unheard_command(broker)
    unheard_command(broker)
    publish(journal, message(4))
    keep(broker, 1)
    assert seconds(follower.catch_up()) == [4]


def test_a_command_is_a_place_to_go_on_from(
    broker: Broker, follower: Follower, journal: Journal
) -> None:
    cursor = unheard_command(broker)
    assert list(follower.catch_up()) == [Received(cursor, []), CaughtUp()]
    publish(journal, message(3))
    found = read_after(journal, cursor, 10)
    assert found is not None
    assert seconds(list(found)) == [3]


def test_a_command_is_announced_on_a_channel_of_its_own(
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


def test_a_hole_is_said_and_nobody_before_it_is_served(
    broker: Broker, follower: Follower, journal: Journal
) -> None:
    before = journal.end().cursor
    for made in messages_between(3, 6):
        publish(journal, made)
    keep(broker, 1)
    missed, arrived, done = follower.catch_up()
    assert isinstance(missed, DataLost)
    assert "trimmed" in missed.reason
    assert before.entry < missed.cursor.entry
    assert isinstance(arrived, Received)
    assert missed.cursor.entry < arrived.cursor.entry
    assert done == CaughtUp()
    assert read_after(journal, before, 10) is None
    assert seconds(follower.handle_announcement(publish(journal, message(6)))) == [6]
    assert seconds(follower.catch_up()) == []


def test_a_lost_tail_is_said_although_the_journal_grew_again(
    broker: Broker, follower: Follower, journal: Journal
) -> None:
    client: Any = broker.client
    place = journal.end().cursor
    client.xdel(JOURNAL, str(place.entry))
    client.hset(STATE, mapping={"n": 1, "r": 1})
    for made in messages_between(3, 6):
        publish(journal, made)
    assert reasons(follower.catch_up()) == ["the journal lost its newest entries"]
    assert read_after(journal, place, 10) is None
    assert seconds(follower.handle_announcement(publish(journal, message(6)))) == [6]


def test_a_new_journal_is_said_and_read_from_where_it_is_new(
    broker: Broker, follower: Follower, journal: Journal
) -> None:
    before = journal.end().cursor
    broker.client.delete(STATE)
    third = publish(journal, message(3))
    missed, arrived, done = follower.handle_announcement(third)
    assert isinstance(missed, DataLost)
    assert missed.reason == "the journal was lost and recreated"
    assert missed.cursor.epoch != before.epoch
    assert seconds([arrived, done]) == [3]
    assert read_after(journal, before, 10) is None
    found = read_after(journal, missed.cursor, 10)
    assert found is not None
    assert seconds(list(found)) == [3]


def test_an_empty_journal_is_followed_from_its_beginning(broker: Broker, journal: Journal) -> None:
    follower = Follower(broker, journal)
    began, _ = follower.catch_up()
    assert isinstance(began, Started)
    publish(journal, message(1))
    found = read_after(journal, began.cursor, 10)
    assert found is not None
    assert seconds(list(found)) == [1]
    assert seconds(follower.catch_up()) == [1]


def test_more_than_a_page_is_caught_up_with(follower: Follower, journal: Journal) -> None:
    journal.publish(messages_between(3, 1_204))
    assert seconds(follower.catch_up()) == list(range(3, 1_204))


def test_strangers_without_an_id_of_ours_are_passed_over(follower: Follower) -> None:
    for text in (b"", b"no json", b'{"series":"a","value":1}', json.dumps({"id": 1}).encode()):
        assert list(follower.handle_announcement(Announcement("readings", text))) == []


def test_events_begin_go_live_and_hear_strangers_once_adopted(
    broker: Broker, journal: Journal
) -> None:
    follower = Follower(broker, journal)
    events = follower.events()
    assert isinstance(next(events), Started)
    assert next(events) == CaughtUp()
    journal.publish([message(1)])
    assert seconds([next(events)]) == [1]
    cursor = unheard_command(broker)
    follower.request_catch_up()
    assert next(events) == Received(cursor, [])
    assert next(events) == CaughtUp()
    journal.publish([message(2)])
    assert seconds([next(events)]) == [2]
    # Closed by whoever listens, it lets go of its connection.
    events.close()  # type: ignore[attr-defined]


def test_a_redis_that_is_away_is_said_each_time() -> None:
    address = f"redis://127.0.0.1:{free_port()}/0"
    broker = Broker.connect(Settings.from_environ({"REDIS_URL": address}))
    events = Follower(broker, Journal(broker)).events()
    assert isinstance(next(events), Disconnected)
    assert isinstance(next(events), Disconnected)
    broker.close()

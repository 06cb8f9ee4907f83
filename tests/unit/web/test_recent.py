"""Ring buffer of recent messages."""

import pytest

from services.position import Cursor, EntryId
from services.reading import Reading
from services.web.live.notice import Notice
from services.web.live.recent import LiveMessage, RecentMessages


def message(entry: int, reading_count: int = 1) -> LiveMessage:
    return LiveMessage(EntryId(entry, 0), [Reading("a", 1, 1.0)] * reading_count)


def cursor(entry: int, epoch: str = "abc") -> Cursor:
    return Cursor(epoch, EntryId(entry, 0))


@pytest.fixture
def recent() -> RecentMessages:
    """A buffer of five readings that starts after entry 10."""
    recent = RecentMessages(max_readings=5)
    recent.restart(cursor(10))
    return recent


def entries(messages: list[LiveMessage] | None) -> list[int] | None:
    return None if messages is None else [message.entry.milliseconds for message in messages]


def test_buffer_before_restart_reaches_nowhere() -> None:
    recent = RecentMessages()
    assert recent.floor is None
    assert recent.since(cursor(10)) is None


def test_since_returns_messages_after_cursor(recent: RecentMessages) -> None:
    for entry in (11, 12, 13):
        recent.append(message(entry))
    assert entries(recent.since(cursor(10))) == [11, 12, 13]
    assert entries(recent.since(cursor(12))) == [13]
    assert entries(recent.since(cursor(13))) == []


def test_since_before_floor_or_of_other_epoch_is_none(recent: RecentMessages) -> None:
    assert recent.since(cursor(9)) is None
    assert recent.since(cursor(10, "other")) is None
    assert entries(recent.since(cursor(10))) == []


def test_full_buffer_drops_oldest_messages(recent: RecentMessages) -> None:
    for entry in (11, 12, 13):
        recent.append(message(entry, reading_count=2))
    assert recent.floor == cursor(11)
    assert recent.since(cursor(10)) is None
    assert entries(recent.since(cursor(11))) == [12, 13]


def test_message_larger_than_buffer_is_kept_alone(recent: RecentMessages) -> None:
    recent.append(message(11))
    recent.append(message(12, reading_count=50))
    assert entries(recent.since(cursor(11))) == [12]
    assert recent.since(cursor(10)) is None


def test_commands_count_as_one_reading(recent: RecentMessages) -> None:
    for entry in range(11, 18):
        recent.append(LiveMessage(EntryId(entry, 0), [], Notice("changed", ["a"])))
    assert entries(recent.since(cursor(12))) == [13, 14, 15, 16, 17]
    assert recent.since(cursor(11)) is None


def test_restart_forgets_messages_and_begins_a_generation(recent: RecentMessages) -> None:
    recent.append(message(11))
    generation = recent.generation
    recent.restart(cursor(5, "new"))
    assert recent.generation == generation + 1
    assert recent.floor == cursor(5, "new")
    assert entries(recent.since(cursor(5, "new"))) == []
    assert recent.since(cursor(11)) is None

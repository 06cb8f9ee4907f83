"""A page that was requested ahead is never better than one that is read now."""

from dataclasses import replace
from typing import Any

import pytest

from services.broker import Broker, ContiguousBatch, Journal, ReadAhead
from services.broker.round_trip import RoundTrip, SentCommands
from services.errors import BrokerUnavailableError
from services.position import JOURNAL_START, Checkpoint, Cursor
from services.settings import Settings
from tests.support.journals import STATE, message, messages_between
from tests.support.ports import free_port
from tests.support.recordings import Recording, lose_newest_entries


@pytest.fixture
def start(journal: Journal) -> Checkpoint:
    """The position before a journal of ten entries."""
    start = Checkpoint(Cursor(journal.open(), JOURNAL_START), 0, 0)
    journal.publish(messages_between(0, 10))
    return start


@pytest.fixture
def read_ahead(journal: Journal) -> ReadAhead:
    return ReadAhead(journal)


@pytest.mark.parametrize("max_entries", [4, 10])
def test_full_page_that_was_requested_is_used(
    journal: Journal, start: Checkpoint, max_entries: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = journal.read_after(start, max_entries)
    read_ahead = ReadAhead(journal)
    read_ahead.request(start, max_entries)
    journal.publish([message(10)])
    monkeypatch.delattr(Journal, "read_after")
    assert read_ahead.read_after(start, max_entries) == expected


def test_last_page_that_was_requested_is_used(
    journal: Journal, start: Checkpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = journal.read_after(start, 20)
    read_ahead = ReadAhead(journal)
    read_ahead.request(start, 20)
    monkeypatch.delattr(Journal, "read_after")
    assert read_ahead.read_after(start, 20) == expected


def test_page_that_was_the_last_one_is_not_used(
    journal: Journal, read_ahead: ReadAhead, start: Checkpoint
) -> None:
    """A reader who asks for a commit would get less than the journal has."""
    read_ahead.request(start, 20)
    journal.publish([message(10)])
    page = read_ahead.read_after(start, 20)
    assert isinstance(page, ContiguousBatch)
    assert len(page.texts) == 11


def test_page_of_another_request_is_neither_used_nor_waited_for(
    journal: Journal,
    read_ahead: ReadAhead,
    start: Checkpoint,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first = journal.read_after(start, 4)
    assert isinstance(first, ContiguousBatch)
    received: list[SentCommands] = []
    receive = RoundTrip.receive

    def receive_and_count(round_trip: RoundTrip, sent: SentCommands) -> list[Any]:
        received.append(sent)
        return receive(round_trip, sent)

    monkeypatch.setattr(RoundTrip, "receive", receive_and_count)
    for position, max_entries in [(first.end, 5), (start, 4)]:
        read_ahead.request(first.end, 4)
        assert read_ahead.read_after(position, max_entries) == journal.read_after(
            position, max_entries
        )
        # Each of the two pages was read once, and the requested one was not.
        assert len(received) == 2
        received.clear()


def test_page_of_lost_entries_is_not_used(recording: Recording) -> None:
    journal, read_ahead = recording.journal, ReadAhead(recording.journal)
    start = Checkpoint(Cursor(journal.open(), JOURNAL_START), 0, 0)
    journal.publish(messages_between(0, 10))
    read_ahead.request(start, 20)
    lose_newest_entries(recording, 9)
    # New entries have the numbers of the lost ones.
    journal.publish(messages_between(20, 30))
    page = read_ahead.read_after(start, 20)
    assert page == journal.read_after(start, 20)
    assert isinstance(page, ContiguousBatch)
    assert page.texts[9] == message(20).text


@pytest.mark.parametrize("lost", ["epoch", "n"])
def test_page_of_another_state_is_not_used(
    broker: Broker, journal: Journal, read_ahead: ReadAhead, start: Checkpoint, lost: str
) -> None:
    read_ahead.request(start, 20)
    client: Any = broker.client
    client.hset(STATE, lost, "7")
    assert read_ahead.read_after(start, 20) == journal.read_after(start, 20)


@pytest.mark.redis
def test_page_that_redis_did_not_send_is_read_again(own_broker: Broker) -> None:
    journal = Journal(own_broker)
    read_ahead = ReadAhead(journal)
    start = Checkpoint(Cursor(journal.open(), JOURNAL_START), 0, 0)
    journal.publish(messages_between(0, 10))
    read_ahead.request(start, 20)
    own_broker.client.client_kill_filter(_type="normal", skipme=True)
    assert read_ahead.read_after(start, 20) == journal.read_after(start, 20)
    own_broker.client.config_set("maxmemory", 1)
    read_ahead.request(start, 20)
    assert read_ahead.read_after(start, 20) == journal.read_after(start, 20)


def test_error_of_redis_is_raised_when_the_page_is_read(settings: Settings) -> None:
    url = f"redis://127.0.0.1:{free_port()}/0"
    broker = Broker.connect(replace(settings, redis_url=url))
    read_ahead = ReadAhead(Journal(broker))
    position = Checkpoint(Cursor("e", JOURNAL_START), 0, 0)
    read_ahead.request(position, 20)
    with pytest.raises(BrokerUnavailableError):
        read_ahead.read_after(position, 20)


class TestWriter:
    """The writer requests the page after a full one."""

    def test_entries_lost_after_the_request_are_a_gap(self, recording: Recording) -> None:
        recording.journal.publish(messages_between(0, 60))
        assert recording.writer.write_batch()
        lose_newest_entries(recording, 10)
        recording.journal.publish(messages_between(100, 130))
        recording.write()
        assert recording.stored() == [*range(20), *range(100, 130)]
        (gap,) = recording.gaps()
        assert gap.reason == "the journal lost its newest entries"

    def test_only_the_page_after_a_full_one_is_requested(
        self, recording: Recording, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        requested: list[int] = []
        monkeypatch.setattr(
            ReadAhead, "request", lambda _self, position, _max: requested.append(position.sequence)
        )
        recording.journal.publish(messages_between(0, 30))
        recording.write()
        recording.journal.publish(messages_between(30, 40))
        recording.write()
        assert recording.stored() == list(range(40))
        assert requested == [20]

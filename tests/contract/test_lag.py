"""What the database has not committed yet, and the room that a bulk of readings leaves."""

import pytest

from services.broker import Broker, Journal, Lag, Lease
from services.cli.input.backpressure import Backpressure
from tests.support.journals import message, messages_between, with_bound

SIZE = len(message(1).text)


def test_without_a_journal_there_is_none(journal: Journal) -> None:
    assert journal.lag() == Lag(0, 0)
    journal.open()
    assert journal.lag() == Lag(0, 0)


def test_it_is_all_while_no_writer_has_told(journal: Journal) -> None:
    journal.publish(messages_between(1, 6))
    assert journal.lag() == Lag(5, 5 * SIZE)


def test_it_is_what_comes_after_the_position(journal: Journal, lease: Lease) -> None:
    journal.publish(messages_between(1, 6))
    journal.acknowledge(journal.end(), lease)
    assert journal.lag() == Lag(0, 0)
    journal.publish(messages_between(6, 9))
    assert journal.lag() == Lag(3, 3 * SIZE)


def test_what_was_trimmed_before_the_position_does_not_count(broker: Broker, lease: Lease) -> None:
    small = Journal(with_bound(broker, entries=300))
    small.publish(messages_between(1, 280))
    small.acknowledge(small.end(), lease)
    small.publish([message(1)] * 5)
    assert small.lag() == Lag(5, 5 * SIZE)


def test_a_journal_that_was_made_anew_begins_with_none(
    broker: Broker, journal: Journal, lease: Lease
) -> None:
    journal.publish(messages_between(1, 6))
    journal.acknowledge(journal.end(), lease)
    broker.client.delete(broker.keys.journal, broker.keys.state)
    journal.publish(messages_between(1, 3))
    assert journal.lag() == Lag(2, 2 * SIZE)


class TestRoom:
    """A bulk of readings stays below a quarter of the bound."""

    @pytest.mark.parametrize("bound", [{"entries": 40}, {"size_bytes": 40 * SIZE}])
    def test_what_is_not_stored_stays_below_a_quarter(
        self, broker: Broker, lease: Lease, bound: dict[str, int]
    ) -> None:
        small = with_bound(broker, **bound)
        journal = Journal(small)
        waits: list[Lag] = []

        def store(_seconds: float) -> None:
            waits.append(journal.lag())
            journal.acknowledge(journal.end(), lease)

        room = Backpressure(journal, small.settings, pytest.fail, store)
        for _ in range(10):
            part = [message(1)] * 3
            room.wait_for_room(part)
            journal.publish(part)
            assert journal.lag().entries <= 10
        assert waits == [Lag(9, 9 * SIZE)] * 3

    def test_a_call_that_is_larger_than_a_quarter_goes_alone(
        self, broker: Broker, lease: Lease
    ) -> None:
        small = with_bound(broker, entries=2)
        journal = Journal(small)
        room = Backpressure(
            journal,
            small.settings,
            pytest.fail,
            lambda _seconds: journal.acknowledge(journal.end(), lease),
        )
        for _ in range(5):
            room.wait_for_room([message(1)])
            journal.publish([message(1)])
            assert journal.lag().entries == 1

    def test_a_writer_that_does_not_get_on_is_said_once(
        self, broker: Broker, lease: Lease, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        small = with_bound(broker, entries=4)
        journal, notices, looks = Journal(small), list[str](), list[float]()
        journal.publish([message(1)])
        monkeypatch.setattr("services.cli.input.backpressure._TELL_SECONDS", 0.0)

        def sleep(seconds: float) -> None:
            looks.append(seconds)
            if len(looks) == 20:
                journal.acknowledge(journal.end(), lease)

        Backpressure(journal, small.settings, notices.append, sleep).wait_for_room([message(1)])
        assert notices == ["waiting for the writer: is it running?"]

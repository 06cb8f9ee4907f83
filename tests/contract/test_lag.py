"""Lag is the uncommitted part of the journal, and back-pressure keeps it small."""

import pytest

from services.broker import Broker, Journal, Lag, Lease
from services.cli.input.backpressure import Backpressure
from tests.support.journals import message, messages_between, with_bound

SIZE = len(message(1).text)


def test_journal_without_entries_has_no_lag(journal: Journal) -> None:
    assert journal.lag() == Lag(0, 0)
    journal.open()
    assert journal.lag() == Lag(0, 0)


def test_lag_is_the_whole_journal_before_the_first_acknowledgement(journal: Journal) -> None:
    journal.publish(messages_between(1, 6))
    assert journal.lag() == Lag(5, 5 * SIZE)


def test_lag_is_the_part_after_the_acknowledged_checkpoint(journal: Journal, lease: Lease) -> None:
    journal.publish(messages_between(1, 6))
    journal.acknowledge(journal.end(), lease)
    assert journal.lag() == Lag(0, 0)
    journal.publish(messages_between(6, 9))
    assert journal.lag() == Lag(3, 3 * SIZE)


def test_trimmed_entries_do_not_count_as_lag(broker: Broker, lease: Lease) -> None:
    small = Journal(with_bound(broker, entries=300))
    small.publish(messages_between(1, 280))
    small.acknowledge(small.end(), lease)
    small.publish([message(1)] * 5)
    assert small.lag() == Lag(5, 5 * SIZE)


def test_recreated_journal_has_only_its_own_lag(
    broker: Broker, journal: Journal, lease: Lease
) -> None:
    journal.publish(messages_between(1, 6))
    journal.acknowledge(journal.end(), lease)
    broker.client.delete(broker.keys.journal, broker.keys.state)
    journal.publish(messages_between(1, 3))
    assert journal.lag() == Lag(2, 2 * SIZE)


class TestBackpressure:
    """Bulk work waits, so that the lag stays below a quarter of the bound."""

    @pytest.mark.parametrize("bound", [{"entries": 40}, {"size_bytes": 40 * SIZE}])
    def test_lag_stays_below_a_quarter_of_the_bound(
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
            room.wait(part)
            journal.publish(part)
            assert journal.lag().entries <= 10
        assert waits == [Lag(9, 9 * SIZE)] * 3

    def test_call_larger_than_a_quarter_waits_until_there_is_no_lag(
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
            room.wait([message(1)])
            journal.publish([message(1)])
            assert journal.lag().entries == 1

    def test_writer_without_progress_is_reported_once(self, broker: Broker, lease: Lease) -> None:
        small = with_bound(broker, entries=4)
        journal, notices, looks = Journal(small), list[str](), list[float]()
        journal.publish([message(1)])

        def sleep(seconds: float) -> None:
            looks.append(seconds)
            if len(looks) == 20:
                journal.acknowledge(journal.end(), lease)

        Backpressure(journal, small.settings, notices.append, sleep, 0.0).wait([message(1)])
        assert notices == ["waiting for the writer: is it running?"]

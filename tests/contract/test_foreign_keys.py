"""Other programs write to our keys in Redis: nothing acknowledged is lost, and all goes on."""

import logging
from typing import Any

import pytest

from services.broker import Broker, Journal, Lease
from services.errors import BrokerRefusedError
from services.writer.lease_holder import LeaseHolder
from tests.support.channel_bridges import KITCHEN, KITCHEN_TEXT, StartBridge, bridged, publish
from tests.support.journals import (
    JOURNAL,
    LEASE,
    REJECTED,
    STATE,
    has_listeners,
    message,
    messages_between,
    state,
    times,
)
from tests.support.recordings import Recording
from tests.support.waiting import wait_until

BACKLOG = "readings:backlog"
REPAIRED = "another program has written to readings:state in Redis; its counters were repaired"

NO_COUNTERS = ["", "-5", "1.5", "1e999", "9007199254740992", "9" * 40, "\xff", "٣"]
NO_ENTRIES = ["", "5", "-1-0"]
NO_EPOCHS = ["", "UPPER", "x" * 41, "\xff"]
DAMAGES = [
    *((name, value) for name in "nrb" for value in ("abc", None)),
    ("committed", "abc"),
]


def damage(broker: Broker, field: str, value: str | None) -> None:
    client: Any = broker.client
    if value is None:
        client.hdel(STATE, field)
    else:
        client.hset(STATE, field, value.encode("latin-1") if value == "\xff" else value)


def write_and_restart(recording: Recording) -> None:
    for _ in range(3):
        recording.write()
    recording.restart()


class TestState:
    """The hash with the journal's state has a field that no script wrote."""

    @pytest.fixture(autouse=True)
    def appended_before(self, recording: Recording) -> None:
        recording.journal.publish(messages_between(0, 4))
        recording.write()
        recording.journal.publish(messages_between(4, 6))

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            *DAMAGES,
            *(("n", value) for value in NO_COUNTERS),
            *(("committed", value) for value in NO_ENTRIES),
        ],
    )
    def test_writer_repairs_it_and_notes_no_gap(
        self, recording: Recording, caplog: pytest.LogCaptureFixture, field: str, value: str | None
    ) -> None:
        before = state(recording.broker)
        damage(recording.broker, field, value)
        write_and_restart(recording)
        recording.journal.publish(messages_between(6, 8))
        write_and_restart(recording)
        assert recording.stored() == list(range(8))
        assert recording.gaps() == []
        after = state(recording.broker)
        assert after["epoch"] == before["epoch"]
        assert (after["n"], after["r"]) == ("8", "8")
        assert int(after["b"]) == int(before["b"]) // 6 * 8
        assert caplog.text.count(REPAIRED) == 1

    @pytest.mark.parametrize(("field", "value"), DAMAGES)
    def test_publisher_repairs_it(
        self, recording: Recording, field: str, value: str | None
    ) -> None:
        damage(recording.broker, field, value)
        recording.journal.publish([message(6)])
        damage(recording.broker, field, value)
        (result,) = recording.journal.publish_many([[message(7)]])
        assert not isinstance(result, Exception)
        write_and_restart(recording)
        assert recording.stored() == list(range(8))
        assert recording.gaps() == []

    @pytest.mark.parametrize("value", NO_EPOCHS)
    def test_malformed_epoch_is_one_gap(self, recording: Recording, value: str) -> None:
        damage(recording.broker, "epoch", value)
        write_and_restart(recording)
        recording.journal.publish(messages_between(6, 8))
        write_and_restart(recording)
        assert recording.stored() == list(range(8))
        assert len(recording.gaps()) == 1

    @pytest.mark.parametrize("field", ["n", "r", "b"])
    @pytest.mark.parametrize("value", ["0", "5", "7", "9007199254740991", "4000000000000000"])
    def test_wrong_counter_is_at_most_one_gap(
        self, recording: Recording, field: str, value: str
    ) -> None:
        damage(recording.broker, field, value)
        write_and_restart(recording)
        recording.journal.publish(messages_between(6, 8))
        write_and_restart(recording)
        assert recording.stored() == list(range(8))
        assert len(recording.gaps()) <= 1

    @pytest.mark.parametrize("value", ["0", "1", "5", "1000000"])
    def test_wrong_number_before_a_publish_is_at_most_one_gap(
        self, recording: Recording, value: str
    ) -> None:
        damage(recording.broker, "n", value)
        recording.journal.publish(messages_between(6, 8))
        write_and_restart(recording)
        recording.journal.publish(messages_between(8, 9))
        write_and_restart(recording)
        assert recording.stored() == list(range(9))
        assert len(recording.gaps()) <= 1

    def test_counter_of_an_empty_journal_is_one_gap(self, recording: Recording) -> None:
        recording.write()
        recording.broker.client.xtrim(JOURNAL, maxlen=0, approximate=False)
        damage(recording.broker, "n", "abc")
        write_and_restart(recording)
        recording.journal.publish(messages_between(6, 8))
        write_and_restart(recording)
        assert recording.stored() == list(range(8))
        assert len(recording.gaps()) == 1


def test_checkpoint_that_was_overwritten_is_sent_again(
    recording: Recording, lease: Lease, broker: Broker
) -> None:
    recording.journal.publish([message(1)])
    end = recording.journal.end()
    seconds = iter(range(0, 100, 4))
    holder = LeaseHolder(recording.journal, lease, lambda: next(seconds))
    assert holder.acquire()
    holder.acknowledge(end)
    broker.client.hset(STATE, "committed", "abc")
    holder.renew_when_due()
    holder.acknowledge(end)
    assert state(broker)["committed"] == str(end.cursor.entry)


class TestType:
    """A key of ours has another type: it is left alone, and all goes on once it is gone."""

    @pytest.mark.parametrize("key", [JOURNAL, STATE, BACKLOG])
    def test_publisher_is_told_what_to_do(self, broker: Broker, journal: Journal, key: str) -> None:
        other = "of another program"
        broker.client.set(key, other)
        with pytest.raises(BrokerRefusedError, match="rename that key, or set CHANNEL"):
            journal.publish([message(1)])
        assert broker.client.get(key) == other.encode()
        broker.client.delete(key)
        journal.publish([message(1)])
        assert times(journal) == [1]

    @pytest.mark.long
    @pytest.mark.parametrize("key", [JOURNAL, STATE, BACKLOG, LEASE])
    def test_writer_goes_on_once_it_is_gone(
        self, recording: Recording, caplog: pytest.LogCaptureFixture, key: str
    ) -> None:
        caplog.set_level(logging.INFO)
        client: Any = recording.broker.client
        recording.journal.publish(messages_between(0, 3))
        recording.write()
        if client.exists(key):
            client.rename(key, "kept")
        client.lpush(key, "x")
        if key == BACKLOG:
            client.delete(key)
            client.set(key, "x")
        with recording.running():
            wait_until("it is logged", lambda: "WRONGTYPE" in caplog.text)
            assert "unavailable: Redis refuses the command: WRONGTYPE" in caplog.text
            client.delete(key)
            if client.exists("kept"):
                client.rename("kept", key)
            wait_until("the lease is held", lambda: client.exists(LEASE))
            recording.journal.publish(messages_between(3, 6))
            wait_until("all is stored", lambda: recording.stored() == list(range(6)))
        assert recording.gaps() == []

    def test_dead_letters_that_cannot_be_kept_stop_nothing(
        self, recording: Recording, start_bridge: StartBridge
    ) -> None:
        broker = recording.broker
        broker.client.set(REJECTED, "x")
        broker.client.xadd(JOURNAL, {"m": "nonsense"})
        recording.journal.publish([message(1)])
        recording.write()
        assert recording.stored() == [1]
        start_bridge(broker)
        wait_until("somebody listens", lambda: has_listeners(broker))
        publish(broker, "nonsense")
        publish(broker, KITCHEN_TEXT)
        assert KITCHEN in bridged(broker)


@pytest.mark.parametrize("entry", ["9999999999999999-0", "18446744073709551614-0"])
def test_entry_id_in_the_far_future_stops_nothing(recording: Recording, entry: str) -> None:
    recording.journal.publish(messages_between(0, 2))
    recording.write()
    recording.broker.client.xadd(JOURNAL, {"hello": "world"}, id=entry)
    recording.write()
    recording.journal.publish(messages_between(2, 4))
    recording.broker.client.xtrim(JOURNAL, maxlen=1, approximate=False)
    recording.write()
    assert recording.stored() == [0, 1, 3]
    assert [gap.lost_count for gap in recording.gaps()] == [1]

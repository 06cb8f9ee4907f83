"""The journal is opened, read and waited for, and keeps dead letters."""

import threading
import time
from typing import Any

import pytest

from services.broker import Broker, ContiguousBatch, Journal, Lease
from services.command import Delete
from services.errors import BrokerUnavailableError
from services.position import JOURNAL_START, Checkpoint, Cursor
from services.settings import Settings
from tests.support.journals import (
    JOURNAL,
    STATE,
    dead_letters,
    message,
    messages_between,
    state,
    times,
)
from tests.support.ports import free_port
from tests.support.redis_server import RedisServer
from tests.support.waiting import time_limit


class TestOpen:
    """A journal is created or recreated when it is opened."""

    def test_unused_journal_has_no_epoch(self, journal: Journal) -> None:
        assert journal.epoch() is None
        assert journal.read(JOURNAL_START, 10) == (None, 0, 0, None, [], None)

    def test_open_creates_the_journal_once(self, broker: Broker, journal: Journal) -> None:
        epoch = journal.open()
        assert journal.open() == epoch == journal.epoch()
        assert state(broker) == {"epoch": epoch, "n": "0", "r": "0", "b": "0"}

    @pytest.mark.parametrize("key", [JOURNAL, STATE])
    def test_open_recreates_a_journal_with_a_missing_part(
        self, broker: Broker, journal: Journal, key: str
    ) -> None:
        before = journal.publish(messages_between(1, 3)).epoch
        broker.client.delete(key)
        assert journal.open() != before
        assert times(journal) == []
        assert state(broker)["n"] == "0"

    def test_open_after_a_loss_changes_the_epoch_and_keeps_the_entries(
        self, broker: Broker, journal: Journal, lease: Lease
    ) -> None:
        before = journal.publish(messages_between(1, 3)).epoch
        journal.acknowledge(journal.end(), lease)
        after = journal.open(lost=before)
        assert after != before
        assert times(journal) == [1, 2]
        assert state(broker)["n"] == "2"
        assert "committed" not in state(broker)
        # A second reader that saw the same loss changes nothing.
        assert journal.open(lost=before) == after


class TestRead:
    """Snapshots of the journal."""

    def test_read_returns_the_entries_after_an_id(self, journal: Journal) -> None:
        journal.publish([message(1, 2), message(3), message(4)])
        whole = journal.read(JOURNAL_START, 10)
        assert (whole.epoch, whole.last_sequence, whole.reading_count) == (journal.epoch(), 3, 4)
        assert whole.first == whole.entries[0]
        assert whole.last == whole.entries[2].id
        remaining = journal.read(whole.entries[0].id, 10)
        assert remaining.entries == whole.entries[1:]
        assert remaining.first == whole.first
        assert journal.read(JOURNAL_START, 2).entries == whole.entries[:2]
        assert journal.read(whole.entries[2].id, 10).entries == []

    def test_entries_of_one_millisecond_are_all_read(self, journal: Journal) -> None:
        journal.publish(messages_between(0, 300))
        sequences: list[int] = []
        after = JOURNAL_START
        while entries := journal.read(after, 7).entries:
            sequences += [entry.sequence for entry in entries]
            after = entries[-1].id
        assert sequences == list(range(1, 301))

    def test_first_entry_is_the_oldest_one_that_is_left(
        self, broker: Broker, journal: Journal
    ) -> None:
        journal.publish(messages_between(1, 6))
        broker.client.xtrim(JOURNAL, maxlen=2, approximate=False)
        snapshot = journal.read(JOURNAL_START, 1)
        assert snapshot.first is not None
        assert (snapshot.first.sequence, snapshot.last_sequence) == (4, 5)

    def test_command_has_its_own_kind(self, broker: Broker, journal: Journal) -> None:
        journal.open()
        broker.client.xadd(JOURNAL, {"c": "erase", "n": 1, "r": 0, "b": 5})
        (entry,) = journal.read(JOURNAL_START, 1).entries
        assert (entry.kind, entry.text, entry.sequence) == ("c", b"erase", 1)

    def test_end_is_the_checkpoint_after_the_last_entry(self, journal: Journal) -> None:
        assert journal.end() == Checkpoint(Cursor(journal.open(), JOURNAL_START), 0, 0)
        cursor = journal.publish(messages_between(1, 4))
        assert journal.end() == Checkpoint(cursor, 3, 3)


class TestWait:
    """Waiting for the next entry ends in time."""

    def test_wait_ends_with_a_new_entry(self, journal: Journal) -> None:
        cursor = journal.publish(messages_between(1, 2))
        publishing = threading.Timer(0.1, journal.publish, [messages_between(2, 3)])
        with time_limit("the wait ends", 2.0):
            publishing.start()
            journal.wait_for_entry(cursor.entry, 2.4)
        assert len(journal.read(cursor.entry, 10).entries) == 1
        publishing.join()

    def test_wait_ends_at_once_if_there_is_an_entry(self, journal: Journal) -> None:
        journal.publish(messages_between(1, 2))
        with time_limit("the wait ends", 2.0):
            journal.wait_for_entry(JOURNAL_START, 2.4)

    def test_wait_ends_after_its_time(self, journal: Journal) -> None:
        started_at = time.monotonic()
        with time_limit("the wait ends", 2.0):
            journal.wait_for_entry(JOURNAL_START, 0.1)
        assert time.monotonic() - started_at >= 0.09

    def test_wait_longer_than_the_socket_timeout_raises_value_error(self, journal: Journal) -> None:
        with pytest.raises(ValueError, match="timeout"):
            journal.wait_for_entry(JOURNAL_START, 4.0)


class TestDeadLetters:
    """Texts that could not be stored are kept with their reason."""

    def test_dead_letter_has_reason_and_source(self, broker: Broker, journal: Journal) -> None:
        journal.add_dead_letters(
            [(b"\xff\x00", "not UTF-8"), (b"{}", "series is missing")], "channel"
        )
        assert dead_letters(broker) == [
            (b"\xff\x00", "not UTF-8", "channel"),
            (b"{}", "series is missing", "channel"),
        ]

    def test_oldest_dead_letters_are_trimmed(self, broker: Broker, journal: Journal) -> None:
        for start in range(0, 3_000, 500):
            journal.add_dead_letters(
                ((b"%d" % i, "no") for i in range(start, start + 500)), "journal"
            )
        letters = dead_letters(broker)
        assert 1_000 <= len(letters) <= 1_200
        assert letters[-1][0] == b"2999"

    def test_large_text_is_truncated(self, broker: Broker, journal: Journal) -> None:
        journal.add_dead_letters([(b"x" * 1_000_000, "larger than it may be")], "channel")
        assert len(dead_letters(broker)[0][0]) == 4_096


def test_unreachable_redis_raises_broker_unavailable() -> None:
    url = f"redis://127.0.0.1:{free_port()}/0"
    broker = Broker.connect(Settings.from_environ({"REDIS_URL": url}))
    journal = Journal(broker)
    for attempt in (
        broker.ping,
        journal.open,
        journal.epoch,
        lambda: journal.publish([message(1)]),
        lambda: journal.read(JOURNAL_START, 1),
        lambda: journal.wait_for_entry(JOURNAL_START, 0.1),
        lambda: journal.add_dead_letters([(b"x", "y")], "z"),
        lambda: Lease(broker, "database").acquire(),
    ):
        with pytest.raises(BrokerUnavailableError) as caught:
            attempt()
        assert caught.value.transient


@pytest.mark.redis
def test_server_without_its_replicas_is_not_ready(redis_server: RedisServer) -> None:
    broker = Broker.connect(Settings.from_environ({"REDIS_URL": redis_server.url}))
    journal = Journal(broker)
    broker.client.config_set("min-replicas-to-write", 1)
    with pytest.raises(BrokerUnavailableError, match="Redis is not ready: NOREPLICAS"):
        journal.publish(messages_between(0, 1))
    broker.client.config_set("min-replicas-to-write", 0)
    journal.publish(messages_between(0, 1))
    assert times(journal) == [0]
    broker.close()


class TestReadAfter:
    """Messages that directly follow a checkpoint are read as a contiguous batch."""

    def test_messages_without_a_gap_are_a_contiguous_batch(self, journal: Journal) -> None:
        start = Checkpoint(Cursor(journal.open(), JOURNAL_START), 0, 0)
        end = journal.publish([message(1, 2), message(3)])
        texts = [message(1, 2).text, message(3).text]
        assert journal.read_after(start, 10) == ContiguousBatch(texts, Checkpoint(end, 2, 3))
        first = journal.read_after(start, 1)
        assert isinstance(first, ContiguousBatch)
        assert first.texts == texts[:1]
        assert journal.read_after(first.end, 10) == ContiguousBatch(
            texts[1:], Checkpoint(end, 2, 3)
        )

    def test_end_of_the_journal_is_a_snapshot(self, journal: Journal) -> None:
        end = journal.end()
        assert journal.read_after(end, 10) == journal.read(JOURNAL_START, 10)

    @pytest.mark.parametrize(
        "entry",
        [
            {"m": "{}", "n": "9", "r": "9", "b": "9"},
            {"m": "{}", "n": "x", "r": "3", "b": "9"},
            {"c": "{}", "n": "3", "r": "3", "b": "9"},
            {"m": "{}"},
        ],
    )
    def test_entry_of_another_tool_makes_a_snapshot(
        self, broker: Broker, journal: Journal, entry: dict[str, str]
    ) -> None:
        start = Checkpoint(Cursor(journal.open(), JOURNAL_START), 0, 0)
        journal.publish(messages_between(1, 3))
        client: Any = broker.client
        client.xadd(JOURNAL, entry)
        assert journal.read_after(start, 10) == journal.read(JOURNAL_START, 10)

    def test_command_between_messages_makes_a_snapshot(self, journal: Journal) -> None:
        start = Checkpoint(Cursor(journal.open(), JOURNAL_START), 0, 0)
        journal.publish(messages_between(1, 2))
        journal.send_commands([Delete("a")])
        journal.publish(messages_between(2, 4))
        assert journal.read_after(start, 10) == journal.read(JOURNAL_START, 10)

    def test_gap_or_another_epoch_makes_a_snapshot(self, broker: Broker, journal: Journal) -> None:
        start = Checkpoint(Cursor(journal.open(), JOURNAL_START), 0, 0)
        other = Checkpoint(Cursor("other", JOURNAL_START), 0, 0)
        entry = journal.publish(messages_between(1, 2)).entry
        journal.publish(messages_between(2, 4))
        assert journal.read_after(other, 10) == journal.read(JOURNAL_START, 10)
        client: Any = broker.client
        client.xdel(JOURNAL, str(entry))
        assert journal.read_after(start, 10) == journal.read(JOURNAL_START, 10)
        client.xtrim(JOURNAL, maxlen=0)
        assert journal.read_after(start, 10) == journal.read(JOURNAL_START, 10)

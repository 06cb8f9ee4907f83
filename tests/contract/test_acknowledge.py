"""Only the holder of the lease acknowledges, trims and appends external messages."""

import pytest

from services.broker import Broker, Journal, Lease
from services.errors import JournalFullError, LeaseLostError
from services.position import JOURNAL_START, Checkpoint, Cursor, EntryId
from services.settings import Settings
from tests.support.journals import JOURNAL, message, messages_between, state, times, with_bound
from tests.support.redis_server import RedisServer

REJECTED = "readings:rejected"


def checkpoint_at(journal: Journal, number: int) -> Checkpoint:
    """Return the checkpoint at the entry with a sequence number."""
    epoch = journal.open()
    entry = next(e for e in journal.read(JOURNAL_START, 100_000).entries if e.sequence == number)
    return Checkpoint(Cursor(epoch, entry.id), entry.sequence, entry.reading_count)


class TestAcknowledge:
    """Acknowledging a checkpoint trims the journal behind it."""

    def test_acknowledged_checkpoint_is_stored_in_the_state(
        self, broker: Broker, journal: Journal, lease: Lease
    ) -> None:
        cursor = journal.publish(messages_between(1, 4))
        journal.acknowledge(journal.end(), lease)
        assert state(broker)["committed"] == str(cursor.entry)
        assert times(journal) == [1, 2, 3]

    def test_half_of_the_entries_stay_for_replays(self, broker: Broker, lease: Lease) -> None:
        journal = Journal(with_bound(broker, entries=1_000))
        journal.publish(messages_between(0, 1_000))
        journal.acknowledge(checkpoint_at(journal, 900), lease)
        kept = times(journal)
        # Redis trims whole nodes of 100 entries.
        assert 500 <= len(kept) <= 600
        assert kept == list(range(1_000 - len(kept), 1_000))

    def test_half_of_the_bytes_stay_for_replays(self, broker: Broker, lease: Lease) -> None:
        size = len(message(1_000).text)
        journal = Journal(with_bound(broker, size_bytes=1_000 * size))
        journal.publish(messages_between(1_000, 2_000))
        journal.acknowledge(checkpoint_at(journal, 900), lease)
        assert 500 <= len(times(journal)) <= 600

    def test_uncommitted_entries_are_never_trimmed(self, broker: Broker, lease: Lease) -> None:
        journal = Journal(with_bound(broker, entries=1_000))
        journal.publish(messages_between(0, 1_000))
        small = Journal(with_bound(broker, entries=1, size_bytes=1))
        for number in (1, 150, 333):
            small.acknowledge(checkpoint_at(journal, number), lease)
            kept = times(journal)
            # The entry at the checkpoint stays: it shows that the next one has no gap before it.
            assert kept[0] <= number - 1
            assert kept == list(range(kept[0], 1_000))
        assert kept[0] >= 200

    def test_last_committed_entry_stays(self, broker: Broker, lease: Lease) -> None:
        small = Journal(with_bound(broker, entries=2))
        for second in range(5):
            small.publish(messages_between(second, second + 1))
            small.acknowledge(small.end(), lease)
            assert times(small)[-1] == second

    def test_journal_below_half_of_its_bound_is_not_trimmed(
        self, broker: Broker, lease: Lease
    ) -> None:
        journal = Journal(with_bound(broker, entries=1_000))
        journal.publish(messages_between(0, 500))
        journal.acknowledge(journal.end(), lease)
        assert len(times(journal)) == 500

    def test_caller_without_the_lease_changes_nothing(self, broker: Broker, lease: Lease) -> None:
        journal = Journal(with_bound(broker, entries=400))
        journal.publish(messages_between(0, 400))
        before = state(broker)
        with pytest.raises(LeaseLostError):
            journal.acknowledge(journal.end(), Lease(broker, "other"))
        assert lease.acquire()
        assert state(broker) == before
        assert len(times(journal)) == 400

    def test_checkpoint_of_another_epoch_is_refused(
        self, broker: Broker, journal: Journal, lease: Lease
    ) -> None:
        journal.publish(messages_between(0, 3))
        before = state(broker)
        end = journal.end()
        with pytest.raises(LeaseLostError, match="a new epoch"):
            journal.acknowledge(end._replace(cursor=end.cursor._replace(epoch="foreign")), lease)
        assert state(broker) == before

    def test_checkpoint_of_an_emptied_journal_is_stored(
        self, broker: Broker, journal: Journal, lease: Lease
    ) -> None:
        journal.publish(messages_between(0, 3))
        end = journal.end()
        broker.client.xtrim(JOURNAL, maxlen=0, approximate=False)
        journal.acknowledge(end, lease)
        assert state(broker)["committed"] == str(end.cursor.entry)


class TestAppendExternal:
    """External messages are appended under the lease."""

    def test_holder_of_the_lease_appends_and_announces(
        self, broker: Broker, journal: Journal, lease: Lease
    ) -> None:
        adopted = broker.client.pubsub()
        adopted.subscribe("readings:adopted")
        assert adopted.get_message(timeout=5)["type"] == "subscribe"
        cursor = journal.append_external([message(1)], lease)
        assert times(journal) == [1]
        text = adopted.get_message(timeout=5)["data"]
        assert text == f'{{"id":"{cursor}",'.encode() + message(1).text[1:]
        adopted.close()

    def test_former_holder_of_the_lease_appends_nothing(
        self, broker: Broker, journal: Journal, lease: Lease
    ) -> None:
        broker.client.set(lease.key, "somebody else")
        with pytest.raises(LeaseLostError):
            journal.append_external([message(1)], lease)
        broker.client.delete(lease.key)
        with pytest.raises(LeaseLostError):
            journal.append_external([message(1)], lease)
        assert journal.epoch() is None

    def test_full_journal_refuses_external_messages(self, broker: Broker, lease: Lease) -> None:
        small = Journal(with_bound(broker, entries=2))
        small.publish(messages_between(1, 3))
        with pytest.raises(JournalFullError):
            small.append_external([message(3)], lease)
        assert times(small) == [1, 2]


@pytest.mark.redis
def test_redis_without_memory_can_still_be_drained(redis_server: RedisServer) -> None:
    settings = Settings.from_environ({"REDIS_URL": redis_server.url})
    broker = with_bound(Broker.connect(settings), entries=100)
    journal, lease = Journal(broker), Lease(broker, "database")
    journal.publish(messages_between(0, 100))
    before, end = journal.read(EntryId(1, 0), 50), journal.end()
    broker.client.config_set("maxmemory", 1)
    with pytest.raises(JournalFullError):
        journal.publish(messages_between(100, 101))
    assert lease.acquire()
    assert journal.read(EntryId(1, 0), 50) == before
    assert journal.end() == end
    journal.acknowledge(end, lease)
    assert state(broker)["committed"] == str(end.cursor.entry)
    after = journal.open(lost=end.cursor.epoch)
    assert after != end.cursor.epoch
    broker.close()

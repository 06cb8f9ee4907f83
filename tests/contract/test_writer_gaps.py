"""The writer counts lost entries, records them once, and goes on."""

from typing import Any

import pytest

from tests.support.journals import JOURNAL, STATE, message, messages_between
from tests.support.recordings import (
    NOW,
    GapRow,
    Recording,
    WaitingRecording,
    lose_newest_entries,
    raw_entries,
)


def test_cut_file_is_recorded_in_a_new_database(recording: Recording) -> None:
    recording.journal.publish([message(1)])
    recording.journal.truncation.set()
    for _ in range(2):
        recording.write()
        recording.restart()
    assert recording.gaps() == [
        GapRow(None, NOW, None, "the end of Redis's file may be missing, as after a power failure")
    ]
    assert recording.stored() == [1]


class TestLoss:
    """Each loss is one gap, and later readings are stored."""

    @pytest.fixture(autouse=True)
    def stored_before(self, recording: Recording) -> None:
        recording.journal.publish(messages_between(0, 4))
        recording.write()
        assert recording.stored() == [0, 1, 2, 3]

    def only_gap(self, recording: Recording) -> GapRow:
        """Return the only gap, which a restart does not record again."""
        for _ in range(2):
            recording.write()
            recording.restart()
        (gap,) = recording.gaps()
        return gap

    @pytest.mark.parametrize("key", [JOURNAL, STATE])
    def test_deleted_stream_or_state_is_a_gap_of_unknown_size(
        self, recording: Recording, key: str
    ) -> None:
        recording.broker.client.delete(key)
        recording.journal.publish(messages_between(4, 8))
        gap = self.only_gap(recording)
        assert (gap.lost_count, gap.reason) == (None, "the journal was lost and recreated")
        assert gap.end == NOW
        assert gap.start is not None
        assert recording.stored() == list(range(8))

    def test_deleted_journal_is_one_gap(self, recording: Recording) -> None:
        recording.broker.client.delete(JOURNAL, STATE)
        gap = self.only_gap(recording)
        assert gap.reason == "the journal was lost and recreated"
        recording.journal.publish(messages_between(4, 8))
        recording.write()
        assert recording.stored() == list(range(8))
        assert len(recording.gaps()) == 1

    def test_cut_file_of_redis_is_one_gap_of_unknown_size(self, recording: Recording) -> None:
        recording.journal.truncation.set()
        recording.restart()
        recording.journal.publish(messages_between(4, 8))
        gap = self.only_gap(recording)
        assert (gap.end, gap.lost_count) == (NOW, None)
        assert gap.start is not None
        assert gap.reason == "the end of Redis's file may be missing, as after a power failure"
        assert recording.stored() == list(range(8))

    def test_cut_file_without_the_newest_entries_is_one_gap(self, recording: Recording) -> None:
        lose_newest_entries(recording, 2)
        recording.journal.truncation.set()
        recording.restart()
        gap = self.only_gap(recording)
        assert gap.reason == "the journal lost its newest entries"

    def test_entries_trimmed_after_the_checkpoint_are_counted(self, recording: Recording) -> None:
        recording.journal.publish([message(4, 5), message(6), message(7)])
        recording.broker.client.xtrim(JOURNAL, maxlen=1, approximate=False)
        gap = self.only_gap(recording)
        assert gap.lost_count == 3
        assert gap.reason == "2 entries of the journal were trimmed or deleted"
        assert recording.stored() == [0, 1, 2, 3, 7]

    def test_entries_deleted_in_the_middle_are_counted(self, recording: Recording) -> None:
        recording.journal.publish([message(4), message(5, 6), message(7)])
        recording.broker.client.xdel(JOURNAL, raw_entries(recording)[5][0])
        gap = self.only_gap(recording)
        assert gap.lost_count == 2
        assert recording.stored() == [0, 1, 2, 3, 4, 7]

    def test_emptied_journal_is_a_counted_gap(self, recording: Recording) -> None:
        recording.journal.publish([message(4, 5), message(6)])
        recording.broker.client.xtrim(JOURNAL, maxlen=0, approximate=False)
        gap = self.only_gap(recording)
        assert gap.lost_count == 3
        assert gap.end == NOW
        recording.journal.publish(messages_between(7, 9))
        recording.write()
        assert recording.stored() == [0, 1, 2, 3, 7, 8]
        assert len(recording.gaps()) == 1

    def test_trimmed_stored_entries_are_no_gap(self, recording: Recording) -> None:
        recording.broker.client.xtrim(JOURNAL, maxlen=0, approximate=False)
        recording.journal.publish(messages_between(4, 6))
        recording.write()
        recording.restart()
        recording.write()
        assert recording.stored() == list(range(6))
        assert recording.gaps() == []

    def test_lost_newest_entries_are_a_gap(self, recording: Recording) -> None:
        epoch = recording.journal.epoch()
        lose_newest_entries(recording, 2)
        gap = self.only_gap(recording)
        assert (gap.lost_count, gap.reason) == (None, "the journal lost its newest entries")
        assert recording.journal.epoch() != epoch
        recording.journal.publish(messages_between(4, 6))
        recording.write()
        assert recording.stored() == list(range(6))
        assert len(recording.gaps()) == 1

    @pytest.mark.parametrize("more", [1, 2, 5])
    def test_lost_newest_entries_are_a_gap_although_new_ones_came(
        self, recording: Recording, more: int
    ) -> None:
        epoch = recording.journal.epoch()
        lose_newest_entries(recording, 2)
        recording.journal.publish(messages_between(4, 4 + more))
        gap = self.only_gap(recording)
        assert gap.reason == "the journal lost its newest entries"
        assert recording.journal.epoch() != epoch
        assert recording.stored() == list(range(4 + more))

    def test_lost_newest_entries_are_a_gap_although_the_clock_went_back(
        self, recording: Recording
    ) -> None:
        position = recording.journal.end().cursor.entry
        client: Any = recording.broker.client
        client.delete(JOURNAL)
        for n, second in enumerate([0, 1, 4, 5, 6, 7], 1):
            fields = {"m": message(second).text, "n": n, "r": n, "b": n}
            client.xadd(JOURNAL, fields, id=f"{position.milliseconds - 1_000}-{n}")
        client.hset(STATE, mapping={"n": 6, "r": 6, "b": 6})
        gap = self.only_gap(recording)
        assert gap.reason == "the journal lost its newest entries"
        assert recording.stored() == list(range(8))

    def test_new_epoch_by_another_writer_is_a_gap(self, recording: Recording) -> None:
        epoch = recording.journal.open()
        recording.journal.open(lost=epoch)
        gap = self.only_gap(recording)
        assert gap.reason == "the journal was lost and recreated"
        assert recording.stored() == [0, 1, 2, 3]


@pytest.mark.redis
class TestLossWhileReadingsWait(TestLoss):
    """The same while readings wait in the writer for their commit. None of them is lost."""

    @pytest.fixture
    def recording(self, waiting: WaitingRecording) -> Recording:
        return waiting

    @pytest.fixture(autouse=True)
    def stored_before(self, waiting: WaitingRecording) -> None:
        waiting.journal.publish(messages_between(0, 4))
        waiting.write()
        assert waiting.committed() == []

    def test_cut_file_without_the_newest_entries_is_one_gap(self, recording: Recording) -> None:
        """A power cut takes the writer along, and with it what only the writer had."""
        assert isinstance(recording, WaitingRecording)
        lose_newest_entries(recording, 2)
        recording.journal.truncation.set()
        recording.kill()
        gap = self.only_gap(recording)
        assert gap.reason == "the end of Redis's file may be missing, as after a power failure"
        assert recording.stored() == [0, 1]

"""Recorded gaps, as queries return them."""

from services.position import Checkpoint, Cursor, EntryId, Gap
from services.store import LossSummary, Reader, RecordedGap, Recorder, TimeRange, WriteBatch
from services.store.query.gaps import MAX_GAPS
from tests.unit.conftest import NOW

CHECKPOINT = Checkpoint(Cursor("a", EntryId(9, 1)), 1, 1)


def test_many_gaps_return_newest(recorder: Recorder, reader: Reader) -> None:
    many = [Gap(i, i, 1, f"gap {i}") for i in range(MAX_GAPS + 50)]
    recorder.commit(WriteBatch(gaps=many), CHECKPOINT)
    gaps = reader.history([], TimeRange(0, None), 10, 10).gaps
    assert [gap.reason for gap in gaps] == [f"gap {i}" for i in range(50, MAX_GAPS + 50)]


def test_gap_with_end_before_start_is_swapped(recorder: Recorder, reader: Reader) -> None:
    recorder.commit(WriteBatch(gaps=[Gap(9, 4, 1, "clock set back")]), CHECKPOINT)
    (gap,) = reader.history([], TimeRange(5, 6), 10, 10).gaps
    assert gap == RecordedGap(4, 9, 1, "clock set back", NOW)


def test_loss_summary_counts_gaps_since_time(recorder: Recorder, reader: Reader) -> None:
    recorder.commit(WriteBatch(gaps=[Gap(1, 2, 3, "lost")]), CHECKPOINT)
    assert reader.loss_summary(NOW) == LossSummary(1, RecordedGap(1, 2, 3, "lost", NOW), 0)
    assert reader.loss_summary(NOW + 1) == LossSummary(0, None, 0)

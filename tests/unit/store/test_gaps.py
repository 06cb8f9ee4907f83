"""Recorded gaps, as queries return them."""

import pytest

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


SECOND = 1_000_000
LOSSES = [
    Gap(1 * SECOND, 2 * SECOND, None, "lost"),
    Gap(2 * SECOND, 3 * SECOND, None, "lost"),
    Gap(None, 4 * SECOND, None, "lost"),
    Gap(2 * SECOND, 3 * SECOND, None, "lost"),
    Gap(60 * SECOND, 61 * SECOND, None, "lost"),
]


def gaps_after(recorder: Recorder, reader: Reader, *gaps: Gap) -> list[Gap]:
    """Record gaps one by one. Returns what the table then holds."""
    for gap in gaps:
        recorder.commit(WriteBatch(gaps=[gap]), CHECKPOINT)
    recorded = reader.history([], TimeRange(0, None), 10, 10).gaps
    return [Gap(gap.start, gap.end, gap.lost_count, gap.reason) for gap in recorded]


def test_losses_of_unknown_size_that_follow_each_other_are_one_gap(
    recorder: Recorder, reader: Reader
) -> None:
    assert gaps_after(recorder, reader, *LOSSES) == [Gap(SECOND, 61 * SECOND, None, "lost")]


@pytest.mark.parametrize(
    "other",
    [
        Gap(2 * SECOND, 3 * SECOND, None, "lost otherwise"),
        Gap(2 * SECOND, 3 * SECOND, 5, "lost"),
        Gap(63 * SECOND, 64 * SECOND, None, "lost"),
        Gap(2 * SECOND, None, None, "lost"),
    ],
)
def test_another_loss_is_a_gap_of_its_own(recorder: Recorder, reader: Reader, other: Gap) -> None:
    first = Gap(1 * SECOND, 2 * SECOND, None, "lost")
    assert gaps_after(recorder, reader, first, other) == [first, other]


def test_counted_losses_are_not_merged(recorder: Recorder, reader: Reader) -> None:
    gaps = [Gap(1, 2, 3, "lost"), Gap(2, 3, 3, "lost")]
    assert gaps_after(recorder, reader, *gaps) == gaps

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


def outage(start: int, end: int, reason: str = "not heard") -> Gap:
    return Gap(start * SECOND, end * SECOND, None, reason, is_outage=True)


def gaps_after(recorder: Recorder, reader: Reader, *gaps: Gap) -> list[Gap]:
    """Record gaps one by one. Returns what the table then holds."""
    for gap in gaps:
        recorder.commit(WriteBatch(gaps=[gap]), CHECKPOINT)
    recorded = reader.history([], TimeRange(0, None), 10, 10).gaps
    return [Gap(gap.start, gap.end, gap.lost_count, gap.reason) for gap in recorded]


def test_outage_that_goes_on_or_comes_back_is_one_gap(recorder: Recorder, reader: Reader) -> None:
    losses = [outage(1, 2), outage(2, 3), outage(2, 3), outage(60, 61)]
    expected = [Gap(SECOND, 61 * SECOND, None, "not heard")]
    assert gaps_after(recorder, reader, *losses) == expected


def test_outage_in_which_the_journal_was_lost_is_one_gap(
    recorder: Recorder, reader: Reader
) -> None:
    lost = Gap(1 * SECOND, 5 * SECOND, None, "the journal was lost")
    expected = [lost._replace(end=6 * SECOND)]
    assert gaps_after(recorder, reader, lost, outage(4, 6)) == expected


@pytest.mark.parametrize(
    "first",
    [
        pytest.param(outage(1, 2, "the journal was lost"), id="it does not overlap"),
        pytest.param(Gap(SECOND, 9 * SECOND, 5, "trimmed"), id="its size is known"),
        pytest.param(Gap(SECOND, None, None, "not heard"), id="its end is unknown"),
        pytest.param(outage(5, 6), id="it came later"),
    ],
)
def test_outage_does_not_extend_another_loss(
    recorder: Recorder, reader: Reader, first: Gap
) -> None:
    gaps = gaps_after(recorder, reader, first, outage(3, 4))
    assert sorted(gap.reason for gap in gaps) == sorted([first.reason, "not heard"])


def test_outage_after_a_long_pause_is_another_one(recorder: Recorder, reader: Reader) -> None:
    assert len(gaps_after(recorder, reader, outage(1, 2), outage(63, 64))) == 2


def test_losses_without_an_outage_are_not_merged(recorder: Recorder, reader: Reader) -> None:
    gaps = [Gap(1, 2, None, "lost"), Gap(2, 3, None, "lost"), Gap(3, 4, 7, "lost")]
    assert gaps_after(recorder, reader, *gaps) == gaps

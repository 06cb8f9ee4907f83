"""Whether the journal follows on what the database has taken of it."""

import pytest

from services.broker import Entry, JournalSnapshot
from services.broker.gap_detection import (
    detect_gap,
    detect_gap_at_end,
    detect_replaced_journal,
    first_checkpoint,
)
from services.position import JOURNAL_START, Checkpoint, Cursor, EntryId, Gap

NOW = 1_795_342_272_123_456
MILLISECOND = 1000

# Ten entries of two readings each were taken, the last of them at 5,000 ms.
POSITION = Checkpoint(Cursor("a", EntryId(5_000, 3)), 10, 20)


def entry(n: int, r: int, milliseconds: int = 6_000) -> Entry:
    return Entry(EntryId(milliseconds, 0), n, r, "m", b"")


def seen(
    *entries: Entry, epoch: str | None = "a", n: int = 10, r: int = 20, first: Entry | None = None
) -> JournalSnapshot:
    last = entries[-1].id if entries else None
    return JournalSnapshot(epoch, n, r, first, list(entries), last)


class TestFirstCheckpoint:
    """The position before the first entry of a journal."""

    def test_first_checkpoint_of_an_empty_journal_has_its_counters(self) -> None:
        found = first_checkpoint(seen(n=10, r=20), "a", 0)
        assert found == Checkpoint(Cursor("a", JOURNAL_START), 10, 20)

    def test_first_checkpoint_of_a_trimmed_journal_is_before_its_first_entry(self) -> None:
        found = first_checkpoint(seen(n=10, r=20, first=entry(7, 14)), "a", 2)
        assert found.cursor == Cursor("a", JOURNAL_START)
        assert found.sequence == 6

    def test_first_entry_without_number_counts_as_zero(self) -> None:
        found = first_checkpoint(seen(first=entry(0, 0)), "a", 0)
        assert (found.sequence, found.reading_count) == (0, 0)

    def test_first_entry_is_no_gap(self) -> None:
        first = entry(7, 14)
        assert detect_gap(first_checkpoint(seen(first=first), "a", 2), first, 2) is None


class TestReplaced:
    """A journal that is not the one that was known."""

    def test_same_journal_is_not_replaced(self) -> None:
        assert detect_replaced_journal(POSITION, seen(), NOW) is None
        assert (
            detect_replaced_journal(POSITION, seen(entry(11, 22), entry(12, 24), n=12), NOW) is None
        )

    @pytest.mark.parametrize("epoch", ["b", None])
    def test_another_epoch_means_a_recreated_journal(self, epoch: str | None) -> None:
        loss = detect_replaced_journal(POSITION, seen(epoch=epoch), NOW)
        assert loss == Gap(5_000 * MILLISECOND, NOW, None, "the journal was lost and recreated")

    def test_smaller_counter_means_lost_entries(self) -> None:
        loss = detect_replaced_journal(POSITION, seen(n=9), NOW)
        assert loss == Gap(5_000 * MILLISECOND, NOW, None, "the journal lost its newest entries")

    def test_repeated_numbers_mean_lost_entries(self) -> None:
        loss = detect_replaced_journal(
            POSITION, seen(entry(9, 18), entry(10, 20), entry(11, 22), n=11), NOW
        )
        assert loss is not None
        assert loss.reason == "the journal lost its newest entries"

    def test_smaller_last_id_means_lost_entries(self) -> None:
        earlier = seen(n=12)._replace(last=EntryId(5_000, 2))
        loss = detect_replaced_journal(POSITION, earlier, NOW)
        assert loss is not None
        assert loss.reason == "the journal lost its newest entries"
        same = seen()._replace(last=POSITION.cursor.entry)
        assert detect_replaced_journal(POSITION, same, NOW) is None

    def test_entry_without_number_is_ignored(self) -> None:
        assert detect_replaced_journal(POSITION, seen(entry(0, 0)), NOW) is None

    def test_gap_before_the_first_entry_has_no_start(self) -> None:
        loss = detect_replaced_journal(
            Checkpoint(Cursor("a", JOURNAL_START), 0, 0), seen(epoch="b"), NOW
        )
        assert loss is not None
        assert loss.start is None


class TestGap:
    """Entries that are missing between two that are there."""

    def test_next_number_is_no_gap(self) -> None:
        assert detect_gap(POSITION, entry(11, 22), 2) is None

    def test_missing_entries_and_readings_are_counted(self) -> None:
        # Entries 11 to 14 held six readings; 15 has two.
        loss = detect_gap(POSITION, entry(15, 28), 2)
        assert loss == Gap(
            5_000 * MILLISECOND,
            6_000 * MILLISECOND,
            6,
            "4 entries of the journal were trimmed or deleted",
        )

    def test_lost_count_is_never_negative(self) -> None:
        loss = detect_gap(POSITION, entry(12, 1), 2)
        assert loss is not None
        assert loss.lost_count == 0

    def test_missing_entries_at_the_end_are_a_gap(self) -> None:
        assert detect_gap_at_end(POSITION, seen(n=13, r=25), NOW) == Gap(
            5_000 * MILLISECOND, NOW, 5, "3 entries of the journal were trimmed or deleted"
        )

    def test_reached_end_is_no_gap(self) -> None:
        assert detect_gap_at_end(POSITION, seen(), NOW) is None

"""Gap detection compares a checkpoint with what the journal holds."""

import pytest

from services.broker import Entry, JournalSnapshot
from services.broker.gap_detection import (
    JOURNAL_RECREATED,
    MESSAGES_TRIMMED,
    NEWEST_ENTRIES_LOST,
    cursor_after_gap,
    detect_discontinuity,
    detect_gap,
    detect_gap_at_end,
    detect_replaced_journal,
    first_checkpoint,
    reaches_back,
)
from services.position import JOURNAL_START, Checkpoint, Cursor, EntryId, Gap

NOW = 1_795_342_272_123_456
MILLISECOND = 1000

# After ten entries of two readings each, the last of them at 5,000 ms.
POSITION = Checkpoint(Cursor("a", EntryId(5_000, 3)), 10, 20)


def entry(n: int, r: int, milliseconds: int = 6_000) -> Entry:
    return Entry(EntryId(milliseconds, 0), n, r, "m", b"")


def snapshot(
    *entries: Entry, epoch: str | None = "a", n: int = 10, r: int = 20, first: Entry | None = None
) -> JournalSnapshot:
    last = entries[-1].id if entries else None
    return JournalSnapshot(epoch, n, r, first, list(entries), last)


class TestFirstCheckpoint:
    """The checkpoint before the first entry of a journal."""

    def test_first_checkpoint_of_an_empty_journal_has_its_counters(self) -> None:
        checkpoint = first_checkpoint(snapshot(n=10, r=20), "a", 0)
        assert checkpoint == Checkpoint(Cursor("a", JOURNAL_START), 10, 20)

    def test_first_checkpoint_of_a_trimmed_journal_is_before_its_first_entry(self) -> None:
        checkpoint = first_checkpoint(snapshot(n=10, r=20, first=entry(7, 14)), "a", 2)
        assert checkpoint.cursor == Cursor("a", JOURNAL_START)
        assert checkpoint.sequence == 6

    def test_first_entry_without_number_counts_as_zero(self) -> None:
        checkpoint = first_checkpoint(snapshot(first=entry(0, 0)), "a", 0)
        assert (checkpoint.sequence, checkpoint.reading_count) == (0, 0)

    def test_first_entry_is_no_gap(self) -> None:
        first = entry(7, 14)
        assert detect_gap(first_checkpoint(snapshot(first=first), "a", 2), first, 2) is None


class TestReplaced:
    """A journal that is not the one that the checkpoint belongs to."""

    def test_same_journal_is_not_replaced(self) -> None:
        assert detect_replaced_journal(POSITION, snapshot(), NOW) is None
        assert (
            detect_replaced_journal(POSITION, snapshot(entry(11, 22), entry(12, 24), n=12), NOW)
            is None
        )

    @pytest.mark.parametrize("epoch", ["b", None])
    def test_another_epoch_means_a_recreated_journal(self, epoch: str | None) -> None:
        gap = detect_replaced_journal(POSITION, snapshot(epoch=epoch), NOW)
        assert gap == Gap(5_000 * MILLISECOND, NOW, None, "the journal was lost and recreated")

    def test_smaller_counter_means_lost_entries(self) -> None:
        gap = detect_replaced_journal(POSITION, snapshot(n=9), NOW)
        assert gap == Gap(5_000 * MILLISECOND, NOW, None, "the journal lost its newest entries")

    def test_repeated_numbers_mean_lost_entries(self) -> None:
        gap = detect_replaced_journal(
            POSITION, snapshot(entry(9, 18), entry(10, 20), entry(11, 22), n=11), NOW
        )
        assert gap is not None
        assert gap.reason == "the journal lost its newest entries"

    def test_smaller_last_id_means_lost_entries(self) -> None:
        earlier = snapshot(n=12)._replace(last=EntryId(5_000, 2))
        gap = detect_replaced_journal(POSITION, earlier, NOW)
        assert gap is not None
        assert gap.reason == "the journal lost its newest entries"
        same = snapshot()._replace(last=POSITION.cursor.entry)
        assert detect_replaced_journal(POSITION, same, NOW) is None

    def test_entry_without_number_is_ignored(self) -> None:
        assert detect_replaced_journal(POSITION, snapshot(entry(0, 0)), NOW) is None

    def test_gap_before_the_first_entry_has_no_start(self) -> None:
        gap = detect_replaced_journal(
            Checkpoint(Cursor("a", JOURNAL_START), 0, 0), snapshot(epoch="b"), NOW
        )
        assert gap is not None
        assert gap.start is None


class TestGap:
    """Entries are missing between two others, or at the end."""

    def test_next_number_is_no_gap(self) -> None:
        assert detect_gap(POSITION, entry(11, 22), 2) is None

    def test_missing_entries_and_readings_are_counted(self) -> None:
        # Entries 11 to 14 held six readings; 15 has two.
        gap = detect_gap(POSITION, entry(15, 28), 2)
        assert gap == Gap(
            5_000 * MILLISECOND,
            6_000 * MILLISECOND,
            6,
            "4 entries of the journal were trimmed or deleted",
        )

    def test_lost_count_is_never_negative(self) -> None:
        gap = detect_gap(POSITION, entry(12, 1), 2)
        assert gap is not None
        assert gap.lost_count == 0

    def test_missing_entries_at_the_end_are_a_gap(self) -> None:
        assert detect_gap_at_end(POSITION, snapshot(n=13, r=25), NOW) == Gap(
            5_000 * MILLISECOND, NOW, 5, "3 entries of the journal were trimmed or deleted"
        )

    def test_reached_end_is_no_gap(self) -> None:
        assert detect_gap_at_end(POSITION, snapshot(), NOW) is None


class TestDiscontinuity:
    """A follower reads the entry at its position again, and those after it."""

    at_position = entry(10, 20)._replace(id=POSITION.cursor.entry)

    @pytest.mark.parametrize(
        ("found", "reason"),
        [
            (snapshot(epoch="b"), JOURNAL_RECREATED),
            (snapshot(n=9), NEWEST_ENTRIES_LOST),
            (snapshot(), NEWEST_ENTRIES_LOST),
            (snapshot(entry(11, 22), n=11, first=entry(9, 18, 4_000)), NEWEST_ENTRIES_LOST),
            (snapshot(entry(13, 26), n=13, first=entry(13, 26)), MESSAGES_TRIMMED),
            (snapshot(entry(13, 20), n=13, first=entry(13, 20)), None),
            (snapshot(entry(11, 20), n=11, first=entry(11, 20)), None),
            (snapshot(at_position, n=10, first=entry(9, 18, 4_000)), None),
        ],
    )
    def test_reason_tells_how_readings_were_lost(
        self, found: JournalSnapshot, reason: str | None
    ) -> None:
        assert detect_discontinuity(POSITION, found) == reason

    def test_journal_reaches_back_if_it_has_the_entry_or_all_entries(self) -> None:
        at = POSITION.cursor.entry
        assert reaches_back(snapshot(self.at_position, first=self.at_position), at)
        assert reaches_back(snapshot(entry(1, 2), first=entry(1, 2)), JOURNAL_START)
        assert reaches_back(snapshot(n=0, r=0), JOURNAL_START)
        assert not reaches_back(snapshot(entry(11, 22), first=entry(11, 22)), at)
        assert not reaches_back(snapshot(), at)

    def test_follower_continues_before_the_first_entry_that_is_left(self) -> None:
        first = entry(13, 26)
        end = Cursor("a", EntryId(7_000, 0))
        cursor = cursor_after_gap(POSITION.cursor, snapshot(first, first=first), end)
        assert cursor == Cursor("a", first.id.previous)

    def test_follower_continues_at_the_end_of_a_journal_that_lost_newest_entries(self) -> None:
        end = Cursor("a", EntryId(4_000, 0))
        assert cursor_after_gap(POSITION.cursor, snapshot(first=entry(9, 18, 4_000)), end) == end

    @pytest.mark.parametrize("milliseconds", [4_000, 9_000])
    def test_follower_skips_old_entries_of_a_recreated_journal(self, milliseconds: int) -> None:
        end = Cursor("b", EntryId(milliseconds, 0))
        cursor = cursor_after_gap(POSITION.cursor, snapshot(epoch="b"), end)
        assert cursor == Cursor("b", min(end.entry, POSITION.cursor.entry))

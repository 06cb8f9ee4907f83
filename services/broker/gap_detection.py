"""Whether what the journal shows follows on what the database has taken of it.

Every entry has a dense number `n` and the count of readings so far `r`, so a hole can be seen
and counted. A journal that is not the one we knew, or that ends before our position, is read
from its first entry.
"""

from services.broker import Entry, JournalSnapshot
from services.position import JOURNAL_START, Checkpoint, Cursor, Gap
from services.reading import MICROSECONDS

_MILLISECOND = MICROSECONDS // 1000


def first_checkpoint(seen: JournalSnapshot, epoch: str, readings: int) -> Checkpoint:
    """The position before the first entry that a journal still has.

    readings: how many that entry holds.
    """
    start = Cursor(epoch, JOURNAL_START)
    if seen.first is None:
        return Checkpoint(start, seen.last_sequence, seen.reading_count)
    return Checkpoint(
        start, max(0, seen.first.sequence - 1), max(0, seen.first.reading_count - readings)
    )


def detect_replaced_journal(position: Checkpoint, seen: JournalSnapshot, now: int) -> Gap | None:
    """What is lost when this is not the journal that `position` stands in, or None if it is.

    now: microseconds.
    """
    since = _time(position)
    if seen.epoch != position.cursor.epoch:
        return Gap(since, now, None, "the journal was lost and made anew")
    went_back = seen.last is not None and seen.last < position.cursor.entry
    if seen.last_sequence < position.sequence or went_back or _repeats(position, seen):
        return Gap(since, now, None, "the journal lost its newest entries")
    return None


def _repeats(position: Checkpoint, seen: JournalSnapshot) -> bool:
    """Whether the journal goes on with numbers that it had given out before.

    A single entry with such a number is a stranger's: those of a journal that lost its tail
    follow on each other, up to the last that was given out.
    """
    numbers = [entry.sequence for entry in seen.entries if entry.sequence]
    if not numbers or numbers[0] > position.sequence:
        return False
    dense = numbers[-1] - numbers[0] == len(numbers) - 1
    whole = seen.entries[-1].id == seen.last
    return dense and (numbers[-1] == seen.last_sequence or not whole)


def detect_gap(position: Checkpoint, entry: Entry, readings: int) -> Gap | None:
    """What is lost between a position and the entry that was found next, or None.

    readings: how many the entry itself holds.
    """
    return _hole(
        position,
        entry.sequence,
        entry.reading_count - readings,
        entry.id.milliseconds * _MILLISECOND,
    )


def detect_gap_at_end(position: Checkpoint, seen: JournalSnapshot, now: int) -> Gap | None:
    """What is lost between a position and the end of the journal, when no entry is left there."""
    return _hole(position, seen.last_sequence + 1, seen.reading_count, now)


def _hole(position: Checkpoint, next_n: int, readings_before: int, until: int) -> Gap | None:
    entries = next_n - position.sequence - 1
    if entries == 0:
        return None
    return Gap(
        _time(position),
        until,
        max(0, readings_before - position.reading_count),
        f"{entries} entries of the journal were trimmed or deleted",
    )


def _time(position: Checkpoint) -> int | None:
    milliseconds = position.cursor.entry.milliseconds
    return milliseconds * _MILLISECOND if milliseconds else None

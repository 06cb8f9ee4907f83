"""Gap detection: compares a position in the journal with what the journal now holds.

Every entry has a sequence number without holes and the number of readings so far. So a missing
entry is noticed, and the missing readings are counted. The writer and the follower share these
functions: the writer stores a `Gap`, the follower passes the reason on to viewers.
"""

from typing import Final, NamedTuple

from services.broker.entries import Entry, JournalSnapshot
from services.broker.lazy_readings import LazyReadings
from services.position import JOURNAL_START, Checkpoint, Cursor, EntryId, Gap
from services.reading import MAX_TS, MICROSECONDS

JOURNAL_RECREATED: Final = "the journal was lost and recreated"
NEWEST_ENTRIES_LOST: Final = "the journal lost its newest entries"
FILE_INCOMPLETE: Final = "the end of Redis's file may be missing, as after a power failure"
MESSAGES_TRIMMED: Final = "messages were trimmed before they could be read"
_ENTRIES_TRIMMED: Final = "{} entries of the journal were trimmed or deleted"

_MILLISECOND: Final = MICROSECONDS // 1000


class _Missing(NamedTuple):
    """The difference between a position and the next entry: entries and readings."""

    entries: int
    readings: int


def first_checkpoint(snapshot: JournalSnapshot, epoch: str, reading_count: int) -> Checkpoint:
    """Return the checkpoint before the first entry that a journal still has.

    Args:
        snapshot: The journal.
        epoch: The journal's epoch.
        reading_count: Number of readings in the first entry.
    """
    start = Cursor(epoch, JOURNAL_START)
    first = snapshot.first
    if first is None:
        return Checkpoint(start, snapshot.last_sequence, snapshot.reading_count)
    return Checkpoint(
        start, max(0, first.sequence - 1), max(0, first.reading_count - reading_count)
    )


def detect_replaced_journal(
    position: Checkpoint, snapshot: JournalSnapshot, now: int
) -> Gap | None:
    """Detect that the journal is not the one that a position belongs to.

    Args:
        position: The last entry that was read.
        snapshot: The journal, with the entries after the position.
        now: Microseconds since 1970, the end of the gap.

    Returns:
        A gap of unknown size, or None if the journal is the same.
    """
    reason = _replacement(position, snapshot)
    if reason is None and _repeats_numbers(position, snapshot):
        reason = NEWEST_ENTRIES_LOST
    return None if reason is None else Gap(_time_of(position), now, None, reason)


def gap_of_cut_file(position: Checkpoint, now: int) -> Gap:
    """Return the gap of a journal whose newest entries may be missing from Redis's file.

    Args:
        position: The last entry that was read.
        now: Microseconds since 1970, the end of the gap.
    """
    return Gap(_time_of(position), now, None, FILE_INCOMPLETE)


def detect_gap(position: Checkpoint, entry: Entry, reading_count: int) -> Gap | None:
    """Return the gap between a position and the next entry, or None if nothing is missing.

    Args:
        position: The last entry that was read.
        entry: The next entry that the journal has. It must have a sequence number.
        reading_count: Number of readings in that entry.
    """
    missing = _missing(position, entry.sequence, entry.reading_count - reading_count)
    return _counted_gap(position, missing, _time_of_entry(entry.id))


def detect_gap_at_end(position: Checkpoint, snapshot: JournalSnapshot, now: int) -> Gap | None:
    """Return the gap between a position and the end of the journal, or None.

    Args:
        position: The last entry that was read.
        snapshot: The journal, which has no entries after the position.
        now: Microseconds since 1970, the end of the gap.
    """
    missing = _missing(position, snapshot.last_sequence + 1, snapshot.reading_count)
    return _counted_gap(position, missing, now)


def detect_discontinuity(position: Checkpoint, snapshot: JournalSnapshot) -> str | None:
    """Return the reason why readings after a position can't be read, or None.

    Missing commands are not a reason: they hold no readings.

    Args:
        position: The last entry that was read.
        snapshot: The journal, with the entry at the position and those after it.
    """
    reason = _replacement(position, snapshot)
    if reason is not None:
        return reason
    entry = position.cursor.entry
    if snapshot.last is None and entry > JOURNAL_START:
        return NEWEST_ENTRIES_LOST
    if _starts_at(snapshot, entry):
        return None
    if snapshot.first is not None and snapshot.first.id < entry:
        # Trimming begins with the oldest entry, so this one was lost in another way.
        return NEWEST_ENTRIES_LOST
    if snapshot.entries:
        first = snapshot.entries[0]
        count = len(list(LazyReadings(first.text)))
        missing = _missing(position, first.sequence, first.reading_count - count)
    else:
        missing = _missing(position, snapshot.last_sequence + 1, snapshot.reading_count)
    return MESSAGES_TRIMMED if missing.entries and missing.readings else None


def reaches_back(snapshot: JournalSnapshot, entry: EntryId) -> bool:
    """Return True if the journal still holds everything that was appended after an entry.

    Args:
        snapshot: The journal, with the given entry and those after it.
        entry: Id of an entry of this journal, or JOURNAL_START.
    """
    if _starts_at(snapshot, entry):
        return True
    if snapshot.first is None:
        return snapshot.last_sequence == 0 and entry == JOURNAL_START
    return snapshot.first.sequence == 1 and entry < snapshot.first.id


def cursor_after_gap(cursor: Cursor, snapshot: JournalSnapshot, end: Cursor) -> Cursor:
    """Return the cursor from which to read on after a gap.

    Args:
        cursor: The position that the journal does not continue.
        snapshot: The journal in which the gap was detected.
        end: The end of the journal now.
    """
    if end.epoch != cursor.epoch:
        # A recreated journal may still hold entries of the old one, which were read before.
        entry = min(end.entry, cursor.entry)
    elif snapshot.first is not None and snapshot.first.id > cursor.entry:
        entry = snapshot.first.id.previous
    else:
        entry = end.entry
    return Cursor(end.epoch, entry)


def _replacement(position: Checkpoint, snapshot: JournalSnapshot) -> str | None:
    if snapshot.epoch != position.cursor.epoch:
        return JOURNAL_RECREATED
    went_back = snapshot.last is not None and snapshot.last < position.cursor.entry
    if went_back or snapshot.last_sequence < position.sequence:
        return NEWEST_ENTRIES_LOST
    return None


def _repeats_numbers(position: Checkpoint, snapshot: JournalSnapshot) -> bool:
    """Return True if the entries after a position have numbers that were given out before it.

    A single entry with such a number was added by another tool. The entries of a journal that
    lost its newest part have consecutive numbers, up to the last one that was given out.
    """
    numbers = [entry.sequence for entry in snapshot.entries if entry.sequence]
    if not numbers or numbers[0] > position.sequence:
        return False
    consecutive = numbers[-1] - numbers[0] == len(numbers) - 1
    complete = snapshot.entries[-1].id == snapshot.last
    return consecutive and (numbers[-1] == snapshot.last_sequence or not complete)


def _starts_at(snapshot: JournalSnapshot, entry: EntryId) -> bool:
    return bool(snapshot.entries) and snapshot.entries[0].id == entry


def _missing(position: Checkpoint, next_sequence: int, readings_before: int) -> _Missing:
    return _Missing(next_sequence - position.sequence - 1, readings_before - position.reading_count)


def _counted_gap(position: Checkpoint, missing: _Missing, end: int) -> Gap | None:
    if not missing.entries:
        return None
    reason = _ENTRIES_TRIMMED.format(missing.entries)
    return Gap(_time_of(position), end, max(0, missing.readings), reason)


def _time_of(position: Checkpoint) -> int | None:
    return _time_of_entry(position.cursor.entry) or None


def _time_of_entry(entry: EntryId) -> int:
    """Return the time of an entry in microseconds, at most the time of the last valid reading."""
    return min(entry.milliseconds * _MILLISECOND, MAX_TS)

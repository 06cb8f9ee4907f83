"""Parses entries of the journal, in the form in which Redis sends them."""

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

from services.position import Checkpoint, EntryId

_MAX_DIGITS: Final = 16
"""The scripts write no longer number. A longer one was appended by another tool."""

STATE_FIELDS: Final = ("epoch", "n", "r", "b", "committed")
"""The fields of the state, with which every response of `Journal.read` begins."""

_MAX_COUNTER: Final = 1 << 52
"""Bound of the counters, the same as in common.lua."""

_EPOCH = re.compile(rb"[0-9a-z]{1,40}")
_ENTRY_ID = re.compile(rb"[0-9]+-[0-9]+")

# The fields of an entry in the order in which append.lua writes them, and the columns of values.
_FIELDS: Final = (b"m", b"n", b"r", b"b")
_TEXT_COLUMN, _SEQUENCE_COLUMN, _READING_COUNT_COLUMN = 1, 3, 5


class Entry(NamedTuple):
    """An entry of the journal.

    Attributes:
        id: Its id in the stream.
        sequence: Its sequence number, 0 if another tool appended it.
        reading_count: Readings in the journal up to and including this entry.
        kind: "m" for a message, "c" for a command, "" for anything else.
        text: The message or command, empty for anything else.
    """

    id: EntryId
    sequence: int
    reading_count: int
    kind: str
    text: bytes


class EntryCounters(NamedTuple):
    """Sizes and counters of an entry; a counter that is missing or malformed is 0.

    Attributes:
        sequence: Its sequence number.
        text_bytes: Bytes of its text.
        total_bytes: Bytes of all texts up to and including this entry.
    """

    sequence: int
    text_bytes: int
    total_bytes: int


class JournalSnapshot(NamedTuple):
    """The journal at one moment.

    Attributes:
        epoch: The journal's epoch, None if there is no journal.
        last_sequence: Sequence number of the last entry that was ever appended.
        reading_count: Number of readings that were ever appended.
        first: The oldest entry that is left, None for an empty journal.
        entries: The entries that were requested.
        last: Id of the newest entry, None for an empty journal.
    """

    epoch: str | None
    last_sequence: int
    reading_count: int
    first: Entry | None
    entries: list[Entry]
    last: EntryId | None


class ContiguousBatch(NamedTuple):
    """Messages that directly follow a checkpoint, without a gap.

    Attributes:
        texts: The messages.
        end: The checkpoint after the last one.
    """

    texts: list[bytes]
    end: Checkpoint


def is_sound(state: Sequence[bytes | None]) -> bool:
    """Return True if the fields of a state are as the scripts write them, or there is no state."""
    epoch, n, r, b, committed = state
    if epoch is None:
        return True
    return (
        _EPOCH.fullmatch(epoch) is not None
        and all(map(_is_counter, (n, r, b)))
        and (committed is None or _ENTRY_ID.fullmatch(committed) is not None)
    )


def parse_snapshot(response: list[Any]) -> JournalSnapshot:
    """Parse a response: state, first entry, requested entries, last entry."""
    (epoch, n, r, *_), first, entries, last = response
    return JournalSnapshot(
        epoch.decode() if epoch is not None else None,
        parse_number(n),
        parse_number(r),
        _parse_entry(first[0]) if first else None,
        [_parse_entry(raw) for raw in entries],
        EntryId.parse(last[0][0]) if last else None,
    )


def parse_contiguous(
    response: list[Any], position: Checkpoint, max_entries: int
) -> ContiguousBatch | None:
    """Parse the entries of a response by columns, ten times as fast as one by one.

    Args:
        response: The same as for `parse_snapshot`.
        position: The entry after which the response begins.
        max_entries: Maximum number of entries that was requested.

    Returns:
        The messages. None without entries, with a gap, or if an entry is not a message of this
        project.
    """
    (epoch, n, *_), _first, entries, _last = response
    count, end, last_sequence = len(entries), position.sequence + len(entries), parse_number(n)
    if not count or epoch != position.cursor.epoch.encode():
        return None
    try:
        columns = list(zip(*(fields for _id, fields in entries), strict=True))
        sequences = list(map(int, columns[_SEQUENCE_COLUMN]))
    except (ValueError, IndexError):
        return None
    # A response that reaches the end of the journal must also reach the last sequence number.
    complete = end == last_sequence or (count == max_entries and end < last_sequence)
    names = tuple(column[0] for column in columns[::2])
    expected = list(range(position.sequence + 1, end + 1))
    if not complete or names != _FIELDS or sequences != expected:
        return None
    if any(column.count(column[0]) != count for column in columns[::2]):
        return None
    entry = EntryId.parse(entries[-1][0])
    reading_count = parse_number(columns[_READING_COUNT_COLUMN][-1])
    return ContiguousBatch(
        list(columns[_TEXT_COLUMN]),
        Checkpoint(position.cursor._replace(entry=entry), end, reading_count),
    )


def parse_counters(raw: tuple[bytes, list[bytes]]) -> EntryCounters:
    """Parse the counters of an entry, without its text."""
    fields = dict(_pairs(raw[1]))
    text = fields.get(b"m") or fields.get(b"c") or b""
    return EntryCounters(parse_number(fields.get(b"n")), len(text), parse_number(fields.get(b"b")))


def parse_number(text: bytes | None) -> int:
    """Parse a number that one of the scripts wrote. Anything else counts as 0."""
    return int(text) if text is not None and text.isdigit() and len(text) <= _MAX_DIGITS else 0


def _is_counter(text: bytes | None) -> bool:
    return (
        text is not None
        and text.isdigit()
        and len(text) <= _MAX_DIGITS
        and int(text) < _MAX_COUNTER
    )


def _parse_entry(raw: tuple[bytes, list[bytes]]) -> Entry:
    entry_id, flat = raw
    fields = dict(_pairs(flat))
    kind = next((name for name in (b"m", b"c") if name in fields), b"")
    return Entry(
        EntryId.parse(entry_id),
        parse_number(fields.get(b"n")),
        parse_number(fields.get(b"r")),
        kind.decode(),
        fields.get(kind, b""),
    )


def _pairs(flat: list[bytes]) -> Iterator[tuple[bytes, bytes]]:
    names = iter(flat)
    return zip(names, names, strict=True)

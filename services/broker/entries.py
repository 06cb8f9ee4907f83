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

_READING_COUNT_INDEX: Final = 5
"""Index of the value of `r` in the fields of an entry, as append.lua writes them."""


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
    """Parse the entries of a response together, ten times as fast as one by one.

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
    # A response that reaches the end of the journal must also reach the last sequence number.
    if end != last_sequence and (count != max_entries or end > last_sequence):
        return None
    texts: list[bytes] = []
    sequences: list[bytes] = []
    try:
        for _id, (m_name, text, n_name, sequence, r_name, _, b_name, _) in entries:
            if m_name != b"m" or n_name != b"n" or r_name != b"r" or b_name != b"b":
                return None
            texts.append(text)
            sequences.append(sequence)
        if list(map(int, sequences)) != list(range(position.sequence + 1, end + 1)):
            return None
    except ValueError:
        return None
    last_id, last_fields = entries[-1]
    cursor = position.cursor._replace(entry=EntryId.parse(last_id))
    reading_count = parse_number(last_fields[_READING_COUNT_INDEX])
    return ContiguousBatch(texts, Checkpoint(cursor, end, reading_count))


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

"""Entries of the journal as Redis gives them, and what they mean."""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from services.position import Checkpoint, EntryId

_DIGITS: Final = 16

# What the script writes into an entry, and where the values of it stand.
_KEYS: Final = (b"m", b"n", b"r", b"b")
_TEXTS, _NUMBERS, _TOTALS = 1, 3, 5


class Entry(NamedTuple):
    """An entry of the journal. kind: "m" or "c", or "" for what none of ours has made."""

    id: EntryId
    sequence: int
    reading_count: int
    kind: str
    text: bytes


class JournalSnapshot(NamedTuple):
    """What one look at the journal saw, at one moment.

    epoch: None when there is no journal. n, r: the number of the last entry that was ever
    appended, and the readings so far. first: the oldest entry that is left; last: the newest's id.
    """

    epoch: str | None
    last_sequence: int
    reading_count: int
    first: Entry | None
    entries: list[Entry]
    last: EntryId | None


class Lag(NamedTuple):
    """What the journal holds that the database has not committed: entries and bytes of messages."""

    entries: int
    bytes: int


class ContiguousBatch(NamedTuple):
    """Messages that follow on a position, one on the other. end: the position after them."""

    texts: list[bytes]
    end: Checkpoint


def parse_snapshot(seen: list[Any]) -> JournalSnapshot:
    """What one look saw: the state, the first entry, those that were asked for, and the last."""
    (epoch, n, r), first, entries, last = seen
    return JournalSnapshot(
        epoch.decode() if epoch is not None else None,
        parse_number(n),
        parse_number(r),
        _entry(first[0]) if first else None,
        [_entry(raw) for raw in entries],
        EntryId.parse(last[0][0]) if last else None,
    )


def parse_contiguous(seen: list[Any], position: Checkpoint, count: int) -> ContiguousBatch | None:
    """The entries column by column, which takes a tenth of the time that one by one would.

    None when they are not all messages of ours, or not all that follow on the position.
    """
    (epoch, n, _r), _first, entries, _last = seen
    size, end = len(entries), position.sequence + len(entries)
    if not size or epoch != position.cursor.epoch.encode():
        return None
    try:
        columns = list(zip(*(flat for _entry, flat in entries), strict=True))
        numbers = list(map(int, columns[_NUMBERS]))
    except (ValueError, IndexError):
        return None
    # Where the last entry is among them, it has the last number too.
    whole = end == parse_number(n) or (size == count and end < parse_number(n))
    keys = tuple(column[0] for column in columns[::2])
    if not whole or keys != _KEYS or numbers != list(range(position.sequence + 1, end + 1)):
        return None
    if any(column.count(column[0]) != size for column in columns[::2]):
        return None
    entry = EntryId.parse(entries[-1][0])
    total = parse_number(columns[_TOTALS][-1])
    return ContiguousBatch(
        list(columns[_TEXTS]), Checkpoint(position.cursor._replace(entry=entry), end, total)
    )


def parse_sizes(raw: tuple[bytes, list[bytes]]) -> tuple[int, int, int]:
    """The bytes of an entry's text; its number, and the bytes so far."""
    fields = dict(_pairs(raw[1]))
    text = fields.get(b"m") or fields.get(b"c") or b""
    return len(text), parse_number(fields.get(b"n")), parse_number(fields.get(b"b"))


def _entry(raw: tuple[bytes, list[bytes]]) -> Entry:
    entry, flat = raw
    fields = dict(_pairs(flat))
    kind = next((key for key in (b"m", b"c") if key in fields), b"")
    return Entry(
        EntryId.parse(entry),
        parse_number(fields.get(b"n")),
        parse_number(fields.get(b"r")),
        kind.decode(),
        fields.get(kind, b""),
    )


def _pairs(flat: list[bytes]) -> Iterator[tuple[bytes, bytes]]:
    keys = iter(flat)
    return zip(keys, keys, strict=True)


def parse_number(text: bytes | None) -> int:
    """A number as the scripts write it; 0 for anything else."""
    # Longer than any that the scripts make is a stranger's.
    return int(text) if text is not None and text.isdigit() and len(text) <= _DIGITS else 0

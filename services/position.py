"""Positions in the journal: entry ids, cursors, checkpoints, and gaps between them.

A cursor is `epoch:milliseconds-sequence` on the wire, as the id of a message and as the position of
a viewer. Entry ids compare as pairs of numbers, never as text: "9-1" comes before "10-0".
"""

import re
from typing import NamedTuple, Self

_ENTRY = re.compile(r"(\d{1,20})-(\d{1,20})", re.ASCII)
_EPOCH = re.compile(r"[0-9a-z]{1,40}", re.ASCII)
_MAX_NUMBER = (1 << 64) - 1


class EntryId(NamedTuple):
    """The id of a journal entry. Ids compare in the order of the journal."""

    milliseconds: int
    sequence: int

    @classmethod
    def parse(cls, text: str | bytes) -> Self:
        """Parse `milliseconds-sequence`.

        Raises:
            ValueError: `text` is anything else, or a number has more than 64 bits.
        """
        match = _ENTRY.fullmatch(text.decode("ascii") if isinstance(text, bytes) else text)
        if match is None or max(entry := cls(int(match[1]), int(match[2]))) > _MAX_NUMBER:
            raise ValueError(f"not the id of a journal entry: {text!r:.80}")
        return entry

    @property
    def previous(self) -> Self:
        """Largest possible id before this one. 0-0 has none and returns itself."""
        if self.sequence:
            return self._replace(sequence=self.sequence - 1)
        if self.milliseconds:
            return type(self)(self.milliseconds - 1, _MAX_NUMBER)
        return self

    def __str__(self) -> str:
        return f"{self.milliseconds}-{self.sequence}"


JOURNAL_START = EntryId(0, 0)
"""The position before the first entry of any journal."""


class Cursor(NamedTuple):
    """A position in one journal. Cursors of different epochs have no order.

    Attributes:
        epoch: Name of one life of the journal.
        entry: Id of the newest entry that counts as read.
    """

    epoch: str
    entry: EntryId

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse `epoch:milliseconds-sequence`.

        Raises:
            ValueError: `text` is anything else.
        """
        epoch, separator, entry = text.partition(":")
        if not separator or _EPOCH.fullmatch(epoch) is None:
            raise ValueError(f"not a cursor: {text!r:.80}")
        return cls(epoch, EntryId.parse(entry))

    def __str__(self) -> str:
        return f"{self.epoch}:{self.entry}"


class Checkpoint(NamedTuple):
    """A cursor with the counters of its entry.

    Attributes:
        cursor: Position of the entry.
        sequence: Sequence number of the entry (`n` on the wire).
        reading_count: Number of readings in the journal up to and including the entry (`r` on
            the wire).
    """

    cursor: Cursor
    sequence: int
    reading_count: int


class Gap(NamedTuple):
    """Readings that are known to be missing.

    Attributes:
        start: Time in microseconds from which readings are missing, None if unknown.
        end: Time in microseconds up to which readings are missing, None if unknown.
        lost_count: Number of missing readings, None if unknown.
        reason: Sentence for people that says how the readings were lost.
        is_outage: True if the loss is one of an outage, which may cause further losses. They are
            recorded as one.
    """

    start: int | None
    end: int | None
    lost_count: int | None
    reason: str
    is_outage: bool = False

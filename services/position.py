"""A position in the journal: the epoch that the journal was made with, and an entry's id.

On the wire it is `epoch:milliseconds-sequence`, the id of a message and the cursor of a viewer.
Entry ids are compared as pairs of numbers, never as text: "9-1" comes before "10-0".
"""

import re
from typing import NamedTuple, Self

_ENTRY = re.compile(r"(\d{1,20})-(\d{1,20})", re.ASCII)
_EPOCH = re.compile(r"[0-9a-z]{1,40}", re.ASCII)
_LAST = (1 << 64) - 1


class EntryId(NamedTuple):
    """The id of a stream entry, comparable in the journal's order."""

    milliseconds: int
    sequence: int

    @classmethod
    def parse(cls, text: str | bytes) -> Self:
        """Read `milliseconds-sequence`. Raises ValueError for anything else."""
        match = _ENTRY.fullmatch(text.decode("ascii") if isinstance(text, bytes) else text)
        if match is None or max(entry := cls(int(match[1]), int(match[2]))) > _LAST:
            raise ValueError(f"not the id of a journal entry: {text!r:.80}")
        return entry

    @property
    def previous(self) -> Self:
        """The id before this one, that an entry could have. The first has none, and stays."""
        if self.sequence:
            return self._replace(sequence=self.sequence - 1)
        if self.milliseconds:
            return type(self)(self.milliseconds - 1, _LAST)
        return self

    def __str__(self) -> str:
        return f"{self.milliseconds}-{self.sequence}"


JOURNAL_START = EntryId(0, 0)
"""Before the first entry of any journal."""


class Cursor(NamedTuple):
    """A position in one journal. Cursors of different epochs have no order."""

    epoch: str
    entry: EntryId

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `epoch:milliseconds-sequence`. Raises ValueError for anything else."""
        epoch, separator, entry = text.partition(":")
        if not separator or _EPOCH.fullmatch(epoch) is None:
            raise ValueError(f"not a cursor: {text!r:.80}")
        return cls(epoch, EntryId.parse(entry))

    def __str__(self) -> str:
        return f"{self.epoch}:{self.entry}"


class Checkpoint(NamedTuple):
    """A place in the journal, with the counters of the entry there.

    Attributes:
        cursor: The entry.
        n: Its sequence number.
        r: Readings in the journal up to and including it.
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
        reason: What was lost and how, for people.
    """

    start: int | None
    end: int | None
    lost_count: int | None
    reason: str

"""Entries that were stored before, and are read again because the journal lost newer ones.

Among them may be readings that a command has corrected since, one that the journal may have lost:
what was erased must not come back, nor a name or a unit that was changed.
"""

from collections.abc import Iterable, Sequence

from services.broker import Entry
from services.command import Command
from services.position import JOURNAL_START, EntryId
from services.reading import Reading
from services.store import Correction


class Replay:
    """What is known of a journal that is read again.

    until: its last entry that was stored. corrections: the newest that were made, in their order.
    """

    def __init__(
        self, until: EntryId = JOURNAL_START, corrections: Sequence[Correction] = ()
    ) -> None:
        self.until = until
        self._corrections = corrections

    def covers(self, entry: Entry) -> bool:
        """Whether an entry was stored already, or may have been."""
        return entry.id <= self.until

    def has(self, entry: Entry) -> bool:
        """Whether the command of an entry was carried out already, or refused."""
        # Older ones than those that are kept were so in any case.
        known = {correction.entry for correction in self._corrections}
        return self.covers(entry) and bool(known) and (entry.id in known or entry.id < min(known))

    def amended(self, entry: Entry, readings: Iterable[Reading]) -> list[Reading]:
        """What the corrections that came after an entry have left of its readings."""
        later = [
            correction.command
            for correction in self._corrections
            if correction.entry > entry.id and correction.refusal is None
        ]
        named = {command.series for command in later}
        found = (_amended(r, later) if r.series in named else r for r in readings)
        return [reading for reading in found if reading is not None]


def _amended(reading: Reading, commands: Iterable[Command]) -> Reading | None:
    for command in commands:
        left = command.apply(reading)
        if left is None:
            return None
        reading = left
    return reading

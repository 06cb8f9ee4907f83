"""Replay: entries that are read again because the journal lost newer ones.

They were stored before. Since then, a command that the journal may have lost may have corrected
their readings. An erased reading must not come back, nor an old name or unit.
"""

from collections.abc import Iterable, Sequence

from services.broker import Entry
from services.command import Command
from services.position import JOURNAL_START, EntryId
from services.reading import Reading
from services.store import Correction


class Replay:
    """The entries of a journal that were stored before, and the corrections made since.

    Args:
        until: The last entry that was stored before; JOURNAL_START without a replay.
        corrections: The newest corrections, in their order.
    """

    def __init__(
        self, until: EntryId = JOURNAL_START, corrections: Sequence[Correction] = ()
    ) -> None:
        self.until = until
        self._corrections = corrections

    def covers(self, entry: Entry) -> bool:
        """Return True if an entry may have been stored before."""
        return entry.id <= self.until

    def is_done(self, entry: Entry) -> bool:
        """Return True if the command of an entry was carried out or refused before."""
        done = {correction.entry for correction in self._corrections}
        # Corrections older than the kept ones were made in any case.
        return self.covers(entry) and bool(done) and (entry.id in done or entry.id < min(done))

    def corrected(self, entry: Entry, readings: Iterable[Reading]) -> list[Reading]:
        """Apply the corrections that came after an entry to its readings."""
        commands = [
            correction.command
            for correction in self._corrections
            if correction.entry > entry.id and correction.refusal is None
        ]
        # A command changes only readings of its own series, so most readings need no loop.
        affected = {command.series for command in commands}
        remaining = (
            _apply_all(commands, reading) if reading.series in affected else reading
            for reading in readings
        )
        return [reading for reading in remaining if reading is not None]


def _apply_all(commands: Iterable[Command], reading: Reading) -> Reading | None:
    for command in commands:
        result = command.apply(reading)
        if result is None:
            return None
        reading = result
    return reading

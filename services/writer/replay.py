"""Replay: entries that are read again because the journal lost newer ones.

They were stored before. Since then, a command that the journal may have lost may have corrected
their readings. An erased reading must not come back, nor an old name or unit.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import accumulate, islice
from typing import NamedTuple, TypeAlias

from services.broker import Entry
from services.command import (
    Delete,
    Erase,
    Rename,
    SeriesCommand,
    SetUnit,
)
from services.position import JOURNAL_START, EntryId
from services.reading import Reading
from services.store import Correction, Recorder

_Correcting: TypeAlias = Rename | SetUnit | Delete | Erase


class _OrderedCommand(NamedTuple):
    """A command with its place among all commands, from 0, and its entry."""

    order: int
    entry: EntryId
    command: SeriesCommand


class Replay:
    """The entries of a journal that were stored before, and the corrections made since.

    Args:
        until: The last entry that was stored before; JOURNAL_START without a replay.
        corrections: The corrections of entries that the journal may still have, in their order.
    """

    def __init__(
        self, until: EntryId = JOURNAL_START, corrections: Sequence[Correction] = ()
    ) -> None:
        self.until = until
        self._done = {correction.entry for correction in corrections}
        self._first_done = min(self._done, default=JOURNAL_START)
        self._commands: dict[str, list[_OrderedCommand]] = defaultdict(list)
        for order, (entry, command, refusal) in enumerate(corrections):
            # Settings, views and access change no reading.
            if refusal is None and isinstance(command, _Correcting):
                commands = self._commands[command.series]
                while commands and _supersedes(entry, command, commands[-1]):
                    commands.pop()
                commands.append(_OrderedCommand(order, entry, command))
        # The greatest entry of a series' commands up to each of them.
        self._greatest_entries = {
            series: [*accumulate((each.entry for each in commands), max)]
            for series, commands in self._commands.items()
        }

    def covers(self, entry: Entry) -> bool:
        """Return True if an entry may have been stored before."""
        return entry.id <= self.until

    def is_done(self, entry: Entry) -> bool:
        """Return True if the command of an entry was carried out or refused before."""
        # Corrections older than the kept ones were made in any case.
        return self.covers(entry) and (entry.id in self._done or entry.id < self._first_done)

    def corrected(self, entry: Entry, readings: Iterable[Reading]) -> list[Reading]:
        """Apply the corrections that came after an entry to its readings."""
        corrected = (self._correct(entry, reading) for reading in readings)
        return [reading for reading in corrected if reading is not None]

    def _correct(self, entry: Entry, reading: Reading) -> Reading | None:
        """Apply the commands of the reading's series. A renamed reading goes on under its name."""
        order = -1
        while following := self._next_command(reading.series, entry.id, order):
            order = following.order
            corrected = following.command.apply(reading)
            if corrected is None:
                return None
            reading = corrected
        return reading

    def _next_command(self, series: str, entry: EntryId, order: int) -> _OrderedCommand | None:
        """Return the next command of a series after a place among all, and after an entry."""
        # A command changes only readings of its own series.
        commands = self._commands.get(series)
        if commands is None:
            return None
        start = max(
            bisect_right(commands, order, key=lambda command: command.order),
            bisect_right(self._greatest_entries[series], entry),
        )
        return next((c for c in islice(commands, start, None) if c.entry > entry), None)


def load_replay(recorder: Recorder, position: EntryId) -> Replay:
    """Return the replay of the entries after a position, often an empty one."""
    if recorder.has_replay_after(position):
        return Replay(*recorder.replay_state())
    return Replay()


def _supersedes(entry: EntryId, command: SeriesCommand, former: _OrderedCommand) -> bool:
    """Return True if a command changes every reading that the former one of its series changes.

    Args:
        entry: The entry of the command.
        command: The command.
        former: The last command of the same series before it.
    """
    if entry <= former.entry:
        return False
    match command, former.command:
        case (Delete(), Delete() | Erase() | SetUnit()) | (SetUnit(), SetUnit()):
            return True
        case Erase(_, start, end), Erase(_, former_start, former_end):
            return start <= former_start and former_end <= end
    return False

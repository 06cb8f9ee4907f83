"""Assembles the next batch for the database from entries of the journal, without any I/O."""

from typing import NamedTuple

from services.broker import Entry, JournalSnapshot
from services.broker.gap_detection import detect_gap, detect_gap_at_end
from services.command import Command
from services.errors import MalformedError
from services.formats.commands import decode_command
from services.formats.json import decode_entry
from services.formats.parsing.result import DecodeResult, Fault
from services.point import SeriesPoint
from services.position import JOURNAL_START, Checkpoint, EntryId, Gap
from services.reading import Reading
from services.store import WriteBatch
from services.writer.replay import Replay


class DecodedEntry(NamedTuple):
    """The content of an entry: readings and faults, or a command."""

    content: DecodeResult
    command: Command | None = None

    @property
    def reading_count(self) -> int:
        """Number of readings with which the entry was published, the malformed ones included."""
        return (
            len(self.content.readings) + len(self.content.faults) + self.content.omitted_fault_count
        )


class AssembledBatch(NamedTuple):
    """A batch and its place in the journal.

    Attributes:
        batch: The readings or the command to commit, and the gaps between the entries.
        end: The checkpoint after the last entry of the batch.
        rejected: Texts that can't be stored, each with the reason.
    """

    batch: WriteBatch
    end: Checkpoint
    rejected: list[tuple[bytes, str]]


def decode(entry: Entry) -> DecodedEntry:
    """Decode an entry. An entry that is no message and no command has one fault."""
    try:
        if entry.kind == "c":
            return DecodedEntry(DecodeResult([], []), decode_command(entry.text))
        if entry.kind == "m":
            return DecodedEntry(decode_entry(entry.text))
    except MalformedError as error:
        return DecodedEntry(DecodeResult([], [Fault(0, str(error))]))
    return DecodedEntry(DecodeResult([], [Fault(0, "not a message that this version knows")]))


def assemble_batch(
    position: Checkpoint, snapshot: JournalSnapshot, replay: Replay, max_entries: int, now: int
) -> AssembledBatch:
    """Assemble the next batch. A command makes a batch of its own, so that the order is kept.

    Args:
        position: The checkpoint that the database has committed.
        snapshot: The journal, with the entries after the position.
        replay: The state of entries that were stored before.
        max_entries: Maximum number of entries that the snapshot was read with.
        now: Microseconds since 1970, the end of a gap at the end of the journal.
    """
    assembler = _Assembler(position, replay)
    for entry in snapshot.entries:
        decoded = decode(entry)
        is_new_command = decoded.command is not None and not replay.is_done(entry)
        if is_new_command and assembler.end != position:
            break
        assembler.add(entry, decoded, snapshot.last_sequence)
        if is_new_command:
            assembler.command = decoded.command
            break
    if len(snapshot.entries) < max_entries and assembler.has_reached(snapshot):
        assembler.skip_to_end(snapshot, now)
    return assembler.result(snapshot.first.id if snapshot.first else JOURNAL_START)


class _Assembler:
    """Collects entries. `end` is the checkpoint after the last one."""

    def __init__(self, position: Checkpoint, replay: Replay) -> None:
        self.end = position
        self.command: Command | None = None
        self._replay = replay
        self._readings: list[Reading] = []
        self._points: dict[str, SeriesPoint | None] = {}
        self._replayed: list[Reading] = []
        self._gaps: list[Gap] = []
        self._rejected: list[tuple[bytes, str]] = []

    def add(self, entry: Entry, decoded: DecodedEntry, last_sequence: int) -> None:
        """Add the readings of an entry, and the gap before it if there is one."""
        content = decoded.content
        self._rejected += [(entry.text, fault.reason) for fault in content.faults]
        self._points.update(content.points)
        if self._replay.covers(entry):
            self._replayed += self._replay.corrected(entry, content.readings)
        else:
            self._readings += content.readings
        sequence, reading_count = self.end.sequence, self.end.reading_count
        # Another tool appended an entry whose number was given out twice or never.
        if sequence < entry.sequence <= last_sequence:
            self._add_gap(detect_gap(self.end, entry, decoded.reading_count))
            sequence, reading_count = entry.sequence, entry.reading_count
        cursor = self.end.cursor._replace(entry=entry.id)
        self.end = Checkpoint(cursor, sequence, reading_count)

    def has_reached(self, snapshot: JournalSnapshot) -> bool:
        """Return True if all entries of the snapshot were added."""
        return not snapshot.entries or self.end.cursor.entry == snapshot.entries[-1].id

    def skip_to_end(self, snapshot: JournalSnapshot, now: int) -> None:
        """Move past entries that are missing at the end of the journal, and add their gap."""
        if snapshot.last_sequence > self.end.sequence:
            self._add_gap(detect_gap_at_end(self.end, snapshot, now))
            self.end = Checkpoint(self.end.cursor, snapshot.last_sequence, snapshot.reading_count)

    def result(self, journal_start: EntryId) -> AssembledBatch:
        """Return the collected batch."""
        batch = WriteBatch(
            readings=self._readings,
            points=self._points,
            gaps=self._gaps,
            replayed=self._replayed,
            command=self.command,
            journal_start=journal_start,
        )
        return AssembledBatch(batch, self.end, self._rejected)

    def _add_gap(self, gap: Gap | None) -> None:
        if gap is not None:
            self._gaps.append(gap)

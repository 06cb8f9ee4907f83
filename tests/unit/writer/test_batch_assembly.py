"""Batches are assembled from entries of the journal: readings, or one command."""

from services.broker import Entry, JournalSnapshot, Message
from services.command import Command, Delete
from services.formats.commands import encode_command
from services.position import Checkpoint, Cursor, EntryId
from services.reading import Reading
from services.store import Correction
from services.writer.batch_assembly import AssembledBatch, assemble_batch
from services.writer.replay import Replay

NOW = 1_795_342_272_000_000
POSITION = Checkpoint(Cursor("a", EntryId(1_000, 0)), 10, 20)
DELETE = Delete("kitchen")


def message_entry(sequence: int, reading_count: int) -> Entry:
    """Return an entry of one reading, whose time in seconds is the sequence number."""
    (message,) = Message.of([Reading("kitchen", sequence * 1_000_000, 1.0)])
    return Entry(EntryId(1_000, sequence), sequence, reading_count, "m", message.text)


def command_entry(sequence: int, reading_count: int, command: Command = DELETE) -> Entry:
    text = encode_command(command)
    return Entry(EntryId(1_000, sequence), sequence, reading_count, "c", text)


def assemble(
    *entries: Entry, last: tuple[int, int] | None = None, replay: Replay | None = None
) -> AssembledBatch:
    """Assemble a batch. `last` has the counters of the last entry that was ever appended."""
    sequence, reading_count = last or (entries[-1].sequence, entries[-1].reading_count)
    newest = entries[-1].id if entries else None
    first = entries[0] if entries else None
    snapshot = JournalSnapshot("a", sequence, reading_count, first, list(entries), newest)
    return assemble_batch(POSITION, snapshot, replay or Replay(), 100, NOW)


def times(assembled: AssembledBatch) -> list[int]:
    readings = assembled.batch.readings
    assert isinstance(readings, list)
    return [reading.ts // 1_000_000 for reading in readings]


def test_messages_become_one_batch() -> None:
    assembled = assemble(message_entry(11, 21), message_entry(12, 22))
    assert times(assembled) == [11, 12]
    assert assembled.batch.gaps == []
    assert assembled.end == Checkpoint(Cursor("a", EntryId(1_000, 12)), 12, 22)


def test_batch_ends_before_a_command() -> None:
    assembled = assemble(message_entry(11, 21), command_entry(12, 21), message_entry(13, 22))
    assert times(assembled) == [11]
    assert assembled.batch.command is None
    assert assembled.end.sequence == 11


def test_command_is_a_batch_of_its_own() -> None:
    assembled = assemble(command_entry(11, 20), message_entry(12, 21))
    assert times(assembled) == []
    assert assembled.batch.command == DELETE
    assert assembled.end.sequence == 11


def test_command_that_was_carried_out_before_is_skipped() -> None:
    entry = command_entry(11, 20)
    replay = Replay(entry.id, [Correction(entry.id, DELETE, None)])
    assembled = assemble(entry, message_entry(12, 21), replay=replay)
    assert assembled.batch.command is None
    assert times(assembled) == [12]


def test_replayed_readings_are_corrected_and_kept_apart() -> None:
    stored, new = message_entry(11, 21), message_entry(13, 22)
    replay = Replay(EntryId(1_000, 12), [Correction(EntryId(1_000, 12), DELETE, None)])
    assembled = assemble(stored, new, last=(13, 22), replay=replay)
    assert list(assembled.batch.replayed) == []
    assert times(assembled) == [13]


def test_missing_entries_between_two_others_are_a_gap() -> None:
    assembled = assemble(message_entry(11, 21), message_entry(14, 24))
    assert [gap.lost_count for gap in assembled.batch.gaps] == [2]


def test_missing_entries_at_the_end_are_a_gap() -> None:
    assembled = assemble(message_entry(11, 21), last=(13, 25))
    assert [(gap.lost_count, gap.end) for gap in assembled.batch.gaps] == [(4, NOW)]
    assert (assembled.end.sequence, assembled.end.reading_count) == (13, 25)


def test_entry_of_another_tool_is_rejected_and_moves_the_checkpoint() -> None:
    foreign = Entry(EntryId(1_000, 11), 0, 0, "", b"")
    assembled = assemble(foreign, last=(10, 20))
    assert assembled.rejected == [(b"", "not a message that this version knows")]
    assert assembled.end == Checkpoint(Cursor("a", foreign.id), 10, 20)

"""Readings wait for their commit in the order in which they were read."""

from services.point import SeriesPoint
from services.position import Checkpoint, Cursor, EntryId
from services.reading import Reading, ReadingBatch
from services.store import WriteBatch
from services.writer.pending_commit import PendingCommit
from tests.support.clock import FakeClock


def checkpoint(sequence: int, reading_count: int) -> Checkpoint:
    return Checkpoint(Cursor("e", EntryId(sequence, 0)), sequence, reading_count)


def reading(ts: int) -> Reading:
    return Reading("a", ts, float(ts), None)


def test_nothing_waits_at_first() -> None:
    pending = PendingCommit()
    assert not pending
    assert pending.take() is None
    assert pending.age_seconds == 0.0


def test_batches_are_taken_as_one_in_their_order() -> None:
    pending = PendingCommit()
    point = SeriesPoint("m", "f", {})
    columns = ReadingBatch(["a"], [2], [2.0], [None])
    pending.add(checkpoint(0, 0), checkpoint(1, 1), WriteBatch([reading(1)]), 10)
    pending.add(checkpoint(1, 1), checkpoint(3, 2), WriteBatch(columns, points={"a": point}), 20)
    assert (pending.entry_count, pending.reading_count, pending.size_bytes) == (3, 2, 30)
    assert pending.start == checkpoint(0, 0)
    taken = pending.take()
    assert taken is not None
    batch, end = taken
    assert end == checkpoint(3, 2)
    assert ReadingBatch.from_readings(batch.readings).ts == [1, 2]
    assert batch.points == {"a": point}
    assert not pending


def test_age_is_that_of_the_oldest() -> None:
    clock = FakeClock()
    pending = PendingCommit(clock)
    pending.add(checkpoint(0, 0), checkpoint(1, 1), WriteBatch([reading(1)]), 10)
    clock.now += 3
    pending.add(checkpoint(1, 1), checkpoint(2, 2), WriteBatch([reading(2)]), 10)
    clock.now += 4
    assert pending.age_seconds == 7.0
    pending.clear()
    assert pending.age_seconds == 0.0


def test_entries_without_readings_are_committed_too() -> None:
    pending = PendingCommit()
    pending.add(checkpoint(0, 0), checkpoint(1, 1), WriteBatch(), 10)
    taken = pending.take()
    assert taken is not None
    batch, end = taken
    assert not batch.readings
    assert end == checkpoint(1, 1)

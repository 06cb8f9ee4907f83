"""The loop that moves the journal into the database, batch by batch."""

import logging
import time
from collections.abc import Callable
from typing import Final

from services.broker import ContiguousBatch, Entry, Journal, JournalSnapshot
from services.broker.gap_detection import (
    detect_gap,
    detect_gap_at_end,
    detect_replaced_journal,
    first_checkpoint,
)
from services.command import Command
from services.concurrency import Backoff, Shutdown, TokenBucket
from services.errors import (
    BrokerUnavailableError,
    JournalFullError,
    MalformedError,
    StoreUnavailableError,
)
from services.formats.commands import decode_command, encode_command
from services.formats.json import decode_entries, decode_entry
from services.formats.parsing.result import DecodeResult, Fault
from services.log import FaultLog, RateLimitedCount
from services.position import JOURNAL_START, Checkpoint, EntryId, Gap
from services.reading import Reading, ReadingBatch
from services.store import Recorder, WriteBatch
from services.writer.channel_bridge import ChannelBridge
from services.writer.replay import Replay

logger = logging.getLogger("writer")

_REFUSED: Final = "readings refused: %d more; see the table refused for the newest and the reasons"

_READINGS: Final = 20_000
"""Readings that one transaction takes, about."""

_COMMITS_A_SECOND: Final = 20.0
_COMMITS_AT_ONCE: Final = 200.0
"""Each commit costs a write to the disk: readings that keep coming one by one are gathered."""

_FEWEST_ENTRIES: Final = 20
_MOST_ENTRIES: Final = 10_000
_LAST_FLUSH_SECONDS: Final = 3.0


class WriterLoop:
    """Follows the journal from the database's position on.

    clock: microseconds since 1970. look: called again and again, also while nothing can be
    written.
    """

    def __init__(
        self,
        journal: Journal,
        recorder: Recorder,
        adoption: ChannelBridge,
        clock: Callable[[], int],
        look: Callable[[], None] = lambda: None,
    ) -> None:
        self._journal = journal
        self._recorder = recorder
        self._adoption = adoption
        self._clock = clock
        self._look = look
        self._position: Checkpoint | None = None
        self._replay = Replay()
        self._count = _FEWEST_ENTRIES
        self._pace = TokenBucket(_COMMITS_A_SECOND, _COMMITS_AT_ONCE)
        self._refusals = RateLimitedCount(logger, _REFUSED)
        self._refused_count = 0
        self._noted = ""

    def run(self, stop: Shutdown) -> None:
        """Write until asked to stop, then what is left for a few seconds more."""
        broker_fault = FaultLog(logger, "journal unavailable", "journal available again")
        store_fault = FaultLog(logger, "database unavailable", "database available again")
        broker_pause, store_pause = Backoff(0.25, 2.0), Backoff(1.0, 30.0)
        while not stop.requested:
            self._look()
            try:
                more = self.step()
                if self._recorder.maintenance_due:
                    more = self._recorder.maintain() or more
                    self._say(self._recorder.retention_warning)
                store_fault.end()
                store_pause.reset()
                if not more:
                    self._wait(stop)
                broker_fault.end()
                broker_pause.reset()
            except (BrokerUnavailableError, JournalFullError) as error:
                broker_fault.begin(error)
                stop.wait(broker_pause.next_delay())
            except StoreUnavailableError as error:
                # A commit that failed at its very end may be there: the database knows.
                self._position = None
                store_fault.begin(error)
                stop.wait(store_pause.next_delay())
        self._flush()

    def _flush(self) -> None:
        end = time.monotonic() + _LAST_FLUSH_SECONDS
        try:
            while time.monotonic() < end and self.step():
                pass
        except (BrokerUnavailableError, JournalFullError, StoreUnavailableError) as error:
            logger.warning("ended before the journal was written: %s", error)
        self._refusals.flush()

    def _wait(self, stop: Shutdown) -> None:
        """Wait for an entry; while they keep coming one by one, let some gather."""
        if self._position is not None:
            self._journal.wait_for_entry(self._position.cursor.entry, 1.0)
            pause = self._pace.delay()
            if pause:
                stop.wait(pause)

    def _say(self, note: str) -> None:
        if note and note != self._noted:
            logger.warning("%s", note)
        self._noted = note

    def step(self) -> bool:
        """Move one batch into the database; tells whether there may be more."""
        position = self._position or self._recall()
        seen = self._journal.read_after(position, self._count)
        if isinstance(seen, ContiguousBatch):
            readings = self._read(position, seen)
            if readings is not None:
                self._commit(WriteBatch(readings), seen.end)
                size = seen.end.sequence - position.sequence
                return size == self._adapt(size, seen.end.reading_count - position.reading_count)
            seen = self._journal.read(position.cursor.entry, self._count)
        loss = detect_replaced_journal(position, seen, self._clock())
        if loss is not None:
            if seen.epoch == position.cursor.epoch:
                # The same epoch with fewer entries is a journal that must get a new one. What is
                # left up to here is stored, and a later value of it may be what was lost.
                stored = max(self._replay.until, position.cursor.entry)
                self._begin(position.cursor.epoch, [loss], stored)
            else:
                self._begin("", [loss])
            return True
        batch, reached = self._take(position, seen)
        if reached == position:
            # Redis may not have heard of it: the journal would stay full of what is stored.
            self._adoption.acknowledge(position)
            return False
        if not self._commit(batch, reached):
            return True
        entries = len(seen.entries)
        rest = bool(entries) and reached.cursor.entry < seen.entries[-1].id
        return (
            entries == self._adapt(entries, reached.reading_count - position.reading_count) or rest
        )

    def _read(self, position: Checkpoint, run: ContiguousBatch) -> ReadingBatch[str] | None:
        """The readings of a run; None when its entries are to be judged one by one."""
        if position.cursor.entry < self._replay.until:
            return None
        return decode_entries(run.texts)

    def _recall(self) -> Checkpoint:
        known = self._recorder.checkpoint()
        if known is None:
            return self._begin("", [])
        self._position = known
        self._replay = Replay(*self._recorder.replay_state())
        return self._position

    def _begin(
        self, lost: str, losses: list[Gap], stored_until: EntryId = JOURNAL_START
    ) -> Checkpoint:
        """Stand before the first entry of the journal that there is now."""
        epoch = self._journal.open(lost)
        seen = self._journal.read(JOURNAL_START, 1)
        position = first_checkpoint(seen, epoch, sum(map(_size, seen.entries)))
        self._commit(WriteBatch(gaps=losses, stored_until=stored_until), position)
        self._replay = Replay(*self._recorder.replay_state())
        return position

    def _take(self, position: Checkpoint, seen: JournalSnapshot) -> tuple[WriteBatch, Checkpoint]:
        """The next batch and where it ends: before a command, or after one that comes first."""
        batch = WriteBatch()
        new: list[Reading] = []
        again: list[Reading] = []
        rejected: list[tuple[bytes, str]] = []
        begun = position
        for entry in seen.entries:
            decoded, command = _decoded(entry)
            if command is not None and not self._replay.has(entry):
                if position != begun:
                    break
                batch.command = command
            rejected += [(entry.text, fault.reason) for fault in decoded.faults]
            if self._replay.covers(entry):
                again += self._replay.amended(entry, decoded.readings)
            else:
                new += decoded.readings
            n, r = position.sequence, position.reading_count
            # A number that was never given out, or twice, is a stranger's.
            if n < entry.sequence <= seen.last_sequence:
                _note(batch, detect_gap(position, entry, _size_of(decoded)))
                n, r = entry.sequence, entry.reading_count
            position = Checkpoint(position.cursor._replace(entry=entry.id), n, r)
            if batch.command is not None:
                break
        whole = not seen.entries or position.cursor.entry == seen.entries[-1].id
        if whole and len(seen.entries) < self._count and seen.last_sequence > position.sequence:
            _note(batch, detect_gap_at_end(position, seen, self._clock()))
            position = position._replace(
                sequence=seen.last_sequence, reading_count=seen.reading_count
            )
        if rejected:
            self._reject(rejected)
        batch.readings, batch.replayed = new, again
        return batch, position

    def _reject(self, rejected: list[tuple[bytes, str]]) -> None:
        try:
            self._journal.add_dead_letters(rejected, "journal")
        except JournalFullError as error:
            logger.warning("%d readings were rejected, unseen: %s", len(rejected), error)

    def _commit(self, batch: WriteBatch, position: Checkpoint) -> bool:
        """Commit a batch; tells whether that was all of it."""
        result = self._recorder.commit(batch, position)
        self._pace.take()
        if not result.finished:
            return False
        if batch.command is not None and result.command is not None:
            _say_done(batch.command, result.command.refusal)
        self._refused_count += result.refused_count
        self._refusals.update(self._refused_count)
        self._position = position
        for loss in batch.gaps:
            lost = "an unknown number of" if loss.lost_count is None else loss.lost_count
            logger.error("history was lost: %s; %s readings are missing", loss.reason, lost)
        self._adoption.acknowledge(position)
        return True

    def _adapt(self, entries: int, readings: int) -> int:
        """Aim the next look at a batch of the right size; returns what was asked for this one."""
        asked = self._count
        if entries:
            fitting = _READINGS * entries // max(1, readings)
            self._count = min(max(fitting, _FEWEST_ENTRIES), asked * 4, _MOST_ENTRIES)
        return asked


def _note(batch: WriteBatch, loss: Gap | None) -> None:
    if loss is not None:
        batch.gaps.append(loss)


def _say_done(command: Command, refused: str) -> None:
    text = encode_command(command).decode()
    if refused:
        logger.warning("the command %s was not carried out: %s", text, refused)
    else:
        logger.info("the command %s was carried out", text)


def _size(entry: Entry) -> int:
    return _size_of(_decoded(entry)[0])


def _size_of(decoded: DecodeResult) -> int:
    return len(decoded.readings) + len(decoded.faults) + decoded.omitted_fault_count


def _decoded(entry: Entry) -> tuple[DecodeResult, Command | None]:
    try:
        if entry.kind == "c":
            return DecodeResult([], []), decode_command(entry.text)
        if entry.kind == "m":
            return decode_entry(entry.text), None
    except MalformedError as error:
        return DecodeResult([], [Fault(0, str(error))]), None
    return DecodeResult([], [Fault(0, "not a message that this version knows")]), None

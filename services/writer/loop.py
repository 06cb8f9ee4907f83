"""The loop that moves the journal into the database, batch by batch."""

import logging
import time
from collections.abc import Callable
from contextlib import closing
from typing import Final

from services.broker import ContiguousBatch, Journal, JournalSnapshot, ReadAhead
from services.broker.gap_detection import (
    detect_replaced_journal,
    first_checkpoint,
    gap_of_cut_file,
)
from services.concurrency import Backoff, Retry, Shutdown
from services.errors import (
    BrokerRefusedError,
    BrokerUnavailableError,
    JournalFullError,
    StoreUnavailableError,
)
from services.formats.json import decode_entries
from services.log import ChangeLog, FaultLog
from services.position import JOURNAL_START, Checkpoint, EntryId, Gap
from services.store import Recorder, WriteBatch
from services.writer.batch_assembly import assemble_batch, decode
from services.writer.batch_size import BatchSize
from services.writer.channel_losses import ChannelLosses
from services.writer.commit_metrics import CommitMetrics
from services.writer.commit_schedule import READINGS_PER_COMMIT, CommitSchedule
from services.writer.group_commit import GroupCommit
from services.writer.lease_holder import LeaseHolder
from services.writer.replay import Replay, load_replay

logger = logging.getLogger("writer")

_WAIT_SECONDS: Final = 1.0
_FINAL_WRITE_SECONDS: Final = 3.0


class WriterLoop:
    """Follows the journal from the position that the database has committed.

    Readings are read as they arrive, and committed when the schedule says so.

    Args:
        journal: The journal to read.
        recorder: The database to write.
        lease_holder: Acknowledges what the database has committed.
        clock: Wall clock in microseconds since 1970.
        between_batches: Called between batches, also while nothing can be written.
        schedule: Decides when to commit.
        losses: The losses on the channel, to be recorded as gaps.
        metrics: Counts the commits.
    """

    def __init__(
        self,
        journal: Journal,
        recorder: Recorder,
        lease_holder: LeaseHolder,
        clock: Callable[[], int],
        between_batches: Callable[[], None] = lambda: None,
        *,
        schedule: CommitSchedule,
        losses: ChannelLosses | None = None,
        metrics: CommitMetrics | None = None,
    ) -> None:
        self._journal = journal
        self._read_ahead = ReadAhead(journal)
        self._recorder = recorder
        self._clock = clock
        self._between_batches = between_batches
        self._losses = losses or ChannelLosses()
        self._commits = GroupCommit(recorder, lease_holder, schedule, metrics or CommitMetrics())
        # Everything up to the position was read, and is committed or waits for its commit.
        self._position: Checkpoint | None = None
        self._replay = Replay()
        self._batch_size = BatchSize(READINGS_PER_COMMIT)
        self._warnings = ChangeLog(logger)

    def run(self, shutdown: Shutdown) -> None:
        """Write until the shutdown, and then the rest of the journal for up to 3 s."""
        with closing(self._commits):
            self._follow(shutdown)
            self._write_rest()

    def _follow(self, shutdown: Shutdown) -> None:
        journal_fault = FaultLog(logger, "journal unavailable", "journal available again")
        broker_retry = Retry(shutdown, journal_fault, Backoff(0.25, 2.0))
        store_fault = FaultLog(logger, "database unavailable", "database available again")
        store_retry = Retry(shutdown, store_fault, Backoff(1.0, 30.0))
        while not shutdown.requested:
            self._between_batches()
            try:
                more = self._write_or_flush()
                self._record_losses()
                more = self._maintain() or more
                store_retry.succeeded()
                if not more:
                    self._wait(shutdown)
                broker_retry.succeeded()
            except (BrokerUnavailableError, JournalFullError) as error:
                broker_retry.failed(error)
            except StoreUnavailableError as error:
                self._forget_position()
                store_retry.failed(error)

    def _write_or_flush(self) -> bool:
        """Write one batch. If the journal can't be read, commit what was read before."""
        try:
            return self.write_batch()
        except (BrokerUnavailableError, JournalFullError):
            self._commits.flush()
            raise

    def _maintain(self) -> bool:
        """Do one step of maintenance if one is due. Returns True if there is more to do."""
        if not self._recorder.maintenance_due:
            return False
        # Meanwhile nobody could ask for a commit, and a purge would refuse late readings.
        self._commits.flush()
        more = self._recorder.maintain()
        self._warnings.log(logging.WARNING, "retention", self._recorder.retention_warning)
        return more

    def _write_rest(self) -> None:
        end = time.monotonic() + _FINAL_WRITE_SECONDS
        try:
            while time.monotonic() < end and self._write_or_flush():
                pass
            self._commits.flush()
            self._record_losses(unfinished=True)
        except (BrokerUnavailableError, JournalFullError, StoreUnavailableError) as error:
            logger.warning("stopped before the whole journal was written: %s", error)

    def _wait(self, shutdown: Shutdown) -> None:
        """Wait for an entry, or while readings wait for their commit, until it is due."""
        if self._position is None:
            return
        if self._commits.is_empty:
            self._journal.wait_for_entry(self._position.cursor.entry, _WAIT_SECONDS)
        else:
            self._commits.wait()
            self._commits.flush_if_requested()
        if self._commits.is_empty or self._commits.is_due:
            shutdown.wait(self._commits.pause_seconds())

    def write_batch(self) -> bool:
        """Read one batch of the journal, and commit it if a commit is due.

        Returns:
            True if there may be more to read.

        Raises:
            BrokerUnavailableError: Redis can't be used.
            JournalFullError: Redis can't store more.
            StoreUnavailableError: The database can't be used.
        """
        try:
            return self._read_batch()
        except StoreUnavailableError:
            self._forget_position()
            raise

    def _forget_position(self) -> None:
        """Begin again with the checkpoint, because a failed commit may be stored or not."""
        self._position = None
        self._commits.forget()
        self._read_ahead.drop()

    def _read_batch(self) -> bool:
        position = self._position or self._load_position()
        response = self._read_ahead.read_after(position, self._batch_size.entries)
        if isinstance(response, ContiguousBatch):
            was_full = self._write_contiguous(position, response)
            if was_full is not None:
                return was_full
            response = self._journal.read(position.cursor.entry, self._batch_size.entries)
        gap = detect_replaced_journal(position, response, self._clock())
        if gap is not None:
            self._follow_replaced_journal(position, response, gap)
            return True
        return self._write_entries(position, response)

    def _write_contiguous(self, position: Checkpoint, page: ContiguousBatch) -> bool | None:
        """Write a page, and return True if it was full. None means: decode it one by one."""
        if position.cursor.entry < self._replay.until:
            return None
        texts, end = page
        reading_count = end.reading_count - position.reading_count
        was_full = self._batch_size.adapt(end.sequence - position.sequence, reading_count)
        if was_full:
            self._read_ahead.request(end, self._batch_size.entries)
        readings = decode_entries(texts)
        if readings is None:
            return None
        batch = WriteBatch(readings, points=readings.points)
        self._add(position, end, batch, sum(map(len, texts)))
        return was_full

    def _write_entries(self, position: Checkpoint, snapshot: JournalSnapshot) -> bool:
        batch, end, rejected = assemble_batch(
            position, snapshot, self._replay, self._batch_size.entries, self._clock()
        )
        if rejected:
            self._reject(rejected)
        if end == position:
            return self._stay_at(position)
        # Nothing here may wait: a command, a gap, or entries of other tools, which have no numbers
        # to count them by, and whose dead letters a killed writer would repeat.
        if not self._commit(batch, end):
            return True
        entries = snapshot.entries
        was_full = self._batch_size.adapt(len(entries), end.reading_count - position.reading_count)
        return was_full or (bool(entries) and end.cursor.entry < entries[-1].id)

    def _stay_at(self, position: Checkpoint) -> bool:
        """Commit what waits if that is due, because the journal has nothing more. Returns False."""
        if self._commits.is_due:
            self._commits.flush()
        elif self._commits.is_empty:
            # If Redis missed the acknowledgement, the journal would stay full of stored entries.
            self._commits.acknowledge(position)
        return False

    def _add(self, start: Checkpoint, end: Checkpoint, batch: WriteBatch, size_bytes: int) -> None:
        self._position = end
        self._commits.add(start, end, batch, size_bytes)

    def _record_losses(self, *, unfinished: bool = False) -> None:
        """Record the losses on the channel as gaps."""
        if self._position is not None:
            with self._losses.taken(unfinished=unfinished) as gaps:
                if gaps:
                    self._commit(WriteBatch(gaps=gaps), self._position)

    def _load_position(self) -> Checkpoint:
        """Return the position that the database has committed, or begin with the journal."""
        checkpoint = self._recorder.checkpoint() or self._begin_journal("", [])
        self._position = checkpoint
        self._replay = load_replay(self._recorder, checkpoint.cursor.entry)
        if self._journal.truncation.is_set():
            self._record_truncation(checkpoint)
        return self._position

    def _record_truncation(self, position: Checkpoint) -> None:
        """Record that newest entries may be lost, unless the journal shows that they are."""
        now = self._clock()
        snapshot = self._journal.read(position.cursor.entry, self._batch_size.entries)
        if detect_replaced_journal(position, snapshot, now) is None:
            self._commit(WriteBatch(gaps=[gap_of_cut_file(position, now)]), position)
        self._journal.truncation.clear()

    def _follow_replaced_journal(
        self, position: Checkpoint, snapshot: JournalSnapshot, gap: Gap
    ) -> None:
        """Begin with the journal that replaced the one of the position."""
        if snapshot.epoch != position.cursor.epoch:
            self._begin_journal("", [gap])
            return
        # A journal that lost entries needs a new epoch. Its entries up to the position are stored.
        # They must not overwrite newer values, whose entries may be among the lost ones.
        stored_until = max(self._replay.until, position.cursor.entry)
        self._begin_journal(position.cursor.epoch, [gap], stored_until)

    def _begin_journal(
        self, lost_epoch: str, gaps: list[Gap], stored_until: EntryId = JOURNAL_START
    ) -> Checkpoint:
        """Move to the position before the first entry that the journal has now.

        Args:
            lost_epoch: An epoch that lost its newest entries and gets a successor, or "".
            gaps: The losses to record.
            stored_until: The last entry of the journal that the database holds already.
        """
        epoch = self._journal.open(lost_epoch)
        snapshot = self._journal.read(JOURNAL_START, 1)
        reading_count = sum(decode(entry).reading_count for entry in snapshot.entries)
        position = first_checkpoint(snapshot, epoch, reading_count)
        self._commit(WriteBatch(gaps=gaps, stored_until=stored_until), position)
        self._replay = load_replay(self._recorder, position.cursor.entry)
        return position

    def _reject(self, rejected: list[tuple[bytes, str]]) -> None:
        self._commits.count_malformed(len(rejected))
        try:
            self._journal.add_dead_letters(rejected, "journal")
        except (BrokerRefusedError, JournalFullError) as error:
            logger.warning("%d readings rejected, and not kept: %s", len(rejected), error)

    def _commit(self, batch: WriteBatch, position: Checkpoint) -> bool:
        """Commit what waits, then a batch. Returns False if its command needs another commit."""
        if not self._commits.commit(batch, position):
            return False
        # Set first: if Redis misses the acknowledgement, the batch is committed nevertheless.
        self._position = position
        self._commits.acknowledge(position)
        return True

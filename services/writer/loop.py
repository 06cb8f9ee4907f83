"""The loop that moves the journal into the database, batch by batch."""

import logging
import time
from collections.abc import Callable
from typing import Final

from services.broker import ContiguousBatch, Journal, JournalSnapshot
from services.broker.gap_detection import (
    detect_replaced_journal,
    first_checkpoint,
    gap_of_cut_file,
)
from services.command import Command
from services.concurrency import Backoff, Retry, Shutdown, TokenBucket
from services.errors import (
    BrokerRefusedError,
    BrokerUnavailableError,
    JournalFullError,
    StoreUnavailableError,
)
from services.formats.commands import encode_command
from services.formats.json import decode_entries
from services.log import ChangeLog, FaultLog, RateLimitedCount
from services.position import JOURNAL_START, Checkpoint, EntryId, Gap
from services.reading import ReadingBatch
from services.store import Recorder, WriteBatch
from services.writer.batch_assembly import assemble_batch, decode
from services.writer.channel_losses import ChannelLosses
from services.writer.lease_holder import LeaseHolder
from services.writer.replay import Replay, load_replay

logger = logging.getLogger("writer")

_REFUSED: Final = "readings refused: %d more; the table refused has the newest and the reasons"

_READINGS_PER_BATCH: Final = 20_000
"""Readings to aim at in one transaction."""

_COMMITS_PER_SECOND: Final = 20.0
_COMMIT_BURST: Final = 200.0
"""Each commit is a write to the disk, so a steady flow of single readings is collected first."""

_MIN_ENTRIES: Final = 20
_MAX_ENTRIES: Final = 10_000
_MAX_GROWTH: Final = 4
"""Factor by which a batch may have more entries than the one before it."""

_WAIT_SECONDS: Final = 1.0
_FINAL_WRITE_SECONDS: Final = 3.0


class WriterLoop:
    """Follows the journal from the position that the database has committed.

    Args:
        journal: The journal to read.
        recorder: The database to write.
        lease_holder: Acknowledges what the database has committed.
        clock: Wall clock in microseconds since 1970.
        between_batches: Called between batches, also while nothing can be written.
        losses: The losses on the channel, to be recorded as gaps.
    """

    def __init__(
        self,
        journal: Journal,
        recorder: Recorder,
        lease_holder: LeaseHolder,
        clock: Callable[[], int],
        between_batches: Callable[[], None] = lambda: None,
        *,
        losses: ChannelLosses | None = None,
    ) -> None:
        self._journal = journal
        self._recorder = recorder
        self._lease_holder = lease_holder
        self._clock = clock
        self._between_batches = between_batches
        self._losses = losses or ChannelLosses()
        self._position: Checkpoint | None = None
        self._replay = Replay()
        self._max_entries = _MIN_ENTRIES
        self._commit_rate = TokenBucket(_COMMITS_PER_SECOND, _COMMIT_BURST)
        self._refusals = RateLimitedCount(logger, _REFUSED)
        self._refused_count = 0
        self._warnings = ChangeLog(logger)

    def run(self, shutdown: Shutdown) -> None:
        """Write until the shutdown, and then the rest of the journal for up to 3 s."""
        broker_retry = Retry(
            shutdown,
            FaultLog(logger, "journal unavailable", "journal available again"),
            Backoff(0.25, 2.0),
        )
        store_retry = Retry(
            shutdown,
            FaultLog(logger, "database unavailable", "database available again"),
            Backoff(1.0, 30.0),
        )
        while not shutdown.requested:
            self._between_batches()
            try:
                more = self.write_batch()
                self._record_losses()
                more = self._maintain() or more
                store_retry.succeeded()
                if not more:
                    self._wait_for_entries(shutdown)
                broker_retry.succeeded()
            except (BrokerUnavailableError, JournalFullError) as error:
                broker_retry.failed(error)
            except StoreUnavailableError as error:
                # A commit that failed at its very end may be stored. Read the checkpoint again.
                self._position = None
                store_retry.failed(error)
        self._write_rest()

    def _maintain(self) -> bool:
        """Do one step of maintenance if one is due. Returns True if there is more to do."""
        if not self._recorder.maintenance_due:
            return False
        more = self._recorder.maintain()
        self._warnings.log(logging.WARNING, "retention", self._recorder.retention_warning)
        return more

    def _write_rest(self) -> None:
        end = time.monotonic() + _FINAL_WRITE_SECONDS
        try:
            while time.monotonic() < end and self.write_batch():
                pass
            self._record_losses(unfinished=True)
        except (BrokerUnavailableError, JournalFullError, StoreUnavailableError) as error:
            logger.warning("stopped before the whole journal was written: %s", error)
        self._refusals.flush()

    def _wait_for_entries(self, shutdown: Shutdown) -> None:
        """Wait for an entry. At a high rate of commits, wait until more entries have come."""
        if self._position is not None:
            self._journal.wait_for_entry(self._position.cursor.entry, _WAIT_SECONDS)
            delay = self._commit_rate.delay()
            if delay:
                shutdown.wait(delay)

    def write_batch(self) -> bool:
        """Move one batch from the journal into the database.

        Returns:
            True if there may be more to write.

        Raises:
            BrokerUnavailableError: Redis can't be used.
            JournalFullError: Redis can't store more.
            StoreUnavailableError: The database can't be used.
        """
        position = self._position or self._load_position()
        response = self._journal.read_after(position, self._max_entries)
        if isinstance(response, ContiguousBatch):
            readings = self._decode_contiguous(position, response)
            if readings is not None:
                return self._write_contiguous(position, response.end, readings)
            response = self._journal.read(position.cursor.entry, self._max_entries)
        gap = detect_replaced_journal(position, response, self._clock())
        if gap is not None:
            self._follow_replaced_journal(position, response, gap)
            return True
        return self._write_entries(position, response)

    def _decode_contiguous(
        self, position: Checkpoint, contiguous: ContiguousBatch
    ) -> ReadingBatch[str] | None:
        """Decode messages into columns. Returns None if they must be decoded one by one."""
        if position.cursor.entry < self._replay.until:
            return None
        return decode_entries(contiguous.texts)

    def _write_contiguous(
        self, position: Checkpoint, end: Checkpoint, readings: ReadingBatch[str]
    ) -> bool:
        self._commit(WriteBatch(readings, points=readings.points), end)
        entries = end.sequence - position.sequence
        return self._adapt_max_entries(entries, end.reading_count - position.reading_count)

    def _write_entries(self, position: Checkpoint, snapshot: JournalSnapshot) -> bool:
        batch, end, rejected = assemble_batch(
            position, snapshot, self._replay, self._max_entries, self._clock()
        )
        if rejected:
            self._reject(rejected)
        if end == position:
            # If Redis missed the acknowledgement, the journal would stay full of stored entries.
            self._lease_holder.acknowledge(position)
            return False
        if not self._commit(batch, end):
            return True
        entries = snapshot.entries
        was_full = self._adapt_max_entries(len(entries), end.reading_count - position.reading_count)
        return was_full or (bool(entries) and end.cursor.entry < entries[-1].id)

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
        snapshot = self._journal.read(position.cursor.entry, self._max_entries)
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
        try:
            self._journal.add_dead_letters(rejected, "journal")
        except (BrokerRefusedError, JournalFullError) as error:
            logger.warning("%d readings rejected, and not kept: %s", len(rejected), error)

    def _commit(self, batch: WriteBatch, position: Checkpoint) -> bool:
        """Commit a batch. Returns False if its command needs another commit."""
        result = self._recorder.commit(batch, position)
        self._commit_rate.take()
        if not result.finished:
            return False
        if batch.command is not None and result.command is not None:
            _log_command(batch.command, result.command.refusal)
        self._refused_count += result.refused_count
        self._refusals.update(self._refused_count)
        self._position = position
        for gap in batch.gaps:
            count = "an unknown number of" if gap.lost_count is None else gap.lost_count
            logger.error("gap detected: %s; %s readings are missing", gap.reason, count)
        self._lease_holder.acknowledge(position)
        return True

    def _adapt_max_entries(self, entries: int, readings: int) -> bool:
        """Set the size of the next batch, so that it has about 20,000 readings.

        Returns:
            True if this batch had the maximum number of entries.
        """
        was_full = entries == self._max_entries
        if entries:
            fitting = _READINGS_PER_BATCH * entries // max(1, readings)
            self._max_entries = min(
                max(fitting, _MIN_ENTRIES), self._max_entries * _MAX_GROWTH, _MAX_ENTRIES
            )
        return was_full


def _log_command(command: Command, refusal: str) -> None:
    text = encode_command(command).decode()
    if refusal:
        logger.warning("command %s refused: %s", text, refusal)
    else:
        logger.info("command %s carried out", text)

"""The group commit: collects readings, commits them together, and acknowledges them."""

import logging
from typing import Final

from services.command import Command, recorded_form
from services.formats.commands import encode_command
from services.log import RateLimitedCount
from services.position import Checkpoint
from services.store import Recorder, WriteBatch
from services.writer.commit_metrics import CommitMetrics
from services.writer.commit_schedule import CommitSchedule
from services.writer.lease_holder import LeaseHolder
from services.writer.pending_commit import PendingCommit

logger = logging.getLogger("writer")

_REFUSED: Final = "readings refused: %d more; the table refused has the newest and the reasons"


class GroupCommit:
    """Commits batches in the order in which they come. Plain readings may wait for others.

    Its methods may raise StoreUnavailableError if the database can't be used, and
    BrokerUnavailableError if the commit is done, but Redis can't be told.

    Args:
        recorder: The database to write.
        lease_holder: Acknowledges what the database has committed.
        schedule: Decides when to commit.
        metrics: Counts the commits.
    """

    def __init__(
        self,
        recorder: Recorder,
        lease_holder: LeaseHolder,
        schedule: CommitSchedule,
        metrics: CommitMetrics,
    ) -> None:
        self._recorder = recorder
        self._lease_holder = lease_holder
        self._schedule = schedule
        self._metrics = metrics
        self._pending = PendingCommit()
        self._refusals = RateLimitedCount(logger, _REFUSED)
        self._refused_count = 0

    @property
    def is_empty(self) -> bool:
        """True if nothing waits."""
        return not self._pending

    @property
    def is_due(self) -> bool:
        """True if the readings that wait must be committed now."""
        return self._schedule.is_due(self._pending)

    def add(self, start: Checkpoint, end: Checkpoint, batch: WriteBatch, size_bytes: int) -> None:
        """Add readings to those that wait, and commit all of them if that is due.

        Args:
            start: The checkpoint before the batch.
            end: The checkpoint after it.
            batch: The readings, and the points of their series.
            size_bytes: Bytes of the texts of its entries.
        """
        self._pending.add(start, end, batch, size_bytes)
        self._metrics.count_waiting(end, len(batch.readings))
        if self.is_due:
            self.flush()

    def commit(self, batch: WriteBatch, position: Checkpoint) -> bool:
        """Commit the readings that wait, and then a batch, which the caller acknowledges.

        Returns:
            False if the command of the batch needs another commit.
        """
        taken = self._pending.take()
        if taken is not None:
            self._commit(*taken)
        return self._commit(batch, position)

    def flush(self) -> None:
        """Commit the readings that wait, and acknowledge them."""
        taken = self._pending.take()
        if taken is not None:
            batch, position = taken
            self._commit(batch, position)
            self.acknowledge(position)

    def forget(self) -> None:
        """Forget what waits, which is still in the journal, and let the next commit be soon.

        Only a commit shows that the database can be used again.
        """
        self._pending.clear()
        self._metrics.forget_waiting()
        self._schedule.commit_soon()

    def acknowledge(self, position: Checkpoint) -> None:
        """Tell Redis that everything up to a position is committed."""
        self._lease_holder.acknowledge(position)

    def wait(self) -> None:
        """Wait until the journal has more, or a commit is requested or due, but at most 1 s."""
        self._schedule.wait(self._pending)

    def flush_if_requested(self) -> None:
        """Commit at once if a reader asks for no more than the readings that wait."""
        if self._schedule.is_requested(self._pending):
            self.flush()

    def pause_seconds(self) -> float:
        """Return the time to wait before the next commit, normally 0."""
        return self._schedule.pause_seconds()

    def count_malformed(self, count: int) -> None:
        """Count texts in the journal that can't be stored."""
        self._metrics.malformed_count += count

    def close(self) -> None:
        """Log the refused readings that were not logged yet."""
        self._refusals.flush()

    def _commit(self, batch: WriteBatch, position: Checkpoint) -> bool:
        begun_at = self._metrics.now()
        result = self._recorder.commit(batch, position)
        self._metrics.count_commit(batch, position, result, begun_at)
        self._schedule.committed(position.cursor if result.finished else None)
        if not result.finished:
            return False
        if batch.command is not None and result.command is not None:
            _log_command(batch.command, result.command.refusal)
        self._refused_count += result.refused_count
        self._refusals.update(self._refused_count)
        for gap in batch.gaps:
            count = "an unknown number of" if gap.lost_count is None else gap.lost_count
            logger.error("gap detected: %s; %s readings are missing", gap.reason, count)
        return True


def _log_command(command: Command, refusal: str) -> None:
    text = encode_command(recorded_form(command)).decode()
    if refusal:
        logger.warning("command %s refused: %s", text, refusal)
    else:
        logger.info("command %s carried out", text)

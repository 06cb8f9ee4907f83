"""The recorder: stores batches of readings together with the journal's checkpoint.

The checkpoint moves in the transaction that stores the readings up to it. So a writer that is
killed at any moment continues with exactly the first entry that the database does not have.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from sqlalchemy import Connection, Engine

from services.command import Command
from services.point import SeriesPoints
from services.position import JOURNAL_START, Checkpoint, EntryId, Gap
from services.reading import Reading, ReadingBatch
from services.retention_policy import RetentionPolicy
from services.store.checkpoint import (
    read_checkpoint,
    read_stored_until,
    write_checkpoint,
    write_stored_until,
)
from services.store.corrections import (
    CommandResult,
    Correction,
    apply_command,
    read_corrections,
    record_correction,
)
from services.store.losses import record_gaps, record_refused
from services.store.retention.deletion import SeriesDeletion
from services.store.retention.purge import PURGE_SECONDS, RetentionPurge
from services.store.rollup.maintenance import RollupMaintenance
from services.store.series import SeriesCache, SeriesDetails, StoredSeries, newest_units
from services.store.sqlite.bulk_insert import insert_rows
from services.store.sqlite.error_translation import translate_errors

MAX_SERIES: Final = 100_000
"""Series that a database may have, unless the settings say otherwise."""

_KEEP_EVERYTHING: Final = RetentionPolicy()

_TOO_MANY_SERIES: Final = "there are {} series, as many as STRIPCHART_MAX_SERIES allows"
_PURGED: Final = "readings of that time were purged, and only their rollups are kept"


@dataclass
class WriteBatch:
    """Everything that one transaction stores.

    Attributes:
        readings: New readings, one by one or in columns.
        gaps: Gaps in the journal.
        replayed: Readings that may be stored already. Stored readings are not overwritten.
        command: A command, which comes without readings and may need several commits.
        stored_until: The last stored entry of a journal that is about to be replayed.
        journal_start: The oldest entry of the journal. Corrections before it may be forgotten.
        points: Points of the series that came in line protocol.
    """

    readings: Sequence[Reading] | ReadingBatch[str] = ()
    gaps: list[Gap] = field(default_factory=list)
    replayed: Sequence[Reading] = ()
    command: Command | None = None
    stored_until: EntryId | None = None
    journal_start: EntryId = JOURNAL_START
    points: SeriesPoints = field(default_factory=dict)


class CommitResult(NamedTuple):
    """Outcome of one commit.

    Attributes:
        refused_count: Readings that were refused: too many series, or their time was purged.
        command: Outcome of the command, None for a batch without one.
    """

    refused_count: int = 0
    command: CommandResult | None = None

    @property
    def finished(self) -> bool:
        """False if the same batch must be committed again, because its command is not done."""
        return self.command is None or self.command.finished


class _StoredRows(NamedTuple):
    """Rows that one commit stores, their series, and the number of refused readings."""

    series: dict[str, StoredSeries]
    rows: ReadingBatch[int]
    refused_count: int


class Recorder:
    """Write access to the database, for the one process that writes.

    Its methods may raise StoreUnavailableError.

    Args:
        engine: An engine that can write.
        journal: Name of the journal in `journal_position`.
        clock: Returns microseconds since 1970.
        max_series: Number of series that the database may have; readings of others are refused.
        policy: What to delete by age or size.
        purge_seconds: Time that one transaction of the purge may take, approximately.
    """

    def __init__(
        self,
        engine: Engine,
        journal: str,
        clock: Callable[[], int],
        max_series: int = MAX_SERIES,
        policy: RetentionPolicy = _KEEP_EVERYTHING,
        *,
        purge_seconds: float = PURGE_SECONDS,
    ) -> None:
        self._engine = engine
        self._journal = journal
        self._clock = clock
        self._max_series = max_series
        self._series = SeriesCache(max_series)
        self._rollups = RollupMaintenance(engine)
        self._purge = RetentionPurge(engine, policy, clock, work_seconds=purge_seconds)
        self._deletion = SeriesDeletion(engine)

    def checkpoint(self) -> Checkpoint | None:
        """Return the place up to which the journal is stored, None before the first commit."""
        with translate_errors(), self._engine.connect() as connection:
            return read_checkpoint(connection, self._journal)

    def has_replay_after(self, position: EntryId) -> bool:
        """Return True if entries after a position may be stored already.

        Only then is `replay_state` needed, which takes a minute with a million corrections.
        """
        with translate_errors(), self._engine.begin() as connection:
            return position < read_stored_until(connection, self._journal)

    def replay_state(self) -> tuple[EntryId, list[Correction]]:
        """Return what a replay of the journal needs to know.

        Returns:
            The last entry that was stored before the journal lost its newest entries, and the
            corrections that are kept, in the order in which they were carried out.
        """
        with translate_errors(), self._engine.begin() as connection:
            return read_stored_until(connection, self._journal), read_corrections(connection)

    def commit(self, batch: WriteBatch, checkpoint: Checkpoint) -> CommitResult:
        """Store a batch and move the checkpoint, both or neither.

        Args:
            batch: What to store.
            checkpoint: The end of the batch in the journal. It is not written while the command
                of the batch is unfinished.
        """
        if batch.command is not None:
            return CommitResult(command=self._commit_command(batch.command, batch, checkpoint))
        with translate_errors(), self._engine.begin() as connection:
            stored = tuple(
                self._store(
                    connection,
                    ReadingBatch.from_readings(readings),
                    points=batch.points,
                    overwrite=overwrite,
                )
                for readings, overwrite in ((batch.replayed, False), (batch.readings, True))
            )
            record_gaps(connection, batch.gaps, self._clock())
            if batch.stored_until is not None:
                write_stored_until(connection, self._journal, batch.stored_until)
            self._write_checkpoint(connection, checkpoint)
        for part in stored:
            self._series.update(part.series)
            self._rollups.count_stored(part.rows)
        return CommitResult(sum(part.refused_count for part in stored))

    @property
    def maintenance_due(self) -> bool:
        """True if there is work for `maintain`."""
        return self._rollups.due or self._deletion.due or self._purge.due

    @property
    def retention_warning(self) -> str:
        """The reason why nothing is purged although it should be, otherwise empty."""
        return self._purge.warning

    def maintain(self) -> bool:
        """Update rollups, delete and purge, for about 0.03 s each.

        Returns:
            True if there is more to do.
        """
        if self._rollups.due:
            self._rollups.maintain()
        if self._deletion.due:
            self._rollups.forget(self._deletion.maintain())
        if self._purge.due:
            self._rollups.set_purge_floors(self._purge.maintain())
        return self.maintenance_due

    def _commit_command(
        self, command: Command, batch: WriteBatch, checkpoint: Checkpoint
    ) -> CommandResult:
        """Carry out a command or a part of it, and move the checkpoint if it is finished."""
        # A commit that fails at its very end may have changed the series or not.
        self._series.clear()
        try:
            with translate_errors(), self._engine.begin() as connection:
                result = apply_command(connection, command)
                if result.finished:
                    now = self._clock()
                    epoch, entry = checkpoint.cursor
                    correction = Correction(entry, command, result.refusal or None)
                    record_correction(connection, correction, epoch, now, batch.journal_start)
                    record_gaps(connection, batch.gaps, now)
                    self._write_checkpoint(connection, checkpoint)
        except BaseException:
            self._rollups.reload()
            raise
        self._rollups.expect_dirty_blocks()
        self._purge.restart_count()
        if result.deleted_series is not None:
            self._rollups.forget([result.deleted_series])
            self._deletion.due = self._deletion.due or not result.id_free
        return result

    def _store(
        self,
        connection: Connection,
        readings: ReadingBatch[str],
        *,
        points: SeriesPoints,
        overwrite: bool,
    ) -> _StoredRows:
        """Store readings, but refuse those of too many series and of purged times."""
        if not readings:
            return _StoredRows({}, ReadingBatch(), 0)
        count, now = len(readings), self._clock()
        names = list(dict.fromkeys(readings.series))
        units = newest_units(readings.series, readings.unit)
        series = self._series.find_or_add(connection, names, SeriesDetails(units, points), now)
        if len(series) < len(names):
            excess = readings.select(name not in series for name in readings.series)
            record_refused(connection, excess, _TOO_MANY_SERIES.format(self._max_series), now)
            readings = readings.select(name in series for name in readings.series)
        ids = {name: stored.id for name, stored in series.items()}
        series_ids = [*map(ids.__getitem__, readings.series)]
        rows, purged = self._rollups.screen(
            connection, ReadingBatch(series_ids, readings.ts, readings.value)
        )
        if purged:
            names_by_id = {series_id: name for name, series_id in ids.items()}
            purged_names = [names_by_id[series_id] for series_id in purged.series]
            too_late = ReadingBatch(purged_names, purged.ts, purged.value)
            record_refused(connection, too_late, _PURGED, now)
        insert_rows(connection, rows, overwrite=overwrite)
        return _StoredRows(series, rows, count - len(rows))

    def _write_checkpoint(self, connection: Connection, checkpoint: Checkpoint) -> None:
        write_checkpoint(connection, self._journal, checkpoint)

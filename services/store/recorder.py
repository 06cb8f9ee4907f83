"""The recorder: puts batches of readings into the database, together with the journal's position.

The position moves in the transaction of the rows that it stands for, so that whatever kills the
writer, the journal is read again from exactly what the database holds.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Final, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    delete,
    func,
    insert,
    literal_column,
    select,
)

from services.command import Command
from services.position import Cursor, EntryId, Gap
from services.reading import Reading, ReadingBatch
from services.retention_policy import RetentionPolicy
from services.store import tables
from services.store.corrections import (
    CommandResult,
    Correction,
    apply_command,
    read_corrections,
    record_correction,
)
from services.store.position import (
    read_position,
    read_stored_until,
    write_position,
    write_stored_until,
)
from services.store.retention.deletion import SeriesDeletion
from services.store.retention.purge import RetentionPurge
from services.store.rollup.maintenance import RollupMaintenance
from services.store.series import KnownSeries, add_series, known_units, look_up, set_unit
from services.store.sqlite.bulk_insert import Rows, insert_rows
from services.store.sqlite.engine import translate_errors

MAX_SERIES: Final = 100_000
"""Series that a database takes unless it is told otherwise."""

MAX_REFUSED_ROWS: Final = 10_000
"""Rows of `refused` that are kept, the newest ones."""

_EVERYTHING: Final = RetentionPolicy()

_FULL: Final = "there are {} series, as many as STRIPCHART_MAX_SERIES allows"
_FROZEN: Final = "readings of that time were purged, and only their rollups are kept"


@dataclass
class Batch:
    """What one transaction puts into the database: readings, and what the journal lost.

    readings: one by one, or in columns where they are many.
    again: readings that may be there already, and then stay as they are. command: stands in place
    of readings; it may take several commits. stored_until: the last entry of what is read again.
    """

    readings: Sequence[Reading] | ReadingBatch = ()
    losses: list[Gap] = field(default_factory=list)
    again: Sequence[Reading] = ()
    command: Command | None = None
    stored_until: EntryId | None = None


class _StoreResult(NamedTuple):
    """What became of some readings: their series, the rows, and how many were refused."""

    series: dict[str, KnownSeries]
    rows: Rows
    refused: int


class Recorder:
    """The writer's hand on the database. All methods may raise StoreUnavailableError.

    journal: the journal's name in `journal_position`. clock: microseconds since 1970.
    most_series: how many series there may be; readings of further ones are refused. keep: what
    of it to keep.
    """

    def __init__(
        self,
        engine: Engine,
        journal: str,
        clock: Callable[[], int],
        most_series: int = MAX_SERIES,
        keep: RetentionPolicy = _EVERYTHING,
    ) -> None:
        self._engine = engine
        self._journal = journal
        self._clock = clock
        self._most_series = most_series
        self._series: dict[str, KnownSeries] = {}
        self._rollups = RollupMaintenance(engine)
        self._retention = RetentionPurge(engine, keep, clock)
        self._removal = SeriesDeletion(engine)
        self.refused = 0
        """Readings that were refused so far, for which there was no room or which came too late."""
        self.outcome = CommandResult()
        """What became of the last command. One that is not finished is to be committed again."""

    def checkpoint(self) -> tuple[Cursor, int, int] | None:
        """How far the database has taken the journal: cursor, `n` and `r`; None if nowhere."""
        with translate_errors(), self._engine.connect() as connection:
            return read_position(connection, self._journal)

    def replay_state(self) -> tuple[EntryId, list[Correction]]:
        """Up to which entry a journal that is read again was stored, and what was corrected."""
        with translate_errors(), self._engine.begin() as connection:
            return read_stored_until(connection, self._journal), read_corrections(connection)

    def commit(self, batch: Batch, cursor: Cursor, n: int, r: int) -> None:
        """Store a batch and move the position to where it ends, both or neither.

        While a command is not finished the position stays.
        """
        if batch.command is not None:
            self._correct(batch.command, batch.losses, cursor, n, r)
            return
        with translate_errors():
            with self._engine.begin() as connection:
                again = self._store(
                    connection, ReadingBatch.from_readings(batch.again), overwrite=False
                )
                new = self._store(connection, ReadingBatch.from_readings(batch.readings))
                self._note(connection, batch.losses)
                if batch.stored_until is not None:
                    write_stored_until(connection, self._journal, batch.stored_until)
                self._move(connection, cursor, n, r)
            for stored in (again, new):
                self._remember(stored.series)
                self._rollups.taken(stored.rows)
                self.refused += stored.refused

    @property
    def maintenance_due(self) -> bool:
        """Whether there is something to do for `maintain`."""
        return self._rollups.due or self._removal.due or self._retention.due

    @property
    def retention_warning(self) -> str:
        """Why nothing is deleted that should be, or nothing."""
        return self._retention.note

    def maintain(self) -> bool:
        """Work for a moment on what is made from readings; tells whether there is more to do."""
        if self._rollups.due:
            self._rollups.maintain()
        if self._removal.due:
            self._rollups.forget(self._removal.maintain())
        if self._retention.due:
            self._rollups.freeze(self._retention.maintain())
        return self.maintenance_due

    def _correct(self, command: Command, losses: list[Gap], cursor: Cursor, n: int, r: int) -> None:
        """Carry out a command, or a part of it."""
        # If the commit fails at its very end, nobody knows what there is now.
        self._series.clear()
        try:
            with translate_errors(), self._engine.begin() as connection:
                outcome = apply_command(connection, command)
                if outcome.finished:
                    record_correction(connection, command, cursor, outcome.refused, self._clock())
                    self._note(connection, losses)
                    self._move(connection, cursor, n, r)
        except BaseException:
            self._rollups.reload()
            raise
        self.outcome = outcome
        self._rollups.corrected()
        self._retention.corrected()
        if outcome.removed is not None:
            self._rollups.forget([outcome.removed])
            self._removal.due = self._removal.due or not outcome.free

    def _store(
        self, connection: Connection, readings: ReadingBatch, *, overwrite: bool = True
    ) -> _StoreResult:
        """Store the readings that there is room for and that do not come too late."""
        if not readings.reading_count:
            return _StoreResult({}, Rows((), (), ()), 0)
        size = readings.reading_count
        names = list(dict.fromkeys(readings.series))
        series = self._ensure_series(connection, names, known_units(readings.series, readings.unit))
        if len(series) < len(names):
            strange = readings.select(name not in series for name in readings.series)
            self._refuse(connection, strange, _FULL.format(self._most_series))
            readings = readings.select(name in series for name in readings.series)
        ids = {name: known.id for name, known in series.items()}
        numbers = [*map(ids.__getitem__, readings.series)]
        rows, frozen = self._rollups.take(connection, Rows(numbers, readings.ts, readings.value))
        if frozen.size:
            by_id = {number: name for name, number in ids.items()}
            late = ReadingBatch([by_id[i] for i in frozen.series], frozen.ts, frozen.value)
            self._refuse(connection, late, _FROZEN)
        insert_rows(connection, rows, overwrite=overwrite)
        return _StoreResult(series, rows, size - rows.size)

    def _ensure_series(
        self, connection: Connection, names: list[str], units: dict[str, str]
    ) -> dict[str, KnownSeries]:
        """The series of these names; those that there is no room for are left out."""
        series = {name: self._series[name] for name in names if name in self._series}
        strange = [name for name in names if name not in series]
        if strange:
            series |= look_up(connection, strange)
            new = [name for name in strange if name not in series]
            series |= add_series(connection, new, units, self._most_series, self._clock())
        for name, unit in units.items():
            if name in series and series[name].unit != unit:
                series[name] = series[name]._replace(unit=unit)
                set_unit(connection, series[name].id, unit)
        return series

    def _refuse(self, connection: Connection, readings: ReadingBatch, reason: str) -> None:
        """Note what is not stored. Of a flood only the newest rows are kept."""
        now = self._clock()
        newest = zip(*(column[-MAX_REFUSED_ROWS:] for column in readings[:3]), strict=True)
        connection.execute(
            insert(tables.refused),
            [
                {"at": now, "series": series, "ts": ts, "value": value, "reason": reason}
                for series, ts, value in newest
            ],
        )
        rowid: ColumnElement[int] = literal_column("rowid")
        last = select(func.max(rowid)).select_from(tables.refused).scalar_subquery()
        connection.execute(delete(tables.refused).where(rowid <= last - MAX_REFUSED_ROWS))

    def _remember(self, series: dict[str, KnownSeries]) -> None:
        """Know these series for the next batch; the ones known longest are looked up again."""
        self._series |= series
        surplus = len(self._series) - self._most_series
        for name in list(islice(self._series, max(0, surplus))):
            del self._series[name]

    def _note(self, connection: Connection, losses: list[Gap]) -> None:
        if losses:
            now = self._clock()
            connection.execute(
                insert(tables.gaps),
                [
                    {
                        "from_ts": start,
                        "to_ts": end,
                        "count": loss.lost_count,
                        "reason": loss.reason,
                        "noted_at": now,
                    }
                    for loss in losses
                    for start, end in [_in_order(loss.start, loss.end)]
                ],
            )

    def _move(self, connection: Connection, cursor: Cursor, n: int, r: int) -> None:
        write_position(connection, self._journal, cursor, n, r)


def _in_order(start: int | None, end: int | None) -> tuple[int | None, int | None]:
    """A clock that was set back may put the end of a loss before its beginning."""
    if start is not None and end is not None and end < start:
        return end, start
    return start, end

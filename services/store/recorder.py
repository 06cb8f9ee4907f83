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
    bindparam,
    delete,
    func,
    insert,
    literal_column,
    select,
    update,
)
from sqlalchemy.dialects.sqlite import insert as upsert

from services.cursor import Cursor, EntryId
from services.keep import Keep
from services.reading import Reading
from services.store import tables
from services.store.engine import translated
from services.store.retention import Retention
from services.store.rollups import Rollups
from services.store.rows import Rows, insert_rows

MOST_SERIES: Final = 100_000
"""Series that a database takes unless it is told otherwise."""

REFUSED_KEPT: Final = 10_000
"""Rows of `refused` that are kept, the newest ones."""

# SQLite before 3.32 takes no more parameters in one statement.
_LOOKUP: Final = 500

_EVERYTHING: Final = Keep()

_FULL: Final = "there are {} series, as many as STRIPCHART_MAX_SERIES allows"
_FROZEN: Final = "readings of that time were purged, and only their rollups are kept"


class Loss(NamedTuple):
    """History that is known to be missing.

    from_ts, to_ts: microseconds, as far as they are known; lost: readings, if that is known.
    """

    from_ts: int | None
    to_ts: int | None
    lost: int | None
    reason: str


@dataclass
class Batch:
    """What one transaction puts into the database: readings, and what the journal lost.

    again: readings that may be there already, and then stay as they are.
    """

    readings: list[Reading] = field(default_factory=list)
    losses: list[Loss] = field(default_factory=list)
    again: list[Reading] = field(default_factory=list)


class _Known(NamedTuple):
    """A series that the database has."""

    id: int
    unit: str | None


class _Stored(NamedTuple):
    """What became of some readings: their series, the rows, and how many were refused."""

    series: dict[str, _Known]
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
        most_series: int = MOST_SERIES,
        keep: Keep = _EVERYTHING,
    ) -> None:
        self._engine = engine
        self._journal = journal
        self._clock = clock
        self._most_series = most_series
        self._series: dict[str, _Known] = {}
        self._rollups = Rollups(engine)
        self._retention = Retention(engine, keep, clock)
        self.refused = 0
        """Readings that were refused so far, for which there was no room or which came too late."""

    def position(self) -> tuple[Cursor, int, int] | None:
        """How far the database has taken the journal: cursor, `n` and `r`; None if nowhere."""
        with translated(), self._engine.connect() as connection:
            return read_position(connection, self._journal)

    def commit(self, batch: Batch, cursor: Cursor, n: int, r: int) -> None:
        """Store a batch and move the position to where it ends, both or neither."""
        with translated():
            with self._engine.begin() as connection:
                again = self._store(connection, batch.again, overwrite=False)
                new = self._store(connection, batch.readings)
                self._note(connection, batch.losses)
                self._move(connection, cursor, n, r)
            for stored in (again, new):
                self._remember(stored.series)
                self._rollups.taken(stored.rows)
                self.refused += stored.refused

    @property
    def due(self) -> bool:
        """Whether there is something to do for `maintain`."""
        return self._rollups.due or self._retention.due

    @property
    def note(self) -> str:
        """Why nothing is deleted that should be, or nothing."""
        return self._retention.note

    def maintain(self) -> bool:
        """Work for a moment on what is made from readings; tells whether there is more to do."""
        if self._rollups.due:
            self._rollups.maintain()
        if self._retention.due:
            self._rollups.freeze(self._retention.maintain())
        return self.due

    def _store(
        self, connection: Connection, readings: list[Reading], *, overwrite: bool = True
    ) -> _Stored:
        """Store the readings that there is room for and that do not come too late."""
        if not readings:
            return _Stored({}, Rows((), (), ()), 0)
        names, times, values, units = zip(*readings, strict=True)
        distinct = list(dict.fromkeys(names))
        series = self._ensure_series(connection, distinct, _known_units(names, units))
        refused = []
        if len(series) < len(distinct):
            refused = [r for r in readings if r.series not in series]
            self._refuse(connection, refused, _FULL.format(self._most_series))
            readings = [r for r in readings if r.series in series]
            names, times, values, _ = zip(*readings, strict=True) if readings else ((),) * 4
        ids = {name: known.id for name, known in series.items()}
        rows, frozen = self._rollups.take(
            connection, Rows([*map(ids.__getitem__, names)], times, values)
        )
        if frozen.size:
            by_id = {number: name for name, number in ids.items()}
            late = [Reading(by_id[i], ts, value) for i, ts, value in zip(*frozen, strict=True)]
            self._refuse(connection, late, _FROZEN)
            refused += late
        insert_rows(connection, rows, overwrite=overwrite)
        return _Stored(series, rows, len(refused))

    def _ensure_series(
        self, connection: Connection, names: list[str], units: dict[str, str]
    ) -> dict[str, _Known]:
        """The series of these names; those that there is no room for are left out."""
        series = {name: self._series[name] for name in names if name in self._series}
        strange = [name for name in names if name not in series]
        if strange:
            series |= _look_up(connection, strange)
            new = [name for name in strange if name not in series]
            series |= self._add_series(connection, new, units)
        for name, unit in units.items():
            if name in series and series[name].unit != unit:
                series[name] = series[name]._replace(unit=unit)
                connection.execute(
                    update(tables.series)
                    .where(tables.series.c.id == series[name].id)
                    .values(unit=unit)
                )
        return series

    def _add_series(
        self, connection: Connection, names: list[str], units: dict[str, str]
    ) -> dict[str, _Known]:
        """Make as many of these series as there is room for, in their order."""
        if not names:
            return {}
        there = connection.execute(select(func.count()).select_from(tables.series)).scalar_one()
        room = names[: max(0, self._most_series - there)]
        if room:
            now = self._clock()
            connection.execute(
                insert(tables.series),
                [{"name": name, "unit": units.get(name), "created_at": now} for name in room],
            )
        return _look_up(connection, room)

    def _refuse(self, connection: Connection, readings: list[Reading], reason: str) -> None:
        """Note what is not stored. Of a flood only the newest rows are kept."""
        if not readings:
            return
        now = self._clock()
        connection.execute(
            insert(tables.refused),
            [
                {"at": now, "series": r.series, "ts": r.ts, "value": r.value, "reason": reason}
                for r in readings[-REFUSED_KEPT:]
            ],
        )
        rowid: ColumnElement[int] = literal_column("rowid")
        newest = select(func.max(rowid)).select_from(tables.refused).scalar_subquery()
        connection.execute(delete(tables.refused).where(rowid <= newest - REFUSED_KEPT))

    def _remember(self, series: dict[str, _Known]) -> None:
        """Know these series for the next batch; the ones known longest are looked up again."""
        self._series |= series
        surplus = len(self._series) - self._most_series
        for name in list(islice(self._series, max(0, surplus))):
            del self._series[name]

    def _note(self, connection: Connection, losses: list[Loss]) -> None:
        if losses:
            now = self._clock()
            connection.execute(
                insert(tables.gaps),
                [
                    {
                        "from_ts": start,
                        "to_ts": end,
                        "count": loss.lost,
                        "reason": loss.reason,
                        "noted_at": now,
                    }
                    for loss in losses
                    for start, end in [_in_order(loss.from_ts, loss.to_ts)]
                ],
            )

    def _move(self, connection: Connection, cursor: Cursor, n: int, r: int) -> None:
        row = {"epoch": cursor.epoch, "id": str(cursor.entry), "n": n, "r": r}
        connection.execute(
            upsert(tables.journal_position)
            .values(journal=self._journal, **row)
            .on_conflict_do_update(index_elements=["journal"], set_=row)
        )


def _known_units(names: Sequence[str], units: Sequence[str | None]) -> dict[str, str]:
    """The last unit that is told of each series."""
    if not any(units):
        return {}
    return {name: unit for name, unit in zip(names, units, strict=True) if unit is not None}


def _look_up(connection: Connection, names: Sequence[str]) -> dict[str, _Known]:
    found: dict[str, _Known] = {}
    columns = select(tables.series.c.name, tables.series.c.id, tables.series.c.unit)
    for start in range(0, len(names), _LOOKUP):
        some = names[start : start + _LOOKUP]
        rows = connection.execute(columns.where(tables.series.c.name.in_(some)))
        found |= {row.name: _Known(row.id, row.unit) for row in rows}
    return found


def _in_order(start: int | None, end: int | None) -> tuple[int | None, int | None]:
    """A clock that was set back may put the end of a loss before its beginning."""
    if start is not None and end is not None and end < start:
        return end, start
    return start, end


def read_position(connection: Connection, journal: str) -> tuple[Cursor, int, int] | None:
    """The journal's position in the snapshot that this connection sees, with its `n` and `r`."""
    row = connection.execute(
        select(tables.journal_position).where(
            tables.journal_position.c.journal == bindparam("journal")
        ),
        {"journal": journal},
    ).one_or_none()
    if row is None:
        return None
    return Cursor(row.epoch, EntryId.parse(row.id)), row.n, row.r

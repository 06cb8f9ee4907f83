"""The recorder: puts batches of readings into the database, together with the journal's position.

The position moves in the transaction of the rows that it stands for, so that whatever kills the
writer, the journal is read again from exactly what the database holds.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from sqlalchemy import Connection, Engine, bindparam, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from services.cursor import Cursor, EntryId
from services.reading import Reading
from services.store import tables
from services.store.engine import translated


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
    """What one transaction puts into the database: readings, and what the journal lost."""

    readings: list[Reading] = field(default_factory=list)
    losses: list[Loss] = field(default_factory=list)


class Recorder:
    """The writer's hand on the database. All methods may raise StoreUnavailableError.

    journal: the journal's name in `journal_position`. clock: microseconds since 1970.
    """

    def __init__(self, engine: Engine, journal: str, clock: Callable[[], int]) -> None:
        self._engine = engine
        self._journal = journal
        self._clock = clock
        self._series: dict[str, tuple[int, str | None]] = {}

    def position(self) -> tuple[Cursor, int, int] | None:
        """How far the database has taken the journal: cursor, `n` and `r`; None if nowhere."""
        with translated(), self._engine.connect() as connection:
            return read_position(connection, self._journal)

    def commit(self, batch: Batch, cursor: Cursor, n: int, r: int) -> None:
        """Store a batch and move the position to where it ends, both or neither."""
        with translated():
            known = dict(self._series)
            with self._engine.begin() as connection:
                self._ensure_series(connection, batch.readings, known)
                self._insert(connection, batch.readings, known)
                self._note(connection, batch.losses)
                self._move(connection, cursor, n, r)
            self._series = known

    def _ensure_series(
        self,
        connection: Connection,
        readings: list[Reading],
        known: dict[str, tuple[int, str | None]],
    ) -> None:
        units = {r.series: r.unit for r in readings if r.unit is not None}
        names = {r.series for r in readings}
        missing = sorted(names - known.keys())
        if missing:
            now = self._clock()
            connection.execute(
                upsert(tables.series).on_conflict_do_nothing(),
                [{"name": name, "unit": units.get(name), "created_at": now} for name in missing],
            )
            for name in missing:
                row = connection.execute(
                    select(tables.series.c.id, tables.series.c.unit).where(
                        tables.series.c.name == name
                    )
                ).one()
                known[name] = (row.id, row.unit)
        for name, unit in units.items():
            series_id, old = known[name]
            if unit != old:
                connection.execute(
                    update(tables.series).where(tables.series.c.id == series_id).values(unit=unit)
                )
                known[name] = (series_id, unit)

    def _insert(
        self,
        connection: Connection,
        readings: list[Reading],
        known: dict[str, tuple[int, str | None]],
    ) -> None:
        if readings:
            connection.exec_driver_sql(
                "INSERT INTO readings (series_id, ts, value) VALUES (?, ?, ?)"
                " ON CONFLICT (series_id, ts) DO UPDATE SET value = excluded.value",
                [(known[r.series][0], r.ts, r.value) for r in readings],
            )

    def _note(self, connection: Connection, losses: list[Loss]) -> None:
        if losses:
            now = self._clock()
            connection.execute(
                insert(tables.gaps),
                [
                    {
                        "from_ts": loss.from_ts,
                        "to_ts": loss.to_ts,
                        "count": loss.lost,
                        "reason": loss.reason,
                        "noted_at": now,
                    }
                    for loss in losses
                ],
            )

    def _move(self, connection: Connection, cursor: Cursor, n: int, r: int) -> None:
        row = {"epoch": cursor.epoch, "id": str(cursor.entry), "n": n, "r": r}
        connection.execute(
            upsert(tables.journal_position)
            .values(journal=self._journal, **row)
            .on_conflict_do_update(index_elements=["journal"], set_=row)
        )


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

"""Maintenance of the rollups, between the batches of the writer.

A series has the rollups for which it is dense enough. They are made of closed buckets only, up to a
little before the newest reading. A later reading makes its block dirty, in the transaction that
stores it, and the buckets of the block are rebuilt.
"""

import time
from collections import Counter
from collections.abc import Collection
from itertools import repeat
from operator import ge, lt
from typing import Final

from sqlalchemy import Connection, Engine, func, select

from services.reading import ReadingBatch
from services.store import tables
from services.store.rollup.dirty_blocks import mark_dirty_blocks, rebuild_next_blocks
from services.store.rollup.extension import extend_rollups
from services.store.sqlite.error_translation import translate_errors
from services.store.tiers import RAW

_READINGS_UNTIL_DUE: Final = 1_000
"""New readings of a series after which its rollups are extended."""

_SERIES_PER_SWEEP: Final = 100
"""Series that are queued at a time after a start."""

_REBUILD_SECONDS: Final = 5.0
"""Time between two searches for dirty blocks, after one that found none."""

_WORK_SECONDS: Final = 0.03
"""Time that one transaction may take, approximately."""


class RollupMaintenance:
    """The rollups of one database, for the process that writes it.

    Its methods may raise StoreUnavailableError.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._loaded = False
        # By series id: the end of its rollups, and its purge floor, in microseconds.
        self._ends: dict[int, int] = {}
        self._purge_floors: dict[int, int] = {}
        # No reading from this time on is late.
        self._max_end = 0
        self._new_readings: Counter[int] = Counter()
        # The series to extend, in the order in which they became due.
        self._due_series: dict[int, None] = {}
        self._swept_until, self._sweeping = 0, True
        self._maybe_dirty = True
        self._next_rebuild = 0.0

    def screen(
        self, connection: Connection, rows: ReadingBatch[int]
    ) -> tuple[ReadingBatch[int], ReadingBatch[int]]:
        """Mark the blocks that new readings make dirty, and sort out readings of purged times.

        Args:
            connection: The connection in whose transaction the readings are stored.
            rows: The readings.

        Returns:
            The readings to store, and those whose buckets can't be rebuilt, because the other
            readings of their time were purged.
        """
        if not self._loaded:
            self._load(connection)
        purged: ReadingBatch[int] = ReadingBatch()
        if not rows or min(rows.ts) >= self._max_end:
            return rows, purged
        late = rows.select(map(lt, rows.ts, _limits(self._ends, rows)))
        purged = late.select(map(lt, late.ts, _limits(self._purge_floors, late)))
        if purged:
            rows = rows.select(map(ge, rows.ts, _limits(self._purge_floors, rows)))
            late = late.select(map(ge, late.ts, _limits(self._purge_floors, late)))
        if mark_dirty_blocks(connection, late.series, late.ts):
            self._maybe_dirty = True
        return rows, purged

    def count_stored(self, rows: ReadingBatch[int]) -> None:
        """Count readings after their commit, to know which series to extend."""
        for series_id, added in Counter(rows.series).items():
            count = self._new_readings.get(series_id, 0) + added
            if count < _READINGS_UNTIL_DUE:
                self._new_readings[series_id] = count
            else:
                self._new_readings.pop(series_id, None)
                self._due_series[series_id] = None

    @property
    def due(self) -> bool:
        """True if there is work for `maintain`."""
        return bool(self._due_series) or self._sweeping or self._rebuild_due

    def set_purge_floors(self, purge_floors: dict[int, int]) -> None:
        """Accept no more readings before these times.

        Args:
            purge_floors: Times in microseconds by series id.
        """
        self._purge_floors |= purge_floors

    def expect_dirty_blocks(self) -> None:
        """Search for dirty blocks, because a command may have made some."""
        self._maybe_dirty = True

    def forget(self, series_ids: Collection[int]) -> None:
        """Forget series that are deleted, because new ones may get their ids."""
        for by_series in (self._ends, self._purge_floors, self._new_readings, self._due_series):
            for series_id in series_ids:
                by_series.pop(series_id, None)

    def reload(self) -> None:
        """Read the state from the database before it is used again."""
        self._loaded = False

    def maintain(self) -> None:
        """Extend and rebuild rollups for about 0.03 s, in one transaction."""
        deadline = time.monotonic() + _WORK_SECONDS
        try:
            with translate_errors(), self._engine.begin() as connection:
                if not self._loaded:
                    self._load(connection)
                extended = self._extend_due_series(connection, deadline)
                if time.monotonic() < deadline and self._rebuild_due:
                    self._rebuild_dirty_blocks(connection, deadline)
                if time.monotonic() < deadline and self._sweeping:
                    self._queue_next_series(connection)
        except BaseException:
            # The transaction may or may not have been committed: the database knows.
            self.reload()
            raise
        for series_id in extended:
            self._due_series.pop(series_id, None)

    def _load(self, connection: Connection) -> None:
        """Read the ends and purge floors of all series, and check every series once."""
        coverage = tables.coverage.c
        rows = connection.execute(
            select(
                coverage.series_id,
                func.max(coverage.until_ts),
                func.max(coverage.from_ts).filter(coverage.tier == RAW.name),
            ).group_by(coverage.series_id)
        )
        self._ends, self._purge_floors = {}, {}
        for series_id, end, purge_floor in rows:
            self._ends[series_id] = end or 0
            if purge_floor:
                self._purge_floors[series_id] = purge_floor
        self._max_end = max(self._ends.values(), default=0)
        self._swept_until, self._sweeping = 0, True
        self._maybe_dirty = True
        self._loaded = True

    def _queue_next_series(self, connection: Connection) -> None:
        """Queue the next series for an extension, after a start of the writer."""
        series = tables.series.c.id
        query = select(series).where(series > self._swept_until).order_by(series)
        ids = connection.execute(query.limit(_SERIES_PER_SWEEP)).scalars().all()
        self._due_series.update(dict.fromkeys(ids))
        self._sweeping = len(ids) == _SERIES_PER_SWEEP
        self._swept_until = ids[-1] if ids else self._swept_until

    def _extend_due_series(self, connection: Connection, deadline: float) -> list[int]:
        """Extend due series until the deadline, and return the finished ones."""
        extended: list[int] = []
        for series_id in self._due_series:
            finished = False
            while not finished and time.monotonic() < deadline:
                end, finished = extend_rollups(connection, series_id)
                if end:
                    self._ends[series_id] = max(self._ends.get(series_id, 0), end)
                    self._max_end = max(self._max_end, end)
            if not finished:
                break
            extended.append(series_id)
        return extended

    @property
    def _rebuild_due(self) -> bool:
        return self._maybe_dirty and time.monotonic() >= self._next_rebuild

    def _rebuild_dirty_blocks(self, connection: Connection, deadline: float) -> None:
        """Rebuild dirty blocks until the deadline; if none is left, pause for 5 s."""
        while time.monotonic() < deadline:
            if not rebuild_next_blocks(connection):
                self._maybe_dirty = False
                self._next_rebuild = time.monotonic() + _REBUILD_SECONDS
                return


def _limits(by_series: dict[int, int], rows: ReadingBatch[int]) -> "map[int]":
    """Return the limit that applies to each reading, 0 for a series without one."""
    return map(by_series.get, rows.series, repeat(0))

"""The retention purge: deletes old readings and buckets by the retention policy.

It goes through the series one after the other. If there are rules about size it counts the rows on
the way, and then goes through the series again with the cutoffs that it has found.

Readings are deleted only where all buckets that summarize them are made and clean. They are deleted
in intervals of the widest bucket, so that no bucket ever loses only a part of its readings. First
the purge floor is written to `coverage`, then rows are deleted, some at a time.
"""

import time
from collections.abc import Callable
from typing import Final

from sqlalchemy import Connection, Engine, func, select

from services.clock import ClockJumpGuard
from services.reading import END_OF_TIME, MICROSECONDS
from services.retention_policy import RetentionPolicy
from services.store import tables
from services.store.interval import Interval, floor
from services.store.retention.deletion import delete_rows
from services.store.retention.quotas import Quotas
from services.store.retention.size_limit import SizeLimit
from services.store.rollup.buckets import first_ts
from services.store.rollup.coverage import (
    Coverage,
    read_coverage,
    write_coverage,
    write_purge_floor,
)
from services.store.sqlite.error_translation import translate_errors
from services.store.tiers import RAW, ROLLUPS, TIERS, WIDEST_BUCKET, Tier

PURGE_SECONDS: Final = 0.03
"""Time that one transaction may take, approximately."""

_PAUSE_SECONDS: Final = 600.0
"""Time between two passes through the series."""

_ROWS_PER_CHUNK: Final = 5_000

_NEWEST_TS: Final = """
    SELECT max((SELECT max(ts) FROM readings AS r WHERE r.series_id = s.id)) FROM series AS s
"""


class RetentionPurge:
    """Deletes readings and buckets that exceed the limits of the retention policy.

    While the clock is in doubt, nothing is deleted. Methods may raise StoreUnavailableError.

    Args:
        engine: An engine that can write.
        policy: The retention policy.
        clock: Returns microseconds since 1970.
        monotonic: Clock in seconds that is never set back.
        work_seconds: Time that one transaction may take, approximately.

    Attributes:
        warning: The reason why nothing is deleted although it should be, otherwise empty.
    """

    def __init__(
        self,
        engine: Engine,
        policy: RetentionPolicy,
        clock: Callable[[], int],
        monotonic: Callable[[], float] = time.monotonic,
        work_seconds: float = PURGE_SECONDS,
    ) -> None:
        self._engine = engine
        self._policy = policy
        self._quotas = Quotas(policy)
        self._size_limit = SizeLimit(policy.max_bytes)
        self._clock = ClockJumpGuard(clock, monotonic, self._newest_ts)
        self._monotonic = monotonic
        self._work_seconds = work_seconds
        self._next_pass = monotonic()
        # The id of the last series that is done.
        self._last_series = 0
        self.warning = ""

    @property
    def due(self) -> bool:
        """True if there is work for `maintain`."""
        has_limits = bool(self._policy.rules or self._policy.max_bytes)
        return has_limits and self._monotonic() >= self._next_pass

    def maintain(self) -> dict[int, int]:
        """Purge some series for about 0.03 s, in one transaction.

        Returns:
            New purge floors by series id, in microseconds.
        """
        now = self._clock.now()
        if now is None:
            self.warning = "the clock was set: nothing is deleted for a day"
            self._pause()
            return {}
        with translate_errors(), self._engine.begin() as connection:
            return self._purge_next_series(connection, now)

    def restart_count(self) -> None:
        """Start counting again, because a command may have deleted counted rows."""
        if self._quotas.counting:
            self._restart()

    def _restart(self) -> None:
        self._last_series = 0
        self._quotas.restart()

    def _pause(self) -> None:
        self._restart()
        self._next_pass = self._monotonic() + _PAUSE_SECONDS

    def _purge_next_series(self, connection: Connection, now: int) -> dict[int, int]:
        """Purge series until the time is over or the pass ends, and return new purge floors."""
        purge_floors: dict[int, int] = {}
        deadline = time.monotonic() + self._work_seconds
        while time.monotonic() < deadline:
            series = _next_series(connection, self._last_series)
            if series is None:
                self._end_pass(connection, now)
                break
            series_id, name = series
            if self._purge_series(connection, series_id, name, now, purge_floors) and (
                not self._quotas.counting or self._count_series(connection, series_id, name)
            ):
                self._last_series = series_id
        return purge_floors

    def _end_pass(self, connection: Connection, now: int) -> None:
        """Start another pass if the sizes ask for it; otherwise pause."""
        self._last_series = 0
        if self._quotas.counting and self._quotas.update_cutoffs():
            return
        more = self._size_limit.enforce(connection, now)
        self.warning = (
            "the database is larger than STRIPCHART_KEEP_SIZE: only the newest is left"
            if self._size_limit.exhausted
            else ""
        )
        if not more:
            self._pause()

    def _count_series(self, connection: Connection, series_id: int, name: str) -> bool:
        coverage = read_coverage(connection, series_id)
        return self._quotas.count_series(connection, series_id, name, coverage)

    def _newest_ts(self) -> int | None:
        """Return the time of the newest reading of all series."""
        with translate_errors(), self._engine.begin() as connection:
            ts: int | None = connection.exec_driver_sql(_NEWEST_TS).scalar_one()
            return ts

    def _purge_series(
        self,
        connection: Connection,
        series_id: int,
        name: str,
        now: int,
        purge_floors: dict[int, int],
    ) -> bool:
        """Delete some old rows of a series, and return True if none are left."""
        coverage = read_coverage(connection, series_id)
        widest = coverage.rollups.get(ROLLUPS[-1])
        if widest is None:
            return True
        clean_until = min(widest.end, _first_dirty_block(connection, series_id))
        for tier in TIERS:
            start = coverage.start(tier)
            if start is None:
                continue
            target = floor(min(self._cutoff(name, tier, now), clean_until), WIDEST_BUCKET)
            # Over an empty interval the floor does not move: late readings are still accepted.
            if target > start and _has_rows(connection, series_id, tier, Interval(start, target)):
                start = target
                _write_start(connection, series_id, coverage, tier, start)
                if tier is RAW:
                    purge_floors[series_id] = start
            old = Interval(0, start)
            deleted = delete_rows(connection, series_id, tier, old, _ROWS_PER_CHUNK)
            if deleted >= _ROWS_PER_CHUNK:
                return False
        return True

    def _cutoff(self, name: str, tier: Tier, now: int) -> int:
        """Return the time in microseconds before which a tier of a series must be deleted."""
        cutoff = max(self._quotas.cutoff(name, tier), self._size_limit.cutoff(tier, now))
        max_age_seconds = self._policy.max_age_seconds(name, tier.name)
        return max(cutoff, now - max_age_seconds * MICROSECONDS) if max_age_seconds else cutoff


def _next_series(connection: Connection, after: int) -> tuple[int, str] | None:
    """Return the id and name of the series with the next id, None after the last one."""
    series = tables.series.c
    query = select(series.id, series.name).where(series.id > after).order_by(series.id).limit(1)
    row = connection.execute(query).first()
    return None if row is None else (row.id, row.name)


def _first_dirty_block(connection: Connection, series_id: int) -> int:
    stale = tables.stale.c
    query = select(func.min(stale.start)).where(stale.series_id == series_id)
    start: int | None = connection.execute(query).scalar_one()
    return END_OF_TIME if start is None else start


def _has_rows(connection: Connection, series_id: int, tier: Tier, interval: Interval) -> bool:
    return first_ts(connection, series_id, tier, interval) is not None


def _write_start(
    connection: Connection, series_id: int, coverage: Coverage, tier: Tier, start: int
) -> None:
    """Write the time in microseconds from which a tier of a series is stored."""
    if tier is RAW:
        write_purge_floor(connection, series_id, start)
    else:
        interval = Interval(start, coverage.rollups[tier].end)
        write_coverage(connection, series_id, {tier: interval})

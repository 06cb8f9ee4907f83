"""What is deleted because somebody asked for it: old readings, and old buckets.

The series are gone through one after the other. Where a rule is about a size they are counted on
the way, and gone through once more with what that asks for.

Readings go only where all buckets that stand for them are made and clean, and in stretches of the
widest bucket, so that nothing that is left is ever a part of something. First it is said, in
`coverage`, from when on there is something; then rows are deleted, some at a time.
"""

import time
from collections.abc import Callable
from typing import Final

from sqlalchemy import Connection, Engine, func, select

from services.clock import ClockJumpGuard
from services.reading import MICROSECONDS
from services.retention_policy import TABLES, RetentionPolicy
from services.store import tables
from services.store.retention.deletion import delete_some
from services.store.retention.quotas import Quotas
from services.store.rollup.buckets import next_key
from services.store.rollup.coverage import Interval, read_coverage, write_floor, write_spans
from services.store.sqlite.engine import translate_errors, used_bytes
from services.store.tiers import TIERS, WIDEST, Tier, floor

_PAUSE_SECONDS: Final = 600.0
_WORK_SECONDS: Final = 0.03
_CHUNK: Final = 5_000
_DAY: Final = 86_400 * MICROSECONDS

_NEVER: Final = 1 << 62

_NEWEST: Final = """
    SELECT max((SELECT max(ts) FROM readings AS r WHERE r.series_id = s.id)) FROM series AS s
"""
_OLDEST: Final = """
    SELECT min((SELECT min({key}) FROM {table} AS r WHERE r.series_id = c.series_id))
    FROM coverage AS c WHERE c.tier = ?
"""


class RetentionPurge:
    """Deletes what is older, or more, than the rules say, or more than there is room for.

    keep: the operator's rules. clock: microseconds since 1970. monotonic: seconds that no hand
    sets. While the clock is in doubt nothing is deleted. Methods may raise StoreUnavailableError.
    """

    def __init__(
        self,
        engine: Engine,
        keep: RetentionPolicy,
        clock: Callable[[], int],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._engine = engine
        self._keep = keep
        self._quotas = Quotas(keep)
        self._clock = ClockJumpGuard(clock, monotonic, self._newest)
        self._monotonic = monotonic
        self._next = monotonic()
        self._series = 0
        # What the limit of size asks for beyond the rules: how many tables, and up to which time.
        self._stage = 0
        self._until = 0
        self.note = ""
        """Why nothing is deleted that should be, or nothing."""

    @property
    def due(self) -> bool:
        """Whether there is something to do for `maintain`."""
        return bool(self._keep.rules or self._keep.max_bytes) and self._monotonic() >= self._next

    def maintain(self) -> dict[int, int]:
        """Work for a moment, in one transaction; returns before what time series are frozen."""
        now = self._clock.now()
        if now is None:
            self.note = "the clock was set: nothing is deleted for a day"
            self._rest()
            return {}
        with translate_errors(), self._engine.begin() as connection:
            return self._work(connection, now)

    def corrected(self) -> None:
        """Count anew: of some series there may be less now."""
        if self._quotas.counting:
            self._restart()

    def _restart(self) -> None:
        self._series = 0
        self._quotas.restart()

    def _work(self, connection: Connection, now: int) -> dict[int, int]:
        """Go through some more series; returns before what time series are frozen."""
        frozen: dict[int, int] = {}
        end = time.monotonic() + _WORK_SECONDS
        while time.monotonic() < end:
            series = _next_series(connection, self._series)
            if series is None:
                self._series = 0
                if not (self._quotas.counting and self._quotas.settle()):
                    self._squeeze(connection, now)
                break
            number, name = series
            if self._purge(connection, number, name, now, frozen) and (
                not self._quotas.counting
                or self._quotas.take(connection, number, name, read_coverage(connection, number))
            ):
                self._series = number
        return frozen

    def _newest(self) -> int | None:
        """The time of the newest reading."""
        with translate_errors(), self._engine.begin() as connection:
            found: int | None = connection.exec_driver_sql(_NEWEST).scalar_one()
            return found

    def _rest(self) -> None:
        self._restart()
        self._next = self._monotonic() + _PAUSE_SECONDS

    def _purge(
        self, connection: Connection, series: int, name: str, now: int, frozen: dict[int, int]
    ) -> bool:
        """Delete some of what a series need not keep; tells whether that was all."""
        coverage = read_coverage(connection, series)
        widest = coverage.tiers.get(TIERS[-1])
        if widest is None:
            return True
        bound = min(widest.end, _first_stale(connection, series))
        for place, what in enumerate((None, *TIERS)):
            begin = self._begin(name, place, now)
            target = floor(min(begin, bound), WIDEST)
            start = coverage.start(what)
            if start is None:
                continue
            # Of a stretch without anything nothing is purged: what comes for it is welcome.
            if target > start and _has(connection, series, what, Interval(start, target)):
                start = target
                if what is None:
                    write_floor(connection, series, target)
                    frozen[series] = target
                else:
                    write_spans(
                        connection, series, {what: Interval(target, coverage.tiers[what].end)}
                    )
            if delete_some(connection, series, what, Interval(0, start), _CHUNK) >= _CHUNK:
                return False
        return True

    def _begin(self, name: str, place: int, now: int) -> int:
        """Before what time a table of a series need keep nothing."""
        begin = self._quotas.begin(name, TABLES[place])
        if seconds := self._keep.max_age_seconds(name, TABLES[place]):
            begin = max(begin, now - seconds * MICROSECONDS)
        if place < self._stage:
            begin = max(begin, now - _DAY)
        elif place == self._stage:
            begin = max(begin, self._until)
        return begin

    def _squeeze(self, connection: Connection, now: int) -> None:
        """Ask for a day more where the database is too large; else there is time to rest."""
        self.note = ""
        if self._keep.max_bytes == 0 or used_bytes(connection) <= self._keep.max_bytes:
            self._rest()
            return
        if self._until == 0:
            oldest = _oldest(connection, None if self._stage == 0 else TIERS[self._stage - 1])
            self._until = now - _DAY if oldest is None else oldest
        self._until += _DAY
        if self._until > now - _DAY:
            self._stage, self._until = self._stage + 1, 0
        if self._stage == len(TIERS):
            self._stage -= 1
            self.note = "the database is larger than STRIPCHART_KEEP_SIZE: only the newest is left"
            self._rest()


def _next_series(connection: Connection, after: int) -> tuple[int, str] | None:
    series = tables.series.c
    query = select(series.id, series.name).where(series.id > after).order_by(series.id).limit(1)
    row = connection.execute(query).first()
    return None if row is None else (row.id, row.name)


def _first_stale(connection: Connection, series: int) -> int:
    marks = tables.stale.c
    query = select(func.min(marks.start)).where(marks.series_id == series)
    found: int | None = connection.execute(query).scalar_one()
    return _NEVER if found is None else found


def _has(connection: Connection, series: int, what: Tier | None, during: Interval) -> bool:
    return next_key(connection, series, what, during) is not None


def _oldest(connection: Connection, what: Tier | None) -> int | None:
    """The first time that is kept of any series that has tiers."""
    table, key = ("readings", "ts") if what is None else (what.table, "start")
    query = _OLDEST.format(table=table, key=key)
    found: int | None = connection.exec_driver_sql(query, (TIERS[-1].name,)).scalar_one()
    return found

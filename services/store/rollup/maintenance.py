"""The rollups: marks what a batch makes stale, and brings the tiers up to date between batches.

A series has the tiers that it is dense enough for. Each is made of closed buckets only, up to a
little before the newest reading, and what comes into them later marks its quarter of an hour as
stale in the transaction that stores it.
"""

import time
from collections import Counter
from collections.abc import Collection
from itertools import repeat
from operator import ge, lt
from typing import Final

from sqlalchemy import Connection, Engine, delete, func, select

from services.reading import MICROSECONDS, ReadingBatch
from services.store import tables
from services.store.rollup.buckets import clear_buckets, fill_buckets, next_key
from services.store.rollup.coverage import (
    Coverage,
    Interval,
    finer_tier,
    read_coverage,
    write_spans,
)
from services.store.sqlite.engine import translate_errors
from services.store.tiers import QUARTER, RAW, TIERS, Tier, ceiling, floor

_TAIL: Final = 1_000
"""New readings of a series after which its tiers are brought up to date."""

_SAMPLE: Final = 500
"""The newest readings, which tell how dense a series is; one with fewer has no tiers."""

_DENSE: Final = 16
_SPARSE: Final = 4
"""Readings a bucket from which on a tier pays, and below which it is not continued."""

_GRACE: Final = 10 * MICROSECONDS
"""A bucket is closed this long after its end: readings may overtake each other a little."""

_CHUNK: Final = 20_000
"""Readings that are rolled up at once, about."""

_RUN: Final = 96
"""Stale quarters that are looked at together."""

_SWEEP: Final = 100
_FOREVER: Final = 1 << 62

_MEND_SECONDS: Final = 5.0
_WORK_SECONDS: Final = 0.03

_LAST: Final = "SELECT ts FROM readings WHERE series_id = ? ORDER BY ts DESC LIMIT 1 OFFSET ?"
_AFTER: Final = (
    "SELECT ts FROM readings WHERE series_id = ? AND ts >= ? ORDER BY ts LIMIT 1 OFFSET ?"
)
_MARK: Final = "INSERT OR IGNORE INTO stale (series_id, start) VALUES (?, ?)"


class RollupMaintenance:
    """The tiers of one database, for its writer alone. Methods may raise StoreUnavailableError."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._loaded = False
        # Per series: readings before `_ends` are late, those before `_floors` too late. No
        # reading after `_end` is late.
        self._end = 0
        self._ends: dict[int, int] = {}
        self._floors: dict[int, int] = {}
        self._new: Counter[int] = Counter()
        self._due: dict[int, None] = {}
        self._swept, self._sweeping = 0, True
        self._stale = True
        self._mend_at = 0.0

    def take(
        self, connection: Connection, rows: ReadingBatch[int]
    ) -> tuple[ReadingBatch[int], ReadingBatch[int]]:
        """Mark what these readings make stale, in the transaction that is to store them.

        Returns the readings to store, and those that come too late: what they belong to is gone.
        """
        if not self._loaded:
            self._load(connection)
        nothing: ReadingBatch[int] = ReadingBatch()
        if not rows or min(rows.ts) >= self._end:
            return rows, nothing
        late = rows.select(map(lt, rows.ts, map(self._ends.get, rows.series, repeat(0))))
        frozen = late.select(map(lt, late.ts, map(self._floors.get, late.series, repeat(0))))
        if frozen:
            rows = rows.select(map(ge, rows.ts, map(self._floors.get, rows.series, repeat(0))))
            late = late.select(map(ge, late.ts, map(self._floors.get, late.series, repeat(0))))
        self._mark(connection, late)
        return rows, frozen

    def taken(self, rows: ReadingBatch[int]) -> None:
        """Count readings that are stored now."""
        for series, more in Counter(rows.series).items():
            count = self._new.get(series, 0) + more
            if count < _TAIL:
                self._new[series] = count
            else:
                self._new.pop(series, None)
                self._due[series] = None

    @property
    def due(self) -> bool:
        """Whether there is something to do for `maintain`."""
        return bool(self._due) or self._sweeping or self._mend_is_due()

    def freeze(self, floors: dict[int, int]) -> None:
        """Take no more readings of these series before these times: theirs were purged."""
        self._floors |= floors

    def corrected(self) -> None:
        """Look for what a correction has made stale."""
        self._stale = True

    def forget(self, series: Collection[int]) -> None:
        """Know nothing of these series: they are gone, and others may get their numbers."""
        for known in (self._ends, self._floors, self._new, self._due):
            for number in series:
                known.pop(number, None)

    def reload(self) -> None:
        """Learn all from the database before the next readings are taken."""
        self._loaded = False

    def maintain(self) -> None:
        """Work for a moment, in one transaction."""
        end = time.monotonic() + _WORK_SECONDS
        try:
            with translate_errors(), self._engine.begin() as connection:
                if not self._loaded:
                    self._load(connection)
                done = self._advance_all(connection, end)
                if time.monotonic() < end and self._mend_is_due():
                    self._mend_all(connection, end)
                if time.monotonic() < end and self._sweeping:
                    self._sweep(connection)
        except BaseException:
            # Whether it was stored is not known: what the database says counts.
            self.reload()
            raise
        for series in done:
            self._due.pop(series, None)

    def _load(self, connection: Connection) -> None:
        """Learn how far the tiers reach; every series is to be looked at once."""
        spans = connection.execute(
            select(
                tables.coverage.c.series_id,
                func.max(tables.coverage.c.until_ts),
                func.max(tables.coverage.c.from_ts).filter(tables.coverage.c.tier == RAW),
            ).group_by(tables.coverage.c.series_id)
        )
        self._ends, self._floors = {}, {}
        for series, end, purged in spans:
            self._ends[series] = end or 0
            if purged:
                self._floors[series] = purged
        self._end = max(self._ends.values(), default=0)
        self._swept, self._sweeping = 0, True
        self._stale = True
        self._loaded = True

    def _sweep(self, connection: Connection) -> None:
        """Have the next series looked at, one time after the other was."""
        series = tables.series.c.id
        query = select(series).where(series > self._swept).order_by(series).limit(_SWEEP)
        found = connection.execute(query).scalars().all()
        self._due.update(dict.fromkeys(found))
        self._sweeping = len(found) == _SWEEP
        self._swept = found[-1] if found else self._swept

    def _advance_all(self, connection: Connection, end: float) -> list[int]:
        """Advance what is due until it is time to end; returns the series that are done."""
        done: list[int] = []
        for series in self._due:
            finished = False
            while not finished and time.monotonic() < end:
                finished = self._advance(connection, series)
            if finished:
                done.append(series)
            else:
                break
        return done

    def _advance(self, connection: Connection, series: int) -> bool:
        """Roll up the closed buckets of one chunk; tells whether that was the last one."""
        newest, sampled = _last(connection, series, 0), _last(connection, series, _SAMPLE - 1)
        if newest is None or sampled is None:
            return True
        coverage = read_coverage(connection, series)
        active = _worthwhile(coverage, newest - sampled)
        if not active:
            return True
        spans = _begun(connection, series, coverage, active)
        start, width = spans[active[0]].end, active[0].width
        closed = floor(newest - _GRACE, width)
        full = connection.exec_driver_sql(_AFTER, (series, start, _CHUNK)).scalar_one_or_none()
        end = closed if full is None else min(closed, max(floor(full, width), start + width))
        for tier in active:
            span = Interval(spans[tier].end, floor(end, tier.width))
            if span.start < span.end:
                fill_buckets(connection, series, tier, finer_tier(spans, tier, span), span)
                spans[tier] = Interval(spans[tier].start, span.end)
        write_spans(connection, series, spans)
        self._ends[series] = max(self._ends.get(series, 0), end)
        self._end = max(self._end, end)
        return end >= closed

    def _mend_is_due(self) -> bool:
        return self._stale and time.monotonic() >= self._mend_at

    def _mark(self, connection: Connection, late: ReadingBatch[int]) -> None:
        quarters = {
            (series, floor(ts, QUARTER)) for series, ts in zip(late.series, late.ts, strict=True)
        }
        if quarters:
            connection.exec_driver_sql(_MARK, list(quarters))
            self._stale = True

    def _mend_all(self, connection: Connection, end: float) -> None:
        """Mend stale quarters until it is time to end, or for a few seconds there are none."""
        while time.monotonic() < end:
            stale = connection.execute(select(tables.stale).limit(_RUN)).all()
            if not stale:
                self._stale, self._mend_at = False, time.monotonic() + _MEND_SECONDS
                return
            series, first = stale[0].series_id, stale[0].start
            run = [
                start
                for place, (other, start) in enumerate(stale)
                if other == series and start == first + place * QUARTER
            ]
            self._mend(connection, series, Interval(first, run[-1] + QUARTER))

    def _mend(self, connection: Connection, series: int, stale: Interval) -> None:
        """Make the buckets of a stretch anew, or of as much of it as is good at once."""
        full = connection.exec_driver_sql(
            _AFTER, (series, stale.start, _CHUNK)
        ).scalar_one_or_none()
        if full is not None:
            most = max(floor(full, QUARTER), stale.start + QUARTER)
            stale = Interval(stale.start, min(stale.end, most))
        spans = read_coverage(connection, series).tiers
        for tier, span in spans.items():
            start = max(floor(stale.start, tier.width), span.start)
            end = min(ceiling(stale.end, tier.width), span.end)
            if start < end:
                during = Interval(start, end)
                clear_buckets(connection, series, tier, during)
                fill_buckets(connection, series, tier, finer_tier(spans, tier, during), during)
        marks = tables.stale.c
        connection.execute(
            delete(tables.stale).where(
                marks.series_id == series, marks.start >= stale.start, marks.start < stale.end
            )
        )


def _last(connection: Connection, series: int, before: int) -> int | None:
    """The time of the newest reading but so many."""
    found: int | None = connection.exec_driver_sql(_LAST, (series, before)).scalar_one_or_none()
    return found


def _worthwhile(coverage: Coverage, sampled: int) -> list[Tier]:
    """The tiers that pay for a series whose newest readings span so many microseconds."""
    return [
        tier
        for tier in TIERS
        if (_SAMPLE - 1) * tier.width
        >= max(1, sampled) * (_SPARSE if tier in coverage.tiers else _DENSE)
        and coverage.floor <= coverage.tiers.get(tier, Interval(0, coverage.floor)).end
    ]


def _begun(
    connection: Connection, series: int, coverage: Coverage, active: list[Tier]
) -> dict[Tier, Interval]:
    """The spans of these tiers. A series' first tiers cover all that it has, later ones go on."""
    spans = {tier: coverage.tiers[tier] for tier in active if tier in coverage.tiers}
    if len(spans) == len(active):
        return spans
    if coverage.tiers:
        start = coverage.end
        return {tier: spans.get(tier, Interval(start, start)) for tier in active}
    first = next_key(connection, series, None, Interval(0, _FOREVER)) or 0
    return {tier: Interval(0, floor(first, tier.width)) for tier in active}

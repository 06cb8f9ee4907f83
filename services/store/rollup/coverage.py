"""What the tiers of a series cover: from where, until where, and which stretches are stale."""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from sqlalchemy import Connection

from services.store.tiers import QUARTER, RAW, TIERS, Tier, ceiling, floor

_SPANS: Final = "SELECT tier, from_ts, until_ts FROM coverage WHERE series_id = ?"
_STALE: Final = (
    "SELECT start FROM stale WHERE series_id = ? AND start > ? AND start < ? ORDER BY start"
)
_SET: Final = (
    "INSERT INTO coverage (series_id, tier, from_ts, until_ts) VALUES (?, ?, ?, ?)"
    " ON CONFLICT (series_id, tier)"
    " DO UPDATE SET from_ts = excluded.from_ts, until_ts = excluded.until_ts"
)


class Interval(NamedTuple):
    """A stretch of time in microseconds; its end is not part of it."""

    start: int
    end: int


class Segment(NamedTuple):
    """A stretch of time, and the tier that stands for it there; None for the readings."""

    tier: Tier | None
    start: int
    end: int


class Coverage(NamedTuple):
    """What stands for the readings of one series.

    tiers: the finest first, each complete within its span. floor: readings before this time were
    purged, in microseconds. stale: starts of quarters that no tier stands for, in order.
    """

    tiers: dict[Tier, Interval]
    floor: int = 0
    stale: Sequence[int] = ()

    @property
    def end(self) -> int:
        """Where the tiers end; what is stored before this time makes them stale."""
        return max((span.end for span in self.tiers.values()), default=0)

    def start(self, what: Tier | None) -> int | None:
        """From when on a tier, or for None the readings, are kept; None for no such tier."""
        if what is None:
            return self.floor
        return self.tiers[what].start if what in self.tiers else None

    def finest(self, ts: int) -> Tier | None:
        """The finest tier that reaches over this time."""
        return next(
            (tier for tier, span in self.tiers.items() if span.start <= ts < span.end), None
        )

    def finest_left(self, during: Interval) -> Tier | None:
        """The finest tier of which all is left that was purged of a stretch; None if nothing was.

        A tier may have ended before that, because the series became too sparse for it.
        """
        start, end = during.start, min(during.end, self.floor)
        edges = [edge for span in self.tiers.values() for edge in span if start < edge < end]
        left = [self.finest(ts) for ts in (start, *edges)] if start < end else []
        return max((tier for tier in left if tier), key=lambda tier: tier.width, default=None)

    def pieces(self, start: int, end: int, bucket: int) -> list[Segment]:
        """What to read of a stretch for buckets of this width: of each part the coarsest tier.

        The pieces follow each other without gap or overlap. In what was purged they are whole
        buckets: nothing finer is left there.
        """
        fitting = {tier: span for tier, span in self.tiers.items() if bucket % tier.width == 0}
        purged = Coverage(fitting)
        if start < self.floor and (tier := purged.finest(start)):
            start = floor(start, tier.width)
        if end < self.floor and (tier := purged.finest(end)):
            end = ceiling(end, tier.width)
        return list(_pieces(start, end, list(fitting.items())[::-1], self.stale))


def finer_tier(spans: dict[Tier, Interval], tier: Tier, during: Interval) -> Tier | None:
    """The tier to make buckets of another one from; None for the readings themselves."""
    return next(
        (
            finer
            for finer in reversed(TIERS[: TIERS.index(tier)])
            if finer in spans
            and spans[finer].start <= during.start
            and spans[finer].end >= during.end
        ),
        None,
    )


def read_coverage(connection: Connection, series: int, during: Interval | None = None) -> Coverage:
    """What stands for the readings of a series; its stale quarters only as far as asked for."""
    tiers: dict[str, Interval] = {}
    purged = 0
    for name, start, end in connection.exec_driver_sql(_SPANS, (series,)):
        if name == RAW:
            purged = start
        else:
            tiers[name] = Interval(start, end)
    stale: list[int] = []
    if during is not None and tiers:
        around = (series, during.start - QUARTER, during.end)
        stale = [start for (start,) in connection.exec_driver_sql(_STALE, around)]
    return Coverage({tier: tiers[tier.name] for tier in TIERS if tier.name in tiers}, purged, stale)


def write_spans(connection: Connection, series: int, spans: dict[Tier, Interval]) -> None:
    """Say what tiers of a series cover."""
    rows = [(series, tier.name, span.start, span.end) for tier, span in spans.items()]
    if rows:
        connection.exec_driver_sql(_SET, rows)


def write_floor(connection: Connection, series: int, ts: int) -> None:
    """Say that readings of a series before this time are purged."""
    connection.exec_driver_sql(_SET, (series, RAW, ts, None))


def _pieces(
    start: int, end: int, tiers: list[tuple[Tier, Interval]], stale: Sequence[int]
) -> Iterable[Segment]:
    """The pieces of a stretch. tiers: in the order of preference."""
    if start >= end:
        return
    if not tiers:
        yield Segment(None, start, end)
        return
    (tier, span), *finer = tiers
    first = max(ceiling(start, tier.width), span.start)
    last = min(floor(end, tier.width), span.end)
    if first >= last:
        yield from _pieces(start, end, finer, stale)
        return
    yield from _pieces(start, first, finer, stale)
    for hole in _holes(stale, Interval(first, last), tier.width):
        if first < hole.start:
            yield Segment(tier, first, hole.start)
        yield from _pieces(hole.start, hole.end, finer, stale)
        first = hole.end
    if first < last:
        yield Segment(tier, first, last)
    yield from _pieces(last, end, finer, stale)


def _holes(stale: Sequence[int], within: Interval, width: int) -> list[Interval]:
    """The stale parts of a stretch as whole buckets of this width; none touches another."""
    holes: list[Interval] = []
    for quarter in stale:
        start = max(within.start, floor(quarter, width))
        end = min(within.end, ceiling(quarter + QUARTER, width))
        if start >= end:
            continue
        if holes and start <= holes[-1].end:
            holes[-1] = Interval(holes[-1].start, max(end, holes[-1].end))
        else:
            holes.append(Interval(start, end))
    return holes

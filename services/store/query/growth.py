"""How fast the database grows, told by what it holds, without counting all of it.

What is rolled up is counted in the rollups, and of many series only some are looked at. All
readings and those of the last day are counted of the same series, so that the share of the one
in the other is good also where these series are not quite like the rest.
"""

import time
from collections.abc import Iterator
from typing import Final, NamedTuple

from sqlalchemy import Connection, func, select

from services.reading import MICROSECONDS
from services.retention_policy import RetentionPolicy
from services.store import tables
from services.store.rollup.coverage import Coverage, Interval, read_coverage
from services.store.rollup.estimates import estimate_readings
from services.store.sqlite.engine import used_bytes
from services.store.tiers import RAW

_DAY_SECONDS: Final = 86_400
_LEAST_SECONDS: Final = 60
"""A database younger than this tells nothing yet."""

_MOST_SERIES: Final = 200

_SPREAD: Final = 0.618_033_988_749_895
"""Multiples of this, less their whole part, are spread evenly however many there are."""

_FEW: Final = 100_000
_USUAL_BYTES: Final = 28.0
"""What a reading takes with its rollups, for a database of too few to tell."""


class Growth(NamedTuple):
    """How fast the database grows.

    used: its bytes that are in use; each: those that a reading takes. rate: readings a second;
    lasting: those of them in whose place nothing old is deleted.
    """

    used: int
    each: float
    rate: float
    lasting: float

    @property
    def per_day(self) -> float:
        """Bytes a day."""
        return self.lasting * self.each * _DAY_SECONDS


def read_growth(
    connection: Connection, now: int, keep: RetentionPolicy, seconds: float = 0.25
) -> Growth | None:
    """The growth over the last day, or since the first series was made; None if it can't be told.

    It goes by the times of the readings: an import of old ones is no growth that goes on. now:
    microseconds since 1970. keep: what of it is kept. seconds: what it may take, about.
    """
    series = tables.series.c
    count, since = connection.execute(select(func.count(), func.min(series.created_at))).one()
    if not count or now - since < _LEAST_SECONDS * MICROSECONDS:
        return None
    window = min(_DAY_SECONDS * MICROSECONDS, now - since)
    looked, total, recent, lasting = 0, 0.0, 0.0, 0.0
    end = time.monotonic() + seconds
    for number, name in _sample(connection):
        coverage = read_coverage(connection, number)
        new = _count(connection, number, coverage, now - window, now)
        total += _count(connection, number, coverage, coverage.floor, now)
        recent += new
        lasting += 0 if coverage.floor and keep.has_rule(name, RAW) else new
        looked += 1
        if time.monotonic() > end:
            break
    share = count / looked
    used, readings = used_bytes(connection), total * share
    each = used / readings if readings >= _FEW else _USUAL_BYTES
    a_second = share * MICROSECONDS / window
    return Growth(used, each, recent * a_second, lasting * a_second)


def _sample(connection: Connection) -> Iterator[tuple[int, str]]:
    """Some series, in an order of which every beginning is spread over all of them."""
    series = tables.series.c
    query = select(series.id, series.name).order_by(series.id)
    few = connection.execute(query.limit(_MOST_SERIES + 1)).all()
    if len(few) <= _MOST_SERIES:
        for row in sorted(few, key=lambda row: row.id * _SPREAD % 1):
            yield row.id, row.name
        return
    last = connection.execute(select(func.max(series.id))).scalar_one()
    seen: set[int] = set()
    for place in range(_MOST_SERIES):
        at_least = int(place * _SPREAD % 1 * last) + 1
        found = connection.execute(query.where(series.id >= at_least).limit(1)).one()
        if found.id not in seen:
            seen.add(found.id)
            yield found.id, found.name


def _count(connection: Connection, series: int, coverage: Coverage, start: int, end: int) -> float:
    """The readings of a series in a stretch, about; those that were purged do not count."""
    return sum(n for _, n in estimate_readings(connection, series, coverage, Interval(start, end)))

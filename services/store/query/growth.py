"""Growth of the database, estimated without counting all readings.

Readings are counted in the rollups, and of many series only a sample is counted. All readings and
those of the last day are counted of the same series. So the ratio of the two is right even if the
sample is not quite like the other series.
"""

import time
from collections.abc import Iterator
from typing import Final, NamedTuple

from sqlalchemy import Connection, func, select

from services.reading import MICROSECONDS
from services.retention_policy import RetentionPolicy
from services.store import tables
from services.store.interval import Interval
from services.store.rollup.coverage import Coverage, read_coverage
from services.store.rollup.estimates import estimate_rows
from services.store.sqlite.engine import used_bytes
from services.store.tiers import RAW

_DAY_SECONDS: Final = 86_400

_MIN_AGE_SECONDS: Final = 60
"""Age from which on a database has a measurable growth."""

_MAX_SAMPLED_SERIES: Final = 200

_GOLDEN_RATIO: Final = 0.618_033_988_749_895
"""The fractional parts of its multiples are spread evenly, however many there are."""

_MIN_READINGS: Final = 100_000
_USUAL_BYTES_PER_READING: Final = 28.0
"""Bytes of a reading with its rollups, assumed for a database of fewer than 100,000 readings."""


class Growth(NamedTuple):
    """Growth of the database.

    Attributes:
        used_bytes: Bytes of the database that are in use.
        bytes_per_reading: Bytes of one reading, with its part of the rollups.
        readings_per_second: New readings.
        net_readings_per_second: New readings for which no old ones are deleted.
    """

    used_bytes: int
    bytes_per_reading: float
    readings_per_second: float
    net_readings_per_second: float

    @property
    def bytes_per_day(self) -> float:
        """Bytes by which the database grows in a day."""
        return self.net_readings_per_second * self.bytes_per_reading * _DAY_SECONDS


def read_growth(
    connection: Connection, now: int, policy: RetentionPolicy, query_seconds: float = 0.25
) -> Growth | None:
    """Estimate the growth over the last day, or since the first series was created.

    The times of the readings count: the import of old readings is not taken for growth.

    Args:
        connection: A connection in a transaction.
        now: Time in microseconds.
        policy: The retention policy.
        query_seconds: Time that the estimate may take, approximately.

    Returns:
        None if there are no readings yet, or only since less than a minute.
    """
    series = tables.series.c
    count_and_start = select(func.count(), func.min(series.created_at))
    series_count, since = connection.execute(count_and_start).one()
    if not series_count or now - since < _MIN_AGE_SECONDS * MICROSECONDS:
        return None
    window = min(_DAY_SECONDS * MICROSECONDS, now - since)
    sample_count, total, recent, net_recent = 0, 0.0, 0.0, 0.0
    deadline = time.monotonic() + query_seconds
    for series_id, name in _sample_series(connection):
        coverage = read_coverage(connection, series_id)
        added = _estimate(connection, series_id, coverage, Interval(now - window, now))
        stored = Interval(coverage.purge_floor, now)
        total += _estimate(connection, series_id, coverage, stored)
        recent += added
        net_recent += 0 if coverage.purge_floor and policy.has_rule(name, RAW.name) else added
        sample_count += 1
        if time.monotonic() > deadline:
            break
    scale = series_count / sample_count
    used, reading_count = used_bytes(connection), total * scale
    measurable = reading_count >= _MIN_READINGS
    bytes_per_reading = used / reading_count if measurable else _USUAL_BYTES_PER_READING
    per_second = scale * MICROSECONDS / window
    return Growth(used, bytes_per_reading, recent * per_second, net_recent * per_second)


def _sample_series(connection: Connection) -> Iterator[tuple[int, str]]:
    """Yield ids and names of series, in an order whose every beginning is spread over all."""
    series = tables.series.c
    query = select(series.id, series.name).order_by(series.id)
    rows = connection.execute(query.limit(_MAX_SAMPLED_SERIES + 1)).all()
    if len(rows) <= _MAX_SAMPLED_SERIES:
        for row in sorted(rows, key=lambda row: row.id * _GOLDEN_RATIO % 1):
            yield row.id, row.name
        return
    last_id = connection.execute(select(func.max(series.id))).scalar_one()
    sampled: set[int] = set()
    for i in range(_MAX_SAMPLED_SERIES):
        min_id = int(i * _GOLDEN_RATIO % 1 * last_id) + 1
        row = connection.execute(query.where(series.id >= min_id).limit(1)).one()
        if row.id not in sampled:
            sampled.add(row.id)
            yield row.id, row.name


def _estimate(
    connection: Connection, series_id: int, coverage: Coverage, interval: Interval
) -> float:
    """Estimate the number of readings of a series in an interval, without purged ones."""
    parts = estimate_rows(connection, series_id, coverage, RAW, interval)
    return sum(count for _, count in parts)

"""A database with a long history, filled by the recorder and its maintenance."""

import time
from itertools import islice
from typing import Final, NamedTuple

from benchmarks.storage.database import BenchmarkDatabase
from benchmarks.storage.synthetic_readings import generate_readings
from services.clock import now_microseconds
from services.reading import MICROSECONDS, ReadingBatch
from services.settings import Settings
from tests.support.process_stats import status_bytes

_TRANSACTION_READINGS: Final = 100_000
_YEAR: Final = 366 * 86_400 * MICROSECONDS


class LongHistory(NamedTuple):
    """The contents of a filled database, and the cost of filling it.

    Attributes:
        reading_count: Number of readings.
        series_count: Number of series.
        interval: Time between two readings of one series, in microseconds.
        end: Time after the newest reading, in microseconds.
        load_seconds: Time to store the readings, with maintenance.
        maintain_seconds: The part of it for maintenance.
        peak_memory_bytes: Maximum memory of the process.
    """

    reading_count: int
    series_count: int
    interval: int
    end: int
    load_seconds: float
    maintain_seconds: float
    peak_memory_bytes: int


def fill_database(
    settings: Settings,
    reading_count: int,
    series_count: int,
    interval: int | None = None,
    *,
    rollups: bool = True,
) -> LongHistory:
    """Fill a database with readings up to now.

    Args:
        settings: Settings that name the folder of the database.
        reading_count: Number of readings.
        series_count: Number of series.
        interval: Time between two readings of one series, in microseconds. None spreads the
            readings over a year.
        rollups: True to make the rollups too.
    """
    interval = interval or _YEAR * series_count // reading_count
    end = now_microseconds() - 60 * MICROSECONDS
    start = end - interval * (reading_count // series_count)
    readings = generate_readings(series_count, reading_count, start, interval)
    database = BenchmarkDatabase(settings)
    begin, maintain_seconds = time.perf_counter(), 0.0
    while batch := list(islice(readings, _TRANSACTION_READINGS)):
        database.commit(ReadingBatch.from_readings(batch))
        if rollups:
            maintain_seconds += database.maintain()
    load_seconds = time.perf_counter() - begin
    database.close()
    return LongHistory(
        reading_count,
        series_count,
        interval,
        end,
        load_seconds,
        maintain_seconds,
        status_bytes("self", "VmHWM"),
    )

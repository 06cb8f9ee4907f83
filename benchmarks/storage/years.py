"""A database with a long past, made by the recorder and its maintenance, as the writer would."""

import time
from itertools import islice
from typing import Final, NamedTuple

from benchmarks.storage import made
from benchmarks.storage.database import Database
from services.clock import now_microseconds
from services.reading import MICROSECONDS, ReadingBatch
from services.settings import Settings
from tests.support.process_stats import status_bytes

_TRANSACTION: Final = 100_000
_YEAR: Final = 366 * 86_400 * MICROSECONDS


class Past(NamedTuple):
    """What a database holds. step: microseconds from a reading of a series to its next."""

    size: int
    series: int
    step: int
    end: int
    load_seconds: float
    maintain_seconds: float
    peak_memory: int


def fill(
    settings: Settings, size: int, series: int, step: int | None = None, *, rollups: bool = True
) -> Past:
    """Load so many readings up to now, and roll them up if asked to.

    step: microseconds from a reading of a series to its next; None: such that they fill a year.
    """
    step = step or _YEAR * series // size
    end = now_microseconds() - 60 * MICROSECONDS
    readings = made.readings(series, size, end - step * (size // series), step)
    database = Database(settings)
    begin, maintaining = time.perf_counter(), 0.0
    while batch := list(islice(readings, _TRANSACTION)):
        database.commit(ReadingBatch.from_readings(batch))
        if rollups:
            maintaining += database.maintain()
    seconds = time.perf_counter() - begin
    database.close()
    return Past(size, series, step, end, seconds, maintaining, status_bytes("self", "VmHWM"))

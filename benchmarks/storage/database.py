"""A database of Stripchart in a temporary folder."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy import Engine

from benchmarks.storage.synthetic_readings import series_names
from services.clock import now_microseconds
from services.position import JOURNAL_START, Checkpoint, Cursor
from services.reading import ReadingBatch
from services.settings import Settings
from services.store import Recorder, WriteBatch, database_path, writing_engine
from services.store.migrations import upgrade

JOURNAL: Final = "readings:journal"

UPSERT: Final = (
    "INSERT INTO readings (series_id, ts, value) VALUES (?, ?, ?)"
    " ON CONFLICT (series_id, ts) DO UPDATE SET value = excluded.value"
)
"""Statement with which the yardsticks store a row."""


class BenchmarkDatabase:
    """A database with Stripchart's schema, and its recorder.

    Args:
        settings: Settings that name the folder of the database.
        known_series: Number of series that exist from the start.

    Attributes:
        path: Path of the database file.
        engine: Engine that writes it.
    """

    def __init__(self, settings: Settings, known_series: int = 0) -> None:
        self.path = database_path(settings)
        self.engine: Engine = writing_engine(settings)
        upgrade(self.engine)
        self._recorder = Recorder(self.engine, JOURNAL, now_microseconds)
        self._reading_count = 0
        if known_series:
            # One reading each at the earliest times, so that no later row replaces it.
            self.commit(
                ReadingBatch(
                    series_names(known_series),
                    range(known_series),
                    [0.0] * known_series,
                    [None] * known_series,
                )
            )

    def commit(self, readings: ReadingBatch[str]) -> None:
        """Store readings in one transaction of the recorder."""
        self._reading_count += len(readings)
        cursor = Cursor("benchmark", JOURNAL_START)
        self._recorder.commit(
            WriteBatch(readings), Checkpoint(cursor, self._reading_count, self._reading_count)
        )

    def maintain(self) -> float:
        """Run all maintenance of the recorder that is due, and return the seconds it took."""
        begin = time.perf_counter()
        while self._recorder.maintenance_due and self._recorder.maintain():
            pass
        return time.perf_counter() - begin

    def close(self) -> None:
        """Close the database, which leaves a single file."""
        self.engine.dispose()

    def checkpoint_pages(self) -> int:
        """Return the number of pages in the log after which SQLite copies them to the file."""
        with self.engine.connect() as connection:
            return int(connection.exec_driver_sql("PRAGMA wal_autocheckpoint").scalar_one())


def settings_with_data_in(folder: Path, **settings: str) -> Settings:
    """Return settings with DATA_DIR in a folder, and other settings by name."""
    return Settings.from_environ({"DATA_DIR": str(folder), **settings})


@contextmanager
def open_database(folder: Path, known_series: int = 0) -> Iterator[BenchmarkDatabase]:
    """Open a database for the duration of a `with` block."""
    database = BenchmarkDatabase(settings_with_data_in(folder), known_series)
    try:
        yield database
    finally:
        database.close()


def split_batch(readings: ReadingBatch[str], count: int) -> Iterator[ReadingBatch[str]]:
    """Split a batch into parts of `count` readings."""
    for start in range(0, len(readings), count):
        part = slice(start, start + count)
        yield ReadingBatch(
            readings.series[part], readings.ts[part], readings.value[part], readings.unit[part]
        )

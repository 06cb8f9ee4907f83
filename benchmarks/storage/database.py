"""A database of the product in a folder of its own."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy import Engine

from benchmarks.storage import made
from services.clock import now_microseconds
from services.position import JOURNAL_START, Checkpoint, Cursor
from services.reading import ReadingBatch
from services.settings import Settings
from services.store import Recorder, WriteBatch, database_path, writing_engine
from services.store.migrations import upgrade

JOURNAL: Final = "readings:journal"

OVERWRITE: Final = (
    "INSERT INTO readings (series_id, ts, value) VALUES (?, ?, ?)"
    " ON CONFLICT (series_id, ts) DO UPDATE SET value = excluded.value"
)
"""What a loader that is not ours says for each row."""


class Database:
    """An empty database with the product's schema, and its recorder. known: series it has."""

    def __init__(self, settings: Settings, known: int = 0) -> None:
        self.path = database_path(settings)
        self.engine: Engine = writing_engine(settings)
        upgrade(self.engine)
        self._recorder = Recorder(self.engine, JOURNAL, now_microseconds)
        self._r = 0
        if known:
            # A reading each, as early as there is any: its row is none of those to come.
            names = made.names(known)
            self.commit(ReadingBatch(names, range(known), [0.0] * known, [None] * known))

    def commit(self, readings: ReadingBatch[str]) -> None:
        """Have the recorder store these in one transaction."""
        self._r += len(readings)
        self._recorder.commit(
            WriteBatch(readings), Checkpoint(Cursor("benchmark", JOURNAL_START), self._r, self._r)
        )

    def maintain(self) -> float:
        """Have the recorder do all that is due; returns the seconds that it took."""
        begin = time.perf_counter()
        while self._recorder.maintenance_due and self._recorder.maintain():
            pass
        return time.perf_counter() - begin

    def close(self) -> None:
        """Close the database; one file is left of it."""
        self.engine.dispose()

    def checkpoint_pages(self) -> int:
        """After how many pages in the log the writer copies them into the file."""
        with self.engine.connect() as connection:
            return int(connection.exec_driver_sql("PRAGMA wal_autocheckpoint").scalar_one())


def settings_for(folder: Path, **more: str) -> Settings:
    """Settings of a product whose data is in this folder; environment: its other settings."""
    return Settings.from_environ({"DATA_DIR": str(folder), **more})


@contextmanager
def database(folder: Path, known: int = 0) -> Iterator[Database]:
    """A database that is closed with the block."""
    opened = Database(settings_for(folder), known)
    try:
        yield opened
    finally:
        opened.close()


def batches(readings: ReadingBatch[str], size: int) -> Iterator[ReadingBatch[str]]:
    """The readings in parts of this size."""
    for start in range(0, len(readings), size):
        part = slice(start, start + size)
        yield ReadingBatch(
            readings.series[part], readings.ts[part], readings.value[part], readings.unit[part]
        )

"""The database: what is in it, who may write it, and what is asked of it."""

from services.store.corrections import Correction
from services.store.disk import Space, measure
from services.store.query.downsampling import Buckets, Columns, Readings, TimeRange
from services.store.query.gaps import Gap, Losses
from services.store.query.growth import Growth
from services.store.query.reader import History, Reader, SeriesInfo
from services.store.recorder import Batch, Loss, Recorder
from services.store.sqlite.engine import database_path, reading_engine, writing_engine
from services.store.sqlite.filesystem import check_file_system
from services.store.sqlite.writer_lock import WriterLock

__all__ = [
    "Batch",
    "Buckets",
    "Columns",
    "Correction",
    "Gap",
    "Growth",
    "History",
    "Loss",
    "Losses",
    "Reader",
    "Readings",
    "Recorder",
    "SeriesInfo",
    "Space",
    "TimeRange",
    "WriterLock",
    "check_file_system",
    "database_path",
    "measure",
    "reading_engine",
    "writing_engine",
]

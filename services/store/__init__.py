"""The database: what is in it, who may write it, and what is asked of it."""

from services.store.engine import database_path, reading_engine, writing_engine
from services.store.history import Bucket, Columns, History, Reader, SeriesInfo, TimeRange
from services.store.lock import WriterLock
from services.store.recorder import Batch, Loss, Recorder

__all__ = [
    "Batch",
    "Bucket",
    "Columns",
    "History",
    "Loss",
    "Reader",
    "Recorder",
    "SeriesInfo",
    "TimeRange",
    "WriterLock",
    "database_path",
    "reading_engine",
    "writing_engine",
]

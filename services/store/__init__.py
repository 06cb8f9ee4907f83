"""The database: what is in it, who may write it, and what is asked of it."""

from services.store.columns import Buckets, Columns, Readings, TimeRange
from services.store.engine import database_path, reading_engine, writing_engine
from services.store.filesystem import check_file_system
from services.store.history import History, Reader, SeriesInfo
from services.store.lock import WriterLock
from services.store.losses import Gap, Losses
from services.store.recorder import Batch, Loss, Recorder

__all__ = [
    "Batch",
    "Buckets",
    "Columns",
    "Gap",
    "History",
    "Loss",
    "Losses",
    "Reader",
    "Readings",
    "Recorder",
    "SeriesInfo",
    "TimeRange",
    "WriterLock",
    "check_file_system",
    "database_path",
    "reading_engine",
    "writing_engine",
]

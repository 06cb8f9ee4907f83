"""The database: what is in it, who may write it, and what is asked of it."""

from services.store.columns import Buckets, Columns, Readings, TimeRange
from services.store.corrections import Correction
from services.store.engine import database_path, reading_engine, writing_engine
from services.store.filesystem import check_file_system
from services.store.growth import Growth
from services.store.history import History, Reader, SeriesInfo
from services.store.lock import WriterLock
from services.store.losses import Gap, Losses
from services.store.recorder import Batch, Loss, Recorder
from services.store.space import Space, measure

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

"""The database: recording, rollups, retention, queries and backups."""

from services.store.corrections import Correction
from services.store.disk import DiskSpace, DiskUsage, measure_disk
from services.store.interval import Interval
from services.store.query.access import (
    AccessReader,
    AccessRecords,
    SharedView,
    StoredSession,
    StoredShare,
    StoredToken,
    StoredUser,
    has_users,
)
from services.store.query.command_results import CommandResults
from services.store.query.downsampling import BucketColumns, RawColumns, SeriesData, TimeRange
from services.store.query.gaps import LossSummary, RecordedGap
from services.store.query.growth import Growth
from services.store.query.periods import PeriodLength, Periods, divide_range
from services.store.query.previous_value import TimedValue
from services.store.query.range_reader import Answers, Increases, SeriesSelection
from services.store.query.reader import History, Reader
from services.store.query.series_list import SeriesInfo
from services.store.query.statistics import SeriesStatistics
from services.store.query.views import ViewReader
from services.store.recorder import CommitResult, Recorder, WriteBatch
from services.store.sqlite.engine import (
    database_path,
    reading_engine,
    restrict_database,
    writing_engine,
)
from services.store.sqlite.filesystem import check_file_system
from services.store.sqlite.writer_lock import WriterLock
from services.store.views import StoredView

__all__ = [
    "AccessReader",
    "AccessRecords",
    "Answers",
    "BucketColumns",
    "CommandResults",
    "CommitResult",
    "Correction",
    "DiskSpace",
    "DiskUsage",
    "Growth",
    "History",
    "Increases",
    "Interval",
    "LossSummary",
    "PeriodLength",
    "Periods",
    "RawColumns",
    "Reader",
    "RecordedGap",
    "Recorder",
    "SeriesData",
    "SeriesInfo",
    "SeriesSelection",
    "SeriesStatistics",
    "SharedView",
    "StoredSession",
    "StoredShare",
    "StoredToken",
    "StoredUser",
    "StoredView",
    "TimeRange",
    "TimedValue",
    "ViewReader",
    "WriteBatch",
    "WriterLock",
    "check_file_system",
    "database_path",
    "divide_range",
    "has_users",
    "measure_disk",
    "reading_engine",
    "restrict_database",
    "writing_engine",
]

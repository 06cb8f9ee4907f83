"""The examination: settings, and results from Redis and the database that several checks use."""

import time
from functools import cached_property

from services.broker import Broker
from services.broker.diagnostics import JournalStats, read_journal_stats
from services.clock import now_microseconds
from services.errors import StoreUnusableError, StripchartError
from services.settings import Settings
from services.store import DiskSpace, DiskUsage, Growth, Reader, reading_engine
from services.store.migrations import NEWEST_REVISION, read_revision
from services.store.query.diagnostics import DatabaseStats, read_database_stats


class Examination:
    """One run of the doctor. Each result is read once.

    Attributes:
        settings: All settings.
        broker: Connection to Redis.
        thorough: True to check also what takes long.
        redis_answers: Set by the check of Redis, so that the other checks don't wait for it.
    """

    def __init__(self, settings: Settings, broker: Broker, *, thorough: bool = False) -> None:
        self.settings = settings
        self.broker = broker
        self.thorough = thorough
        self.redis_answers = False

    @property
    def now(self) -> float:
        """The time in seconds since 1970."""
        return time.time()

    @cached_property
    def journal(self) -> JournalStats:
        """The size of the journal. Raises BrokerUnavailableError."""
        return read_journal_stats(self.broker)

    @property
    def database(self) -> DatabaseStats:
        """The state of the database. Raises StripchartError if it can't be read."""
        if isinstance(self._stats_or_error, StripchartError):
            raise self._stats_or_error
        return self._stats_or_error

    @property
    def database_or_none(self) -> DatabaseStats | None:
        """The state of the database; None if it can't be read, which its check reports."""
        result = self._stats_or_error
        return None if isinstance(result, StripchartError) else result

    @cached_property
    def space(self) -> DiskSpace:
        """The free space on the database's disk. Raises StripchartError."""
        return self._disk_usage.space()

    @cached_property
    def growth(self) -> Growth | None:
        """The growth of the database; None if it is not known."""
        try:
            return self._disk_usage.growth()
        except StripchartError:
            return None

    @cached_property
    def _disk_usage(self) -> DiskUsage:
        reader = Reader(reading_engine(self.settings), self.broker.keys.journal)
        return DiskUsage(self.settings, reader)

    @cached_property
    def _stats_or_error(self) -> DatabaseStats | StripchartError:
        try:
            return self._read_database()
        except StripchartError as error:
            return error

    def _read_database(self) -> DatabaseStats:
        engine = reading_engine(self.settings)
        revision = read_revision(engine)
        if revision is None:
            raise StoreUnusableError(
                "the file is not a database of Stripchart", "check DATA_DIR and DATABASE_URL"
            )
        if revision > NEWEST_REVISION:
            raise StoreUnusableError(
                f"a newer version of Stripchart made its schema {revision}", "install that version"
            )
        if revision < NEWEST_REVISION:
            raise StoreUnusableError(
                f"its schema is {revision}, but this version needs {NEWEST_REVISION}",
                "start the writer, which migrates it",
            )
        return read_database_stats(engine, self.broker.keys.journal, now_microseconds())

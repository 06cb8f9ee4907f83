"""What is examined: the settings, and what several checks ask of Redis and the database."""

import time
from functools import cached_property

from services.broker import Broker
from services.broker.diagnostics import JournalStats, read_journal_stats
from services.clock import now_microseconds
from services.errors import StoreUnusableError, StripchartError
from services.settings import Settings
from services.store import DiskSpace, Growth, Reader, measure_disk, reading_engine
from services.store.query.diagnostics import Survey, survey, survey_schema


class Examination:
    """One examination. thorough: also what takes long. Everything is asked once."""

    def __init__(self, settings: Settings, broker: Broker, *, thorough: bool = False) -> None:
        self.settings = settings
        self.broker = broker
        self.thorough = thorough
        self.redis_answers = False
        """Noted by the check of Redis, so that no other waits for it in vain."""

    @property
    def now(self) -> float:
        """Seconds since 1970."""
        return time.time()

    @cached_property
    def journal(self) -> JournalStats:
        """The journal. Raises BrokerUnavailableError."""
        return read_journal_stats(self.broker)

    @property
    def database(self) -> Survey:
        """The database. Raises StripchartError when it can't be asked."""
        if isinstance(self._asked, StripchartError):
            raise self._asked
        return self._asked

    @property
    def survey(self) -> Survey | None:
        """The same, or None when it can't be asked: the check of the database says why."""
        return None if isinstance(self._asked, StripchartError) else self._asked

    @cached_property
    def _asked(self) -> Survey | StripchartError:
        try:
            return self._ask()
        except StripchartError as error:
            return error

    def _ask(self) -> Survey:
        engine = reading_engine(self.settings)
        revision, newest = survey_schema(engine)
        if revision is None:
            raise StoreUnusableError(
                "the file is no database of Stripchart", "check DATA_DIR and DATABASE_URL"
            )
        if revision > newest:
            raise StoreUnusableError(
                f"its schema {revision} was made by a newer version", "install that one"
            )
        if revision < newest:
            raise StoreUnusableError(
                f"its schema is {revision}, this version's is {newest}",
                "start the writer, which brings it up to date",
            )
        return survey(engine, self.broker.keys.journal, now_microseconds())

    @cached_property
    def space(self) -> DiskSpace:
        """The room on the database's disk. Raises StripchartError."""
        return measure_disk(self.settings)

    @cached_property
    def growth(self) -> Growth | None:
        """How fast the database grows, if that can be told."""
        try:
            reader = Reader(reading_engine(self.settings), self.broker.keys.journal)
            return reader.growth(now_microseconds(), self.settings.retention)
        except StripchartError:
            return None

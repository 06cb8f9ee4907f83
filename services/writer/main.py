"""The writer's process: takes the database for itself, brings it up to date, and writes."""

import gc
import logging
import time
from collections.abc import Callable
from typing import Final, TypeVar

from services.broker import Broker, Journal, Lease
from services.clock import now_microseconds
from services.concurrency import Backoff, Shutdown
from services.errors import (
    AlreadyRunningError,
    StoreChangedError,
    StoreDamagedError,
    StoreReplacedError,
    StoreUnavailableError,
    StripchartError,
)
from services.log import FaultLog
from services.process import run_process
from services.settings import Settings
from services.store import (
    Recorder,
    WriterLock,
    check_file_system,
    database_path,
    writing_engine,
)
from services.store.backup.backups import Backups
from services.store.backup.recovery import recover
from services.store.migrations import upgrade
from services.writer.channel_bridge import ChannelBridge
from services.writer.disk_monitor import DiskMonitor
from services.writer.loop import WriterLoop

logger = logging.getLogger("writer")

_STEADY_SECONDS: Final = 600.0
"""After so long a database counts as well: should it fail again, the first pause is short."""

_MANY_OBJECTS: Final = 100_000
"""About what a batch is made of."""

T = TypeVar("T")

_OF_THE_FILE: Final = (StoreChangedError, StoreDamagedError, StoreReplacedError)
_PASSING: Final = (AlreadyRunningError, StoreUnavailableError)


def main() -> None:
    """Run the writer. Does not return."""
    run_process("writer", write)


def write(settings: Settings, stop: Shutdown) -> None:
    """Write the journal to the database until asked to stop."""
    tune_gc()
    path = database_path(settings)
    check_file_system(path)
    lock = WriterLock(path)
    _retry_until_stopped(
        lock.acquire,
        FaultLog(logger, "waiting for the database lock", "database lock acquired"),
        stop,
    )
    broker = Broker.connect(settings)
    journal = Journal(broker)
    adoption = ChannelBridge(broker, journal, Lease(broker, lock.identity), now_microseconds)
    # It listens from the first moment on, also while the database can't be used.
    adoption.start(stop)

    room = DiskMonitor(settings, broker.keys.journal, logger)

    def follow(recorder: Recorder) -> None:
        WriterLoop(journal, recorder, adoption, now_microseconds, room.check).run(stop)

    DatabaseSupervisor(settings, stop, lock, broker.keys.journal).keep(follow)
    adoption.join()
    broker.close()
    lock.release()


def tune_gc() -> None:
    """Let Python look for garbage once in some batches, and not among what was imported.

    Batches come and go without any; to look all the same takes a third of the writer's time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_MANY_OBJECTS)


class DatabaseSupervisor:
    """Keeps a database to write to: this one, and what takes its place should it be necessary.

    journal: the journal's name in the database.
    """

    def __init__(self, settings: Settings, stop: Shutdown, lock: WriterLock, journal: str) -> None:
        self._settings = settings
        self._stop = stop
        self._lock = lock
        self._journal = journal
        self._fault: type[StripchartError] | None = None
        self._close: Callable[[], None] = lambda: None

    def keep(self, write: Callable[[Recorder], None]) -> None:
        """Have it written, with a recorder for each database, until asked to stop."""
        pause = Backoff(0.05, 30.0)
        while not self._stop.requested:
            began = time.monotonic()
            try:
                self._write(write)
            except _OF_THE_FILE as error:
                logger.error("the database is opened anew: %s", error)  # noqa: TRY400 (a sentence)
                self._fault = type(error)
                if time.monotonic() - began > _STEADY_SECONDS:
                    pause.reset()
                self._stop.wait(pause.next_delay())

    def _write(self, write: Callable[[Recorder], None]) -> None:
        try:
            recorder = _retry_until_stopped(
                self._prepare,
                FaultLog(logger, "database can't be prepared", "database prepared"),
                self._stop,
            )
            if recorder is not None:
                write(recorder)
        finally:
            self._close()

    def _prepare(self) -> Recorder:
        """Make sure that the database is ours, sound and up to date."""
        self._close()
        self._lock.acquire()
        done = recover(
            self._settings,
            damaged=self._fault is StoreDamagedError,
            replaced=self._fault is StoreReplacedError,
        )
        self._fault = None
        if done is not None:
            logger.error("%s", done)
        engine = writing_engine(self._settings)
        self._close = engine.dispose
        upgrade(engine, self._back_up)
        logger.info("writing %s to %s", self._journal, database_path(self._settings))
        return Recorder(
            engine,
            self._journal,
            now_microseconds,
            self._settings.max_series,
            self._settings.retention,
        )

    def _back_up(self, revision: str) -> None:
        path = Backups(self._settings).create_before_upgrade(revision, lambda: self._stop.requested)
        logger.info("the schema is brought to %s; before that the database was %s", revision, path)


def _retry_until_stopped(attempt: Callable[[], T], fault: FaultLog, stop: Shutdown) -> T | None:
    """Attempt it until no fault occurs that may pass; None when asked to stop before."""
    pause = Backoff(0.5, 30.0)
    while not stop.requested:
        try:
            done = attempt()
        except _PASSING as error:
            fault.begin(error)
            stop.wait(pause.next_delay())
        else:
            fault.end()
            return done
    return None

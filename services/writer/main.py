"""The writer's process: takes the database's lock, prepares the database, and writes."""

import gc
import logging
import time
from collections.abc import Callable
from itertools import chain
from typing import Final

from services.broker import Broker, Journal, Lease
from services.broker.reporter import Reporter
from services.clock import now_microseconds
from services.concurrency import Backoff, Retry, ServiceThread, Shutdown
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
    restrict_database,
    writing_engine,
)
from services.store.backup.backups import Backups
from services.store.backup.recovery import recover
from services.store.migrations import upgrade
from services.writer.channel_bridge import ChannelBridge
from services.writer.channel_losses import ChannelLosses
from services.writer.commit_metrics import CommitMetrics
from services.writer.commit_schedule import CommitSchedule
from services.writer.disk_monitor import DiskMonitor
from services.writer.lease_holder import LeaseHolder
from services.writer.loop import WriterLoop

logger = logging.getLogger("writer")

_STABLE_SECONDS: Final = 600.0
"""Time after which a database counts as stable: its next fault begins with a short delay."""

_GC_THRESHOLD: Final = 100_000
"""Objects between two garbage collections, about as many as a batch has."""

_FAULTS_OF_THE_FILE: Final = (StoreChangedError, StoreDamagedError, StoreReplacedError)
_TRANSIENT: Final = (AlreadyRunningError, StoreUnavailableError)


def main() -> None:
    """Run the writer. Does not return."""
    run_process("writer", write)


def write(settings: Settings, shutdown: Shutdown) -> None:
    """Write the journal to the database until the shutdown.

    Raises:
        StripchartError: The database can't be used until somebody acts.
    """
    tune_gc()
    path = database_path(settings)
    check_file_system(path)
    lock = WriterLock(path)
    waiting = FaultLog(logger, "waiting for the database lock", "database lock acquired")
    _retry(shutdown, waiting).until_stopped(lock.acquire, _is_transient)
    broker = Broker.connect(settings)
    journal = Journal(broker)
    lease_holder = LeaseHolder(journal, Lease(broker, lock.identity))
    losses = ChannelLosses()
    bridge = ChannelBridge(broker, journal, lease_holder, now_microseconds, shutdown, losses=losses)
    # It listens from the start, also while the database can't be used.
    bridge.start()
    metrics = CommitMetrics()
    reporter = Reporter(
        broker,
        "writer",
        lambda: chain(metrics.samples(), bridge.samples(), lease_holder.samples()),
    )
    ServiceThread("reporter", reporter.run, shutdown).start()
    disk_monitor = DiskMonitor(settings, broker.keys.journal, logger)

    def follow_journal(recorder: Recorder) -> None:
        loop = WriterLoop(
            journal,
            recorder,
            lease_holder,
            now_microseconds,
            disk_monitor.check_when_due,
            schedule=CommitSchedule(broker),
            losses=losses,
            metrics=metrics,
        )
        loop.run(shutdown)

    DatabaseSupervisor(settings, shutdown, lock, broker.keys.journal).run(follow_journal)
    bridge.join()
    broker.close()
    lock.release()


def tune_gc() -> None:
    """Collect garbage once in a few batches, and never in the modules.

    Batches come and go without leaving garbage. The default threshold costs a third of the
    writer's time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_GC_THRESHOLD)


class DatabaseSupervisor:
    """Prepares the database, and opens it again when its file was damaged or replaced.

    Args:
        settings: Settings with the database.
        shutdown: Ends the supervision.
        lock: The lock of the database, which this process holds.
        journal: Name of the journal in the database.
    """

    def __init__(
        self, settings: Settings, shutdown: Shutdown, lock: WriterLock, journal: str
    ) -> None:
        self._settings = settings
        self._shutdown = shutdown
        self._lock = lock
        self._journal = journal
        self._last_fault: type[StripchartError] | None = None
        self._close: Callable[[], None] = lambda: None

    def run(self, write: Callable[[Recorder], None]) -> None:
        """Call a function with a recorder, and again for each new database, until the shutdown.

        Args:
            write: Writes to the database until the shutdown.

        Raises:
            StripchartError: The database can't be prepared until somebody acts.
        """
        backoff = Backoff(0.05, 30.0)
        while not self._shutdown.requested:
            started_at = time.monotonic()
            try:
                self._prepare_and_write(write)
            except _FAULTS_OF_THE_FILE as error:
                logger.error("database opened again: %s", error)  # noqa: TRY400 (a sentence)
                self._last_fault = type(error)
                if time.monotonic() - started_at > _STABLE_SECONDS:
                    backoff.reset()
                self._shutdown.wait(backoff.next_delay())

    def _prepare_and_write(self, write: Callable[[Recorder], None]) -> None:
        fault = FaultLog(logger, "database can't be prepared", "database prepared")
        try:
            recorder = _retry(self._shutdown, fault).until_stopped(self._prepare, _is_transient)
            if recorder is not None:
                write(recorder)
        finally:
            self._close()

    def _prepare(self) -> Recorder:
        """Lock the database, recover it if it has a fault, and upgrade its schema."""
        self._close()
        path = database_path(self._settings)
        check_file_system(path)
        self._lock.follow(path)
        self._lock.acquire()
        restrict_database(path)
        recovery = recover(
            self._settings,
            damaged=self._last_fault is StoreDamagedError,
            replaced=self._last_fault is StoreReplacedError,
        )
        self._last_fault = None
        if recovery is not None:
            logger.error("%s", recovery)
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
        path = Backups(self._settings).create_before_upgrade(
            revision, lambda: self._shutdown.requested
        )
        logger.info("schema upgrade to %s begins; backup: %s", revision, path)


def _retry(shutdown: Shutdown, fault: FaultLog) -> Retry:
    return Retry(shutdown, fault, Backoff(0.5, 30.0))


def _is_transient(error: StripchartError) -> bool:
    return isinstance(error, _TRANSIENT)

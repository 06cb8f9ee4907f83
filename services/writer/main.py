"""The writer's process: takes the database for itself, brings it up to date, and writes."""

import logging
from collections.abc import Callable

from services import lifecycle
from services.broker import Broker, Journal, Lease
from services.clock import microseconds
from services.errors import AlreadyRunningError, StoreUnavailableError, StripchartError
from services.lifecycle import Backoff, Stop
from services.log import Outage
from services.settings import Settings
from services.store import Recorder, WriterLock, database_path, writing_engine
from services.store.migrations import upgrade
from services.writer.adoption import Adoption
from services.writer.loop import Writer

logger = logging.getLogger("writer")


def main() -> None:
    """Run the writer. Does not return."""
    lifecycle.run("writer", write)


def write(settings: Settings, stop: Stop) -> None:
    """Write the journal to the database until asked to stop."""
    path = database_path(settings)
    engine = writing_engine(settings)
    lock = WriterLock(path)
    _insist(lock.acquire, AlreadyRunningError, "the database is not ours yet", stop)
    broker = Broker.connect(settings)
    journal = Journal(broker)
    adoption = Adoption(broker, journal, Lease(broker, lock.identity), microseconds)
    # It listens from the first moment on, also while the database can't be used.
    adoption.start(stop)
    _insist(lambda: upgrade(engine), StoreUnavailableError, "the database can't be prepared", stop)
    if not stop.requested:
        logger.info("writing %s to %s", broker.names.journal, path)
        recorder = Recorder(engine, broker.names.journal, microseconds)
        Writer(journal, recorder, adoption, microseconds).run(stop)
    adoption.join()
    engine.dispose()
    broker.close()
    lock.release()


def _insist(
    attempt: Callable[[], object], fault: type[StripchartError], what: str, stop: Stop
) -> None:
    """Attempt it until the fault does not occur any more, or until asked to stop."""
    outage, pause = Outage(logger, what), Backoff(0.5, 30.0)
    while not stop.requested:
        try:
            attempt()
        except fault as error:
            outage.begin(error)
            stop.wait(pause.pause())
        else:
            outage.end()
            return

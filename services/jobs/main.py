"""The jobs' process: a worker and the schedule, taking turns.

While a job runs the schedule stands still; what it would ask for had to wait for that job anyway,
and the lease passes to another jobs process if there is one.
"""

import logging
import time
from collections.abc import Callable
from functools import partial
from typing import Final

from services.broker import Broker
from services.broker.connection import translate_errors
from services.concurrency import Backoff, Shutdown, Ticker
from services.errors import BrokerUnavailableError, JournalFullError
from services.jobs.backup import made_between, skip_reason
from services.jobs.queue import JobQueue
from services.jobs.schedule import Schedule, ScheduledJob, TimeSlot, schedule_lease
from services.jobs.worker import JobWorker
from services.log import FaultLog
from services.process import run_process
from services.settings import Settings
from services.store.backup.backups import Backups

logger = logging.getLogger("jobs")

_CLEANING_SECONDS: Final = 60.0
_PLANNING_SECONDS: Final = 5.0


def main() -> None:
    """Run the worker and the schedule. Does not return."""
    run_process("jobs", serve)


def serve(settings: Settings, stop: Shutdown) -> None:
    """Do jobs until asked to stop. Raises SettingError."""
    timed = scheduled_jobs(settings)
    broker = Broker.connect(settings)
    queue = JobQueue(broker)
    schedule = Schedule(queue, schedule_lease(broker), timed, time.time)
    fault = FaultLog(logger, "job queue unavailable", "job queue available again")
    backoff = Backoff(0.25, 2.0)
    logger.info("taking jobs; by themselves: %s", ", ".join(map(_in_words, timed)) or "none")
    while not stop.requested:
        try:
            with translate_errors(queue.client):
                _work(JobWorker(queue, stop, fault), schedule, stop, partial(_over, fault, backoff))
        except (BrokerUnavailableError, JournalFullError) as error:
            fault.begin(error)
            stop.wait(backoff.next_delay())
    broker.close()


def scheduled_jobs(settings: Settings) -> tuple[ScheduledJob, ...]:
    """What is done by itself. Raises SettingError."""
    backups = Backups(settings)

    def done(slot: TimeSlot) -> bool:
        return made_between(backups, slot.start, slot.end)

    hours = settings.backup_hours
    if not hours:
        return ()
    return (ScheduledJob("backup", hours * 3_600, done, partial(skip_reason, backups)),)


def _in_words(timed: ScheduledJob) -> str:
    return f"{timed.kind} every {timed.seconds // 3_600} h"


def _over(fault: FaultLog, backoff: Backoff) -> None:
    fault.end()
    backoff.reset()


def _work(
    worker: JobWorker, schedule: Schedule, stop: Shutdown, working: Callable[[], None]
) -> None:
    cleaning, planning = Ticker(_CLEANING_SECONDS), Ticker(_PLANNING_SECONDS)
    worker.begin()
    while not stop.requested:
        if cleaning.is_due():
            worker.tidy()
        if planning.is_due():
            schedule.step()
        working()
        worker.step()
    schedule.release()
    worker.end()

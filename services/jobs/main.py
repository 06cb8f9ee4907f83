"""The jobs process: a worker and the schedule in turn.

The schedule pauses while a job runs: a job that it enqueued would have to wait anyway. Meanwhile
the lease passes to another jobs process, if there is one.
"""

import logging
import time
from collections.abc import Callable
from functools import partial
from typing import Final

from services.broker import Broker
from services.broker.reporter import Reporter
from services.concurrency import Backoff, Retry, Shutdown, Ticker
from services.errors import BrokerUnavailableError, JournalFullError
from services.jobs.backup import has_backup_between, skip_reason
from services.jobs.job_metrics import JobMetrics
from services.jobs.queue import JobQueue, translate_queue_errors
from services.jobs.schedule import Schedule, ScheduledJob, TimeSlot, schedule_lease
from services.jobs.worker import JobWorker
from services.log import FaultLog
from services.process import run_process
from services.settings import Settings
from services.store.backup.backups import Backups

logger = logging.getLogger("jobs")

_MAINTENANCE_SECONDS: Final = 60.0
_SCHEDULE_SECONDS: Final = 5.0


def main() -> None:
    """Run the worker and the schedule. Does not return."""
    run_process("jobs", serve)


def serve(settings: Settings, shutdown: Shutdown) -> None:
    """Run jobs until the shutdown, and retry while Redis is unavailable.

    Raises:
        SettingError: A setting of the backups can't be used.
    """
    jobs = create_scheduled_jobs(settings)
    broker = Broker.connect(settings)
    queue = JobQueue(broker)
    schedule = Schedule(queue, schedule_lease(broker, queue), jobs, time.time)
    metrics = JobMetrics(queue, Backups(settings), settings.backup_hours * 3_600)
    reporter = Reporter(broker, "jobs", metrics.samples)
    fault = FaultLog(logger, "job queue unavailable", "job queue available again")
    retry = Retry(shutdown, fault, Backoff(0.25, 2.0))
    logger.info("waiting for jobs; scheduled: %s", ", ".join(map(_describe, jobs)) or "none")
    while not shutdown.requested:
        try:
            with translate_queue_errors(queue.client):
                worker = JobWorker(
                    queue,
                    shutdown,
                    fault,
                    count_job=metrics.count_job,
                    every_second=reporter.report_when_due,
                )
                _work(worker, schedule, shutdown, retry.succeeded, reporter.report_when_due)
        except (BrokerUnavailableError, JournalFullError) as error:
            retry.failed(error)
    reporter.end()
    broker.close()


def create_scheduled_jobs(settings: Settings) -> tuple[ScheduledJob, ...]:
    """Return the jobs that the settings schedule.

    Raises:
        SettingError: A setting of the backups can't be used.
    """
    backups = Backups(settings)

    def is_done(slot: TimeSlot) -> bool:
        return has_backup_between(backups, slot.start, slot.end)

    hours = settings.backup_hours
    if not hours:
        return ()
    return (ScheduledJob("backup", hours * 3_600, is_done, partial(skip_reason, backups)),)


def _describe(job: ScheduledJob) -> str:
    return f"{job.kind} every {job.interval_seconds // 3_600} h"


def _work(
    worker: JobWorker,
    schedule: Schedule,
    shutdown: Shutdown,
    succeeded: Callable[[], None],
    report: Callable[[], None],
) -> None:
    maintenance, planning = Ticker(_MAINTENANCE_SECONDS), Ticker(_SCHEDULE_SECONDS)
    worker.register()
    while not shutdown.requested:
        if maintenance.is_due():
            worker.maintain()
        if planning.is_due():
            schedule.enqueue_due()
        report()
        # A refusal may concern only the wait for a job.
        worker.work_once(succeeded)
    schedule.release()
    worker.unregister()

"""The job worker: runs one job after another, each in its own process.

It is RQ's worker with another loop. RQ's loop ends at a fault of Redis, and its signal handlers
raise an exception at any point of the code. This process has no threads, so that it can fork.
"""

import logging
import os
import socket
import time
from collections.abc import Callable
from itertools import filterfalse
from typing import Any, Final, TypeAlias
from uuid import uuid4

import rq
from redis.exceptions import ConnectionError, TimeoutError  # noqa: A004 (redis-py's names)
from rq.exceptions import DequeueTimeout, NoSuchJobError
from rq.executions import Execution
from rq.job import Job, JobStatus
from rq.worker_registration import WORKERS_BY_QUEUE_KEY

from services.broker.connection import SOCKET_TIMEOUT_SECONDS
from services.concurrency import Shutdown
from services.errors import StripchartError
from services.jobs.queue import JOB_NAME, STARTED_NAME, WORKER_NAME, JobQueue, NamedJob
from services.jobs.registry import JOB_KINDS
from services.log import FaultLog

logger = logging.getLogger("jobs")

_DEQUEUE_SECONDS: Final = 1

_GRACE_SECONDS: Final = 2.0
"""Time that a running job has to end after the shutdown. Then it is killed and queued again."""


CountJob: TypeAlias = Callable[[str, bool, float], None]
"""Function that counts a job: its kind, whether it succeeded, and its seconds."""


class JobWorker(rq.Worker):
    """A worker for the job queue. Every method may raise the errors of redis-py.

    Args:
        queue: The queue.
        shutdown: Ends the job that runs.
        fault: Logs that Redis can't be used.
        count_job: Called for each job that has ended.
        every_second: Called every second while a job runs.
    """

    def __init__(
        self,
        queue: JobQueue,
        shutdown: Shutdown,
        fault: FaultLog,
        *,
        count_job: CountJob = lambda _kind, _succeeded, _seconds: None,
        every_second: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__(
            [queue.rq],
            name=f"{queue.name}-{uuid4().hex}",
            connection=queue.client,
            serializer=queue.rq.serializer,
            job_class=NamedJob,
            job_monitoring_interval=_DEQUEUE_SECONDS,
            # RQ would look up the client's address with a command that not every server has.
            prepare_for_work=False,
        )
        # RQ would list the workers of all instances in one set.
        self.redis_workers_keys = WORKERS_BY_QUEUE_KEY % queue.name
        self.hostname, self.pid = socket.gethostname(), os.getpid()
        self._requested_shutdown = shutdown
        self._fault = fault
        self._count_job = count_job
        self._every_second = every_second
        self._kill_at: float | None = None

    @property
    def connection_timeout(self) -> int:
        """Seconds that Redis has to reply: as for other calls, not increased as RQ would do."""
        return int(SOCKET_TIMEOUT_SECONDS)

    def register(self) -> None:
        """Register this worker in Redis."""
        rq.Worker.register_birth(self)

    def unregister(self) -> None:
        """Remove this worker from Redis."""
        rq.Worker.register_death(self)

    def maintain(self) -> None:
        """Send a heartbeat, and queue the jobs of dead workers again.

        RQ's `clean_registries` would also use keys that all instances share.
        """
        self.heartbeat()
        self._remove_unreadable()
        queue = self.queues[0]
        if queue.acquire_maintenance_lock():
            for registry in (
                queue.started_job_registry,
                queue.finished_job_registry,
                queue.failed_job_registry,
            ):
                registry.cleanup()
            self._remove_dead_workers()
            queue.intermediate_queue.cleanup(self, queue)
            queue.release_maintenance_lock()

    def work_once(self, waited: Callable[[], None] = lambda: None) -> None:
        """Wait up to a second for a job, and run it. Unreadable ones are dropped.

        Args:
            waited: Called after the wait, before a job runs.
        """
        queue = self.queues[0]
        end = time.monotonic() + _DEQUEUE_SECONDS
        while time.monotonic() < end:
            try:
                _, name = queue.lmove(self.connection, queue.key, _DEQUEUE_SECONDS)
            except DequeueTimeout:
                waited()
                return
            waited()
            job = self._fetch_or_drop(name)
            if job is not None:
                self.execute_job(job, queue)
                return

    def _fetch_or_drop(self, name: bytes) -> Job | None:
        """Return the job that was taken from the queue, None if it can't be read."""
        if JOB_NAME.fullmatch(name):
            try:
                return self.job_class.fetch(name.decode(), self.connection, self.serializer)
            except NoSuchJobError as error:
                reason = str(error)
        else:
            reason = "its name is not readable"
        logger.warning("job %.80r dropped: %s", name, reason)
        redis: Any = self.connection
        redis.lrem(self.queues[0].intermediate_queue_key, 1, name)
        return None

    def _remove_unreadable(self) -> None:
        """Remove the names on which RQ would fail, which another program has written."""
        queue = self.queues[0]
        redis: Any = self.connection
        pending, started = queue.intermediate_queue_key, queue.started_job_registry.key
        workers = WORKERS_BY_QUEUE_KEY % queue.name
        removed = 0
        for name in filterfalse(JOB_NAME.fullmatch, redis.lrange(pending, 0, -1)):
            removed += redis.lrem(pending, 1, name)
        for name in filterfalse(STARTED_NAME.fullmatch, redis.zrange(started, 0, -1)):
            removed += redis.zrem(started, name)
        for name in filterfalse(WORKER_NAME.fullmatch, redis.smembers(workers)):
            removed += redis.srem(workers, name)
        if removed:
            logger.warning("%d unreadable names removed from the job queue", removed)

    def _remove_dead_workers(self) -> None:
        """Remove the names of workers that have sent no heartbeat for minutes."""
        redis: Any = self.connection
        for name in redis.smembers(self.redis_workers_keys):
            if not redis.exists(name):
                redis.srem(self.redis_workers_keys, name)

    def execute_job(self, job: Job, queue: rq.Queue) -> None:
        """Run a registered job. Any other job fails with the reason of its refusal."""
        reason = job.refusal_reason if isinstance(job, NamedJob) else "it is not a registered job"
        if reason is None:
            job.timeout = JOB_KINDS[str(job.func_name)].timeout_seconds
            begun_at = time.monotonic()
            super().execute_job(job, queue)
            status = job.get_status()
            if status in (JobStatus.FINISHED, JobStatus.FAILED):
                seconds = time.monotonic() - begun_at
                self._count_job(str(job.func_name), status == JobStatus.FINISHED, seconds)
            return
        logger.warning("job %s refused: %s", job.id, reason)
        job.retries_left = None
        self.handle_job_failure(job, queue, exc_string=f"refused: {reason}")
        queue.intermediate_queue.remove(job.id)

    def maintain_heartbeats(self, job: Job, execution: Execution) -> None:
        """Send the heartbeats of a running job, and kill it when its time to end is over.

        RQ calls this every second while the job runs.
        """
        self._every_second()
        try:
            super().maintain_heartbeats(job, execution)
            self._fault.end()
        except (ConnectionError, TimeoutError) as error:
            self._fault.begin(error)
            if self._requested_shutdown.requested:
                self.kill_horse()
                self.wait_for_horse()
                raise
        if self._is_grace_over():
            logger.info("job %s interrupted by the shutdown; it will run again", job.id)
            self.kill_horse()

    def handle_exception(self, job: Job, *exc_info: Any) -> None:
        """Log the exception of a job: an error of ours as a sentence, others with a traceback.

        RQ calls this in the process of the job.
        """
        error = exc_info[1]
        if isinstance(error, StripchartError):
            logger.error("job %s failed: %s", job.id, error)
        else:
            logger.error("job %s failed", job.id, exc_info=error)
        # Retries are for jobs that were killed. This one would only fail again.
        job.retries_left = None

    def _is_grace_over(self) -> bool:
        if not self._requested_shutdown.requested:
            return False
        if self._kill_at is None:
            self._kill_at = time.monotonic() + _GRACE_SECONDS
        return time.monotonic() >= self._kill_at

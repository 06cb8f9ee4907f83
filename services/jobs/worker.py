"""The worker: takes one job after another from the queue and runs each in a process of its own.

It is RQ's, with a loop of ours: RQ's ends at a fault of Redis, and its handlers of signals raise
wherever they happen to interrupt. There is no thread, so that forking is safe.
"""

import logging
import os
import socket
import time
from typing import Any, Final

import rq
from redis.exceptions import ConnectionError, TimeoutError  # noqa: A004 (redis-py's names)
from rq.exceptions import DequeueTimeout
from rq.executions import Execution
from rq.job import Job

from services.broker.connection import SOCKET_TIMEOUT_SECONDS
from services.concurrency import Shutdown
from services.errors import StripchartError
from services.jobs.queue import JobQueue, NamedJob
from services.jobs.registry import KINDS
from services.log import FaultLog

logger = logging.getLogger("jobs")

_WAIT_SECONDS: Final = 1
_GRACE_SECONDS: Final = 2.0
"""What a running job gets when the process shall end; then it is killed and queued again."""


class JobWorker(rq.Worker):
    """A worker of our queue. All methods may raise the errors of redis-py."""

    def __init__(self, queue: JobQueue, stop: Shutdown, fault: FaultLog) -> None:
        super().__init__(
            [queue.rq],
            connection=queue.client,
            serializer=queue.rq.serializer,
            job_class=NamedJob,
            job_monitoring_interval=_WAIT_SECONDS,
            # It would ask Redis for the client's address in a form that not every server knows.
            prepare_for_work=False,
        )
        self.hostname, self.pid = socket.gethostname(), os.getpid()
        self._stop = stop
        self._fault = fault
        self._killing_at: float | None = None

    @property
    def connection_timeout(self) -> int:
        """Seconds that a reply may take: RQ would raise those of our client."""
        return int(SOCKET_TIMEOUT_SECONDS)

    def begin(self) -> None:
        """Tell Redis that this worker is there."""
        rq.Worker.register_birth(self)

    def end(self) -> None:
        """Tell Redis that this worker is gone."""
        rq.Worker.register_death(self)

    def tidy(self) -> None:
        """Tell Redis that this worker lives, and queue again the jobs of those that died."""
        self.heartbeat()
        rq.Worker.clean_registries(self)

    def step(self) -> None:
        """Wait a second for a job and run it if there is one."""
        try:
            found = self.queue_class.dequeue_any(
                self.queues,
                _WAIT_SECONDS,
                connection=self.connection,
                job_class=self.job_class,
                serializer=self.serializer,
                death_penalty_class=self.death_penalty_class,
            )
        except DequeueTimeout:
            return
        if found is not None:
            self.execute_job(*found)

    def execute_job(self, job: Job, queue: rq.Queue) -> None:
        """Run a job if it is one of ours, else let it fail with the reason."""
        refusal = job.refusal if isinstance(job, NamedJob) else "refused: not a job of ours"
        if refusal is None:
            job.timeout = KINDS[str(job.func_name)].seconds
            super().execute_job(job, queue)
            return
        logger.warning("job %s is %s", job.id, refusal)
        job.retries_left = None
        self.handle_job_failure(job, queue, exc_string=refusal)
        queue.intermediate_queue.remove(job.id)

    def maintain_heartbeats(self, job: Job, execution: Execution) -> None:
        """Called every second while a job runs; kills it when the process shall end."""
        try:
            super().maintain_heartbeats(job, execution)
            self._fault.end()
        except (ConnectionError, TimeoutError) as error:
            self._fault.begin(error)
            if self._stop.requested:
                self.kill_horse()
                self.wait_for_horse()
                raise
        if self._grace_is_over():
            logger.info("job %s is ended, and done again later", job.id)
            self.kill_horse()

    def _grace_is_over(self) -> bool:
        if not self._stop.requested:
            return False
        if self._killing_at is None:
            self._killing_at = time.monotonic() + _GRACE_SECONDS
        return time.monotonic() >= self._killing_at

    def handle_exception(self, job: Job, *exc_info: Any) -> None:
        """Called in the job's process when it raised: says so, in a sentence if it is known."""
        error = exc_info[1]
        if isinstance(error, StripchartError):
            logger.error("job %s failed: %s", job.id, error)
        else:
            logger.error("job %s failed", job.id, exc_info=error)
        # At once it would only fail again: the retries are for jobs that were killed.
        job.retries_left = None

"""The schedule: puts each scheduled job into the queue once in each slot of time.

Slots are intervals of UTC, so that all processes agree on them. Of several processes, the holder
of a lease schedules the jobs. The id of a job names its slot, so that even two holders would
enqueue it only once. A job whose slot was missed is not made up for.
"""

import logging
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final, NamedTuple, Self

from services.broker import Broker, Lease
from services.errors import StripchartError
from services.jobs.queue import JobQueue
from services.log import ChangeLog

logger = logging.getLogger("jobs")

LEASE_SECONDS: Final = 30.0
"""Time after which the lease expires unless it is renewed."""


class TimeSlot(NamedTuple):
    """An interval of UTC from `start` on and before `end`, in seconds since 1970."""

    start: int
    end: int

    @classmethod
    def at(cls, now: float, seconds: int) -> Self:
        """Return the slot that contains a time.

        Args:
            now: The time, in seconds since 1970.
            seconds: Length of all slots.
        """
        start = int(now // seconds) * seconds
        return cls(start, start + seconds)

    def __str__(self) -> str:
        return f"{datetime.fromtimestamp(self.start, UTC):%Y%m%dT%H%M%SZ}"


class ScheduledJob(NamedTuple):
    """A job that runs once in each slot.

    Attributes:
        kind: Name of the job in the registry.
        interval_seconds: Length of a slot.
        is_done: Returns True if the slot needs no job any more.
        skip_reason: Returns the reason to postpone the job at a time in seconds since 1970, or
            None.
    """

    kind: str
    interval_seconds: int
    is_done: Callable[[TimeSlot], bool]
    skip_reason: Callable[[float], str | None]


def schedule_lease(broker: Broker, queue: JobQueue) -> Lease:
    """Return the lease of which one holder, among the queue's processes, schedules jobs."""
    return Lease(broker, secrets.token_hex(8), queue.lease_key, LEASE_SECONDS)


class Schedule:
    """Enqueues jobs that are due, while this process holds the lease.

    Args:
        queue: The queue of jobs.
        lease: The lease that all jobs processes share.
        jobs: The scheduled jobs.
        clock: Returns the time in seconds since 1970.
    """

    def __init__(
        self,
        queue: JobQueue,
        lease: Lease,
        jobs: tuple[ScheduledJob, ...],
        clock: Callable[[], float],
    ) -> None:
        self._queue = queue
        self._lease = lease
        self._jobs = jobs
        self._clock = clock
        self._changes = ChangeLog(logger)

    def enqueue_due(self) -> None:
        """Enqueue the jobs that are due now, if this process holds the lease.

        Raises:
            BrokerUnavailableError: Redis can't be used.
            JournalFullError: Redis is out of memory.
        """
        if self._lease.acquire():
            for job in self._jobs:
                self._enqueue_if_due(job)

    def release(self) -> None:
        """Release the lease, so that another process schedules the jobs.

        Raises:
            BrokerUnavailableError: Redis can't be used.
        """
        self._lease.release()

    def _enqueue_if_due(self, job: ScheduledJob) -> None:
        now = self._clock()
        slot = TimeSlot.at(now, job.interval_seconds)
        name = f"scheduled {job.kind}"
        try:
            if job.is_done(slot):
                return
            reason = job.skip_reason(now)
        except StripchartError as error:
            self._changes.log(logging.ERROR, job.kind, f"{name} not possible: {error}")
            return
        if reason is not None:
            self._changes.log(logging.INFO, job.kind, f"{name} postponed: {reason}")
        elif self._queue.enqueue_once(job.kind, str(slot)):
            self._changes.log(logging.INFO, job.kind, f"{name} queued for {slot}")

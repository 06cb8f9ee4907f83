"""The schedule: puts each timed job into the queue once in its slot of time.

A slot is a stretch of UTC, so that every process finds the same one. Of several processes one
holds a lease and looks; the id of a job names its slot, so that even two would ask only once. A
slot that was missed is not made up for.
"""

import logging
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final, NamedTuple, Self

from services.broker import Broker, Lease
from services.errors import StripchartError
from services.jobs.queue import JobQueue

logger = logging.getLogger("jobs")

LEASE_KEY: Final = "rq:stripchart:schedule"
LEASE_SECONDS: Final = 30.0
"""Time after which the lease expires unless it is renewed."""


class TimeSlot(NamedTuple):
    """A stretch of UTC from `start` on and before `end`, in seconds since 1970."""

    start: int
    end: int

    @classmethod
    def at(cls, now: float, seconds: int) -> Self:
        """The slot of this length that `now` is in."""
        start = int(now // seconds) * seconds
        return cls(start, start + seconds)

    def __str__(self) -> str:
        return f"{datetime.fromtimestamp(self.start, UTC):%Y%m%dT%H%M%SZ}"


class ScheduledJob(NamedTuple):
    """A job that shall be done once in every slot of `seconds`.

    done: whether it needs no more in this slot. obstacle: why it can't be done yet, or None.
    """

    kind: str
    seconds: int
    is_done: Callable[[TimeSlot], bool]
    skip_reason: Callable[[float], str | None]


def schedule_lease(broker: Broker) -> Lease:
    """Return the lease of which one holder, among all jobs processes, plans jobs."""
    return Lease(broker, secrets.token_hex(8), LEASE_KEY, LEASE_SECONDS)


class Schedule:
    """Looks what is due, as one of several that share a lease. clock: seconds since 1970."""

    def __init__(
        self,
        queue: JobQueue,
        lease: Lease,
        timed: tuple[ScheduledJob, ...],
        clock: Callable[[], float],
    ) -> None:
        self._queue = queue
        self._lease = lease
        self._timed = timed
        self._clock = clock
        self._said: dict[str, str] = {}

    def step(self) -> None:
        """Ask for what is due now, if the lease is ours. Raises BrokerUnavailableError."""
        if self._lease.acquire():
            for timed in self._timed:
                self._offer(timed)

    def release(self) -> None:
        """Let another process look. Raises BrokerUnavailableError."""
        self._lease.release()

    def _offer(self, timed: ScheduledJob) -> None:
        now = self._clock()
        slot = TimeSlot.at(now, timed.seconds)
        try:
            if timed.is_done(slot):
                return
            obstacle = timed.skip_reason(now)
        except StripchartError as error:
            self._say(logging.ERROR, timed.kind, f"no {timed.kind} by itself: {error}")
            return
        if obstacle is not None:
            self._say(logging.INFO, timed.kind, f"no {timed.kind} by itself yet: {obstacle}")
        elif self._queue.enqueue_once(timed.kind, f"{timed.kind}-{slot}"):
            self._say(logging.INFO, timed.kind, f"{timed.kind} of {slot} is due")

    def _say(self, level: int, kind: str, sentence: str) -> None:
        if self._said.get(kind) != sentence:
            self._said[kind] = sentence
            logger.log(level, "%s", sentence)

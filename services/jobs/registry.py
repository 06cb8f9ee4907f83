"""The registry of jobs. Other jobs in the queue are refused, and never imported."""

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from services.jobs.backup import backup


class JobKind(NamedTuple):
    """A kind of job.

    Attributes:
        function: Does the job and returns a result in JSON. It must be repeatable, because a job
            that was killed runs again.
        timeout_seconds: Time after which a job is killed.
    """

    function: Callable[[], dict[str, object]]
    timeout_seconds: int


JOB_KINDS: Final[Mapping[str, JobKind]] = {"backup": JobKind(backup, 4 * 3_600)}

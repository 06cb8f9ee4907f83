"""The jobs that there are. Whatever else is found in the queue is refused, and never imported."""

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from services.jobs.backup import backup


class JobKind(NamedTuple):
    """A kind of job: a function whose result is JSON, and the seconds that it may take.

    It may be run again after it was killed at any point.
    """

    function: Callable[[], dict[str, object]]
    seconds: int


KINDS: Final[Mapping[str, JobKind]] = {"backup": JobKind(backup, 4 * 3_600)}

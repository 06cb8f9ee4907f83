"""Metrics of the jobs process: its jobs, the queue, and the backups."""

import time
from collections.abc import Callable, Iterator
from typing import Final

from services.concurrency import Ticker
from services.errors import StripchartError
from services.jobs.queue import JobQueue
from services.jobs.registry import JOB_KINDS
from services.metric import Sample
from services.metric_table import (
    BACKUP_BYTES,
    BACKUP_INTERVAL,
    BACKUP_TIME,
    BACKUPS,
    JOB_SECONDS,
    JOBS_FAILED,
    JOBS_FINISHED,
    JOBS_QUEUED,
)
from services.store.backup.backups import Backups

_CHECK_SECONDS: Final = 10.0
_OUTCOMES: Final = ("failure", "success")


class JobMetrics:
    """Counts the jobs that this process runs. The queue and the backups are read every 10 s.

    Args:
        queue: The queue of jobs.
        backups: The backups.
        backup_seconds: Time between two automatic backups, 0 if there are none.
        monotonic: Clock in seconds that is never set back.
    """

    def __init__(
        self,
        queue: JobQueue,
        backups: Backups,
        backup_seconds: float,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._queue = queue
        self._backups = backups
        self._backup_seconds = backup_seconds
        self._ticker = Ticker(_CHECK_SECONDS, monotonic)
        # A counter that begins with 0 shows its first increase.
        self._finished = {(kind, outcome): 0 for kind in JOB_KINDS for outcome in _OUTCOMES}
        self._seconds = dict.fromkeys(JOB_KINDS, 0.0)
        self._gauges: list[Sample] = []

    def count_job(self, kind: str, succeeded: bool, seconds: float) -> None:
        """Count a job that has ended.

        Args:
            kind: Its name in the registry.
            succeeded: True if it did its work.
            seconds: Its duration.
        """
        self._finished[kind, _OUTCOMES[succeeded]] += 1
        self._seconds[kind] += seconds

    def samples(self) -> Iterator[Sample]:
        """Yield the samples so far."""
        for labels, count in self._finished.items():
            yield Sample(JOBS_FINISHED, count, labels)
        for kind, seconds in self._seconds.items():
            yield Sample(JOB_SECONDS, seconds, (kind,))
        yield Sample(BACKUP_INTERVAL, self._backup_seconds)
        if self._ticker.is_due():
            try:
                self._gauges = list(self._read())
            except StripchartError:
                self._gauges = []
        yield from self._gauges

    def _read(self) -> Iterator[Sample]:
        yield Sample(JOBS_QUEUED, self._queue.count_queued())
        yield Sample(JOBS_FAILED, self._queue.count_failed())
        newest_first = self._backups.list_newest_first()
        yield Sample(BACKUPS, len(newest_first))
        if newest_first:
            yield Sample(BACKUP_TIME, newest_first[0].created_at)
            yield Sample(BACKUP_BYTES, newest_first[0].size_bytes)

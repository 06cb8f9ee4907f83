"""Metrics of the writer: what it commits and rejects, and how long readings wait for it."""

import time
from collections.abc import Callable, Iterator

from services.clock import now_microseconds
from services.metric import Histogram, Sample
from services.metric_table import (
    COMMIT_READINGS,
    COMMIT_SECONDS,
    GAPS,
    PUBLISH_TO_COMMIT,
    READINGS_LOST,
    READINGS_REJECTED,
    READINGS_STORED,
)
from services.position import Checkpoint
from services.store import CommitResult, WriteBatch


class CommitMetrics:
    """Counts commits. It outlives the database, which may be opened again.

    Args:
        clock: The clock that ids come from, in microseconds since 1970.
        monotonic: Clock in seconds that is never set back.

    Attributes:
        malformed_count: Texts in the journal that could not be stored.
    """

    def __init__(
        self,
        clock: Callable[[], int] = now_microseconds,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.malformed_count = 0
        self._clock = clock
        self._monotonic = monotonic
        self._stored_count = self._refused_count = self._gap_count = self._lost_count = 0
        self._sizes = Histogram(COMMIT_READINGS)
        self._durations = Histogram(COMMIT_SECONDS)
        self._delays = Histogram(PUBLISH_TO_COMMIT)
        # The time of each page that waits, in milliseconds, and its readings.
        self._waiting: list[tuple[int, int]] = []

    def now(self) -> float:
        """Return the time in seconds at which a commit begins."""
        return self._monotonic()

    def count_waiting(self, end: Checkpoint, reading_count: int) -> None:
        """Count readings that were read and wait for their commit.

        Args:
            end: The checkpoint after them.
            reading_count: Number of readings.
        """
        self._waiting.append((end.cursor.entry.milliseconds, reading_count))

    def forget_waiting(self) -> None:
        """Forget the readings that wait, because they are read again."""
        self._waiting.clear()

    def count_commit(
        self, batch: WriteBatch, position: Checkpoint, result: CommitResult, begun_at: float
    ) -> None:
        """Count a commit.

        Args:
            batch: What was committed: the readings that waited, or others that did not.
            position: The checkpoint after it.
            result: Its outcome.
            begun_at: The time `now` at which it began.
        """
        self._durations.observe(self._monotonic() - begun_at)
        read_count = len(batch.readings) + len(batch.replayed)
        stored_count = read_count - result.refused_count
        self._refused_count += result.refused_count
        self._stored_count += stored_count
        if read_count:
            self._sizes.observe(stored_count)
            now = self._clock() // 1000
            for at, count in self._waiting or [(position.cursor.entry.milliseconds, read_count)]:
                self._delays.observe(max(0, now - at) / 1000, count)
            self._waiting.clear()
        self._gap_count += len(batch.gaps)
        self._lost_count += sum(gap.lost_count or 0 for gap in batch.gaps)

    def samples(self) -> Iterator[Sample]:
        """Yield the samples so far."""
        yield Sample(READINGS_STORED, self._stored_count)
        yield Sample(READINGS_REJECTED, self.malformed_count, ("malformed",))
        yield Sample(READINGS_REJECTED, self._refused_count, ("refused",))
        yield Sample(GAPS, self._gap_count)
        yield Sample(READINGS_LOST, self._lost_count)
        for histogram in (self._sizes, self._durations, self._delays):
            yield histogram.sample()

"""Readings that were read from the journal, and wait for their commit."""

import time
from collections.abc import Callable

from services.point import SeriesPoint
from services.position import Checkpoint
from services.reading import ReadingBatch
from services.store import WriteBatch


class PendingCommit:
    """Collects batches, so that one transaction stores many of them.

    Args:
        monotonic: Clock in seconds that is never set back.

    Attributes:
        start: The checkpoint before the first reading, None if nothing waits.
        end: The checkpoint after the last one, None if nothing waits.
        entry_count: Number of entries that wait.
        reading_count: Number of readings in them, the malformed ones included.
        size_bytes: Bytes of their texts.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self.clear()

    def clear(self) -> None:
        """Forget everything that waits. It is still in the journal."""
        self.start: Checkpoint | None = None
        self.entry_count = self.reading_count = self.size_bytes = 0
        self.end: Checkpoint | None = None
        self._parts: list[ReadingBatch[str]] = []
        self._points: dict[str, SeriesPoint | None] = {}
        self._began_at = 0.0

    def __bool__(self) -> bool:
        """Return True if something waits."""
        return self.start is not None

    @property
    def age_seconds(self) -> float:
        """Seconds since the oldest reading was read, 0 if nothing waits."""
        return self._monotonic() - self._began_at if self else 0.0

    def add(self, start: Checkpoint, end: Checkpoint, batch: WriteBatch, size_bytes: int) -> None:
        """Add a batch of readings that directly follows the one before it.

        Args:
            start: The checkpoint before the batch.
            end: The checkpoint after it.
            batch: The readings, and the points of their series.
            size_bytes: Bytes of the texts of its entries.
        """
        if self.start is None:
            self.start = start
            self._began_at = self._monotonic()
        self.end = end
        if batch.readings:
            self._parts.append(ReadingBatch.from_readings(batch.readings))
        self._points.update(batch.points)
        self.entry_count += end.sequence - start.sequence
        self.reading_count += end.reading_count - start.reading_count
        self.size_bytes += size_bytes

    def take(self) -> tuple[WriteBatch, Checkpoint] | None:
        """Return everything that waits and the checkpoint after it, and forget it.

        Returns:
            None if nothing waits.
        """
        if self.end is None:
            return None
        taken = WriteBatch(ReadingBatch.concatenate(self._parts), points=self._points), self.end
        self.clear()
        return taken

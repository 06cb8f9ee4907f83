"""Metrics of the live stream: frames, viewers, and how long a message takes to its frame."""

from collections.abc import Callable, Iterator

from services.clock import now_microseconds
from services.metric import Histogram, Sample
from services.metric_table import (
    FRAMES_SENT,
    PUBLISH_TO_FRAME,
    VIEWERS_ADMITTED,
    VIEWERS_DROPPED,
    VIEWERS_REFUSED,
)
from services.position import EntryId


class LiveMetrics:
    """Counts what the hub sends, and the viewers that come and go.

    Args:
        clock: The clock that ids come from, in microseconds since 1970.

    Attributes:
        frames_sent: Frames, each viewer counted.
        viewers_admitted: Viewers that were admitted.
        viewers_refused: Viewers that were refused because there were too many.
        viewers_dropped: Viewers that were closed because they read too slowly.
    """

    def __init__(self, clock: Callable[[], int] = now_microseconds) -> None:
        self.frames_sent = 0
        self.viewers_admitted = 0
        self.viewers_refused = 0
        self.viewers_dropped = 0
        self._clock = clock
        self._delays = Histogram(PUBLISH_TO_FRAME)
        self._unsent: list[EntryId] = []

    def count_message(self, entry: EntryId) -> None:
        """Count a message that the next flush sends."""
        self._unsent.append(entry)

    def count_flush(self) -> None:
        """Count a flush, which has sent all messages so far."""
        if self._unsent:
            now = self._clock() // 1000
            for entry in self._unsent:
                self._delays.observe(max(0, now - entry.milliseconds) / 1000)
            self._unsent.clear()

    def samples(self) -> Iterator[Sample]:
        """Yield the samples so far."""
        yield Sample(FRAMES_SENT, self.frames_sent)
        yield Sample(VIEWERS_ADMITTED, self.viewers_admitted)
        yield Sample(VIEWERS_REFUSED, self.viewers_refused)
        yield Sample(VIEWERS_DROPPED, self.viewers_dropped)
        yield self._delays.sample()

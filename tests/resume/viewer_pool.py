"""Many viewers in one thread, which disconnect at random and connect again."""

import heapq
import random
import selectors
import threading
import time
from collections.abc import Callable, Sequence
from typing import Final, Self

from tests.resume.resuming_viewer import ResumingViewer
from tests.support.waiting import wait_until

_SELECT_SECONDS: Final = 0.02
_MAX_PAUSE_SECONDS: Final = 0.2
_BEFORE_GREETING_PROBABILITY: Final = 0.1
_PATTERNS: Final = ((), (), ("demo.*",), ("kitchen",), ("demo.random.1", "kitchen"))


class ViewerPool:
    """Viewers of both protocols and of several selections.

    Attributes:
        viewers: The viewers.
        disconnects_per_second: How many connections this side closes.
        disconnects: The number of connections that were greeted and have ended on either side.
        failure: The exception that ended the thread, or None.
    """

    def __init__(self, ports: Sequence[int], count: int, seed: int) -> None:
        """Prepare viewers without connecting them.

        Args:
            ports: The ports of the web services.
            count: The number of viewers.
            seed: The seed of all random numbers.
        """
        self._random = random.Random(seed)
        self.viewers = [
            ResumingViewer(
                ports, _PATTERNS[i % len(_PATTERNS)], i % 2 == 1, random.Random(f"{seed} {i}")
            )
            for i in range(count)
        ]
        self.disconnects_per_second = 0.0
        self.disconnects = 0
        self.failure: BaseException | None = None
        self._connect_times = [(0.0, i) for i in range(count)]
        self._selector = selectors.DefaultSelector()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="viewers", daemon=True)

    def start(self) -> Self:
        """Connect all viewers, in a thread."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Close all connections and end the thread. Raises the exception that had ended it."""
        self._stopping.set()
        self._thread.join()
        for viewer in self.viewers:
            viewer.disconnect(self._selector, abruptly=False)
        self._selector.close()
        if self.failure is not None:
            raise self.failure

    @property
    def all_greeted(self) -> bool:
        """True if every viewer has received the hello of its connection."""
        if self.failure is not None:
            raise self.failure
        return all(viewer.connected and viewer.greeted for viewer in self.viewers)

    def wait_until_all_are_back(self, disconnects: int, seconds: float) -> None:
        """Wait until every viewer was disconnected and has received all that it missed meanwhile.

        Args:
            disconnects: The value of `disconnects` before the server ended.
            seconds: Longest wait.

        Raises:
            AssertionError: Some are not back; the message describes them.
        """
        count = disconnects + len(self.viewers)

        def are_back() -> bool:
            # Those who have not noticed the end yet seem to be back already.
            is_over = self.disconnects >= count
            return is_over and self.all_greeted and all(each.recovered for each in self.viewers)

        try:
            wait_until("all viewers are back", are_back, seconds)
        except AssertionError as error:
            away = [viewer for viewer in self.viewers if not viewer.recovered]
            raise AssertionError(f"{error}: {len(away)} are not, such as {away[:3]}") from error

    def all_at(self, cursor: str) -> bool:
        """Return True if every viewer has reached this cursor."""
        return self.all_greeted and all(viewer.cursor == cursor for viewer in self.viewers)

    def wait_until_at_end(self, end: Callable[[], str], seconds: float) -> None:
        """Wait until every viewer has reached the journal's end.

        Raises:
            AssertionError: Some have not; the message describes them.
        """
        try:
            wait_until("all viewers are at the end", lambda: self.all_at(end()), seconds)
        except AssertionError as error:
            cursor = end()
            behind = [viewer for viewer in self.viewers if viewer.cursor != cursor]
            raise AssertionError(f"{error}: {cursor}, but {behind[:3]}") from error

    def _run(self) -> None:
        try:
            while not self._stopping.is_set():
                self._step()
        except BaseException as error:  # noqa: BLE001 (it is raised again by stop)
            self.failure = error

    def _step(self) -> None:
        now = time.monotonic()
        while self._connect_times and self._connect_times[0][0] <= now:
            self.viewers[heapq.heappop(self._connect_times)[1]].connect(self._selector)
        for key, _ in self._selector.select(_SELECT_SECONDS):
            viewer: ResumingViewer = key.data
            if not viewer.handle_ready(self._selector):
                pause = viewer.retry_seconds() if viewer.greeted else None
                self._disconnect(viewer, pause, abruptly=False)
        elapsed = time.monotonic() - now
        for _ in range(self._round_at_random(self.disconnects_per_second * elapsed)):
            viewer = self._random.choice(self.viewers)
            # Rarely during the replay: otherwise no viewer would ever finish one.
            if viewer.connected and (
                viewer.greeted or self._random.random() < _BEFORE_GREETING_PROBABILITY
            ):
                self._disconnect(viewer, None, abruptly=self._random.random() < 0.5)

    def _round_at_random(self, expected: float) -> int:
        """Round to one of the neighbouring integers, so that the mean stays the same."""
        whole = int(expected)
        return whole + (self._random.random() < expected - whole)

    def _disconnect(self, viewer: ResumingViewer, pause: float | None, *, abruptly: bool) -> None:
        self.disconnects += viewer.greeted
        viewer.greeted = False
        viewer.disconnect(self._selector, abruptly=abruptly)
        seconds = self._random.uniform(0, _MAX_PAUSE_SECONDS) if pause is None else pause
        connect_time = time.monotonic() + seconds
        heapq.heappush(self._connect_times, (connect_time, self.viewers.index(viewer)))

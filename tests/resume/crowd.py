"""Many viewers in one thread, who lose their connection at random and come back."""

import heapq
import random
import selectors
import threading
import time
from collections.abc import Sequence
from typing import Final

from tests.resume.viewer import Viewer

_TURN_SECONDS: Final = 0.02
_PAUSE_SECONDS: Final = 0.2
_EARLY: Final = 0.1
_SELECTIONS: Final = ((), (), ("demo.*",), ("kitchen",), ("demo.random.1", "kitchen"))


class Crowd:
    """Viewers of both kinds. churn: connections a second that are cut from this side."""

    def __init__(self, ports: Sequence[int], size: int, seed: int, churn: float = 0.0) -> None:
        self._random = random.Random(seed)
        self.viewers = [
            Viewer(
                ports, _SELECTIONS[i % len(_SELECTIONS)], i % 2 == 1, random.Random(f"{seed} {i}")
            )
            for i in range(size)
        ]
        self.churn = churn
        self.disconnects = 0
        """Connections that had been greeted and then ended, by whoever's doing."""
        self.failure: BaseException | None = None
        self._waiting = [(0.0, i) for i in range(size)]
        self._selector = selectors.DefaultSelector()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="crowd", daemon=True)

    def start(self) -> "Crowd":
        """Have them connect, in a thread."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Cut all connections and end. Raises what the thread ended with."""
        self._stopping.set()
        self._thread.join()
        for viewer in self.viewers:
            viewer.leave(self._selector, abruptly=False)
        self._selector.close()
        if self.failure is not None:
            raise self.failure

    @property
    def all_greeted(self) -> bool:
        """Whether every viewer has a connection that was greeted."""
        if self.failure is not None:
            raise self.failure
        return all(viewer.connected and viewer.greeted for viewer in self.viewers)

    @property
    def all_recovered(self) -> bool:
        """Whether every viewer is back and has got what it had missed."""
        return self.all_greeted and all(viewer.recovered for viewer in self.viewers)

    def all_at(self, cursor: str) -> bool:
        """Whether every viewer has come to this cursor."""
        return self.all_greeted and all(viewer.cursor == cursor for viewer in self.viewers)

    def _run(self) -> None:
        try:
            while not self._stopping.is_set():
                self._turn()
        except BaseException as error:  # noqa: BLE001 (it is raised again by stop)
            self.failure = error

    def _turn(self) -> None:
        now = time.monotonic()
        while self._waiting and self._waiting[0][0] <= now:
            self.viewers[heapq.heappop(self._waiting)[1]].connect(self._selector)
        for key, _ in self._selector.select(_TURN_SECONDS):
            viewer: Viewer = key.data
            if not viewer.proceed(self._selector):
                self._lose(viewer, viewer.hint() if viewer.greeted else None, abruptly=False)
        spent = time.monotonic() - now
        for _ in range(self._due(self.churn * spent)):
            viewer = self._random.choice(self.viewers)
            # Rarely while it is still being brought up to date: else nobody ever would be.
            if viewer.connected and (viewer.greeted or self._random.random() < _EARLY):
                self._lose(viewer, None, abruptly=self._random.random() < 0.5)

    def _due(self, expected: float) -> int:
        whole = int(expected)
        return whole + (self._random.random() < expected - whole)

    def _lose(self, viewer: Viewer, hint: float | None, *, abruptly: bool) -> None:
        self.disconnects += viewer.greeted
        viewer.greeted = False
        viewer.leave(self._selector, abruptly=abruptly)
        pause = self._random.uniform(0, _PAUSE_SECONDS) if hint is None else hint
        heapq.heappush(self._waiting, (time.monotonic() + pause, self.viewers.index(viewer)))

"""The one who kills: which process, when, and how; and what happens to the network."""

import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from typing import Final

from tests.faults.process import Process
from tests.faults.stack import Stack

_WRITER_POINTS: Final = (
    "before_commit",
    "before_rows",
    "in_commit",
    "after_commit",
    "before_trim",
    "after_trim",
    "before_adopt",
    "after_adopt",
)
_WEB_POINTS: Final = ("before_append", "after_append")
_POINTS_OF: Final = {"writer": _WRITER_POINTS, "web": _WEB_POINTS}
_PLANNED: Final = 0.75
_CALLS: Final = 5
"""About how often a failpoint is passed before it strikes."""

_LONGEST_DOWN: Final = 0.8
_LONGEST_FAULT: Final = 1.5
_LOOK: Final = 0.05


class Killer:
    """Kills the processes of a stack and keeps them running, and harms their connections.

    Whoever calls `strike` again and again has one fault after the other.
    """

    def __init__(self, stack: Stack, seed: int) -> None:
        self.faults: Counter[str] = Counter()
        """What was done to the network and the clock of the processes, by kind."""
        self.strange: list[str] = []
        """Processes that ended although nobody killed them."""
        self._stack = stack
        self._random = random.Random(seed)
        self._kills: Counter[str] = Counter()
        self._armed: set[str] = set()
        self._due: dict[str, float] = {}
        self._redis_due: float | None = None
        self._over: list[tuple[float, Callable[[], None]]] = []

    @property
    def kills(self) -> Counter[str]:
        """How often each process was killed, by kind; by itself at a failpoint included."""
        counted = Counter(self._kills)
        for name, process in self._stack.processes.items():
            counted.update(f"{name} {point}" for point in process.deaths())
        return counted

    def start_all(self) -> None:
        """Start every process, as they are when nothing is wrong."""
        for process in self._stack.processes.values():
            process.start()

    def strike(self) -> None:
        """Do one harm."""
        action = self._random.choices(
            [
                self._kill_process,
                self._kill_web_worker,
                self._kill_web_master,
                self._kill_redis,
                self._kill_everything,
                self._harm_network,
                self._freeze,
            ],
            [30, 8, 4, 8, 2, 14, 4],
        )[0]
        action()

    def keep_running(self, seconds: float) -> None:
        """Start again what has ended, when it is due, for this long."""
        end = time.monotonic() + seconds
        while True:
            self._step()
            left = end - time.monotonic()
            if left <= 0:
                return
            time.sleep(min(_LOOK, left))

    def heal(self) -> None:
        """End what was done to the network, let everything go on, and have Redis back."""
        for _, action in self._over:
            action()
        self._over.clear()
        for proxy in self._stack.proxies.values():
            proxy.heal()
        if self._redis_due is not None:
            self._redis_due = None
            self._stack.redis.start()

    def finish(self) -> None:
        """End all faults, and have every process run without a failpoint."""
        self.heal()
        for name, process in self._stack.processes.items():
            if name in self._armed or not process.running:
                process.kill()
                process.start()
        self._armed.clear()
        self._due.clear()

    def _step(self) -> None:
        now = time.monotonic()
        for due, action in [entry for entry in self._over if entry[0] <= now]:
            action()
            self._over.remove((due, action))
        if self._redis_due is not None and self._redis_due <= now:
            self._redis_due = None
            self._stack.redis.start()
        for name, process in self._stack.processes.items():
            if process.running:
                continue
            if name not in self._due:
                self._note_end(name, process)
                self._due[name] = now + self._random.uniform(0, _LONGEST_DOWN)
            elif self._due[name] <= now:
                del self._due[name]
                self._start(name, process)

    def _note_end(self, name: str, process: Process) -> None:
        if process.status != -signal.SIGKILL:
            self.strange.append(f"{name} ended with {process.status}: {process.tail()}")
        process.kill()

    def _start(self, name: str, process: Process) -> None:
        points = _POINTS_OF.get(name, ())
        self._armed.discard(name)
        if points and self._random.random() < _PLANNED:
            self._armed.add(name)
            after = 1 + int(self._random.expovariate(1 / _CALLS))
            process.start("--at", self._random.choice(points), "--after", str(after))
        else:
            process.start()

    def _any(self) -> str:
        return self._random.choice(list(self._stack.processes))

    def _kill_process(self) -> None:
        name = self._any()
        if self._stack.processes[name].running:
            self._kill(name)

    def _kill(self, name: str) -> None:
        self._stack.processes[name].kill()
        self._kills[name] += 1

    def _kill_web_worker(self) -> None:
        if self._stack.processes["web"].kill_child():
            self._kills["web worker"] += 1

    def _kill_web_master(self) -> None:
        web = self._stack.processes["web"]
        if web.running:
            web.kill_first()
            self._kills["web master"] += 1

    def _kill_redis(self) -> None:
        if self._redis_due is None:
            self._stack.redis.kill()
            self._kills["redis"] += 1
            self._redis_due = time.monotonic() + self._random.uniform(0, _LONGEST_DOWN)

    def _kill_everything(self) -> None:
        self._kill_redis()
        for name, process in self._stack.processes.items():
            if process.running:
                self._kill(name)

    def _harm_network(self) -> None:
        name = self._any()
        proxy = self._stack.proxies[name]
        kind = self._random.choice(["cut", "lost reply", "lost reply", "stall", "delay"])
        self.faults[kind] += 1
        if kind == "cut":
            proxy.cut()
        elif kind == "lost reply":
            proxy.lose_reply()
        elif kind == "delay":
            proxy.delay(self._random.uniform(0.001, 0.05))
            self._later(proxy.heal)
        else:
            proxy.stall()
            if self._random.random() < 0.5:
                self._later(proxy.cut)
            self._later(proxy.flow)

    def _freeze(self) -> None:
        process = self._stack.processes[self._any()]
        self.faults["freeze"] += 1
        process.freeze()
        self._later(process.thaw)

    def _later(self, action: Callable[[], None]) -> None:
        seconds = self._random.uniform(0.1, _LONGEST_FAULT)
        self._over.append((time.monotonic() + seconds, action))

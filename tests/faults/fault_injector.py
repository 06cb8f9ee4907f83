"""The fault injector: it kills processes, disturbs their connections, and restarts what ended."""

import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from typing import Final

from tests.faults.failpoint_process import FailpointProcess
from tests.faults.fault_stack import FaultStack

_FAILPOINTS: Final = {
    "writer": (
        "before_commit",
        "before_rows",
        "in_commit",
        "after_commit",
        "before_trim",
        "after_trim",
        "before_bridge",
        "after_bridge",
    ),
    "web": ("before_append", "after_append"),
}
_FAILPOINT_PROBABILITY: Final = 0.75
_MEAN_CALLS: Final = 5
"""The mean number of calls before a failpoint triggers."""

_MAX_DOWN_SECONDS: Final = 0.8
_MAX_FAULT_SECONDS: Final = 1.5
_POLL_SECONDS: Final = 0.05


class FaultInjector:
    """Injects one random fault at each call, and keeps the processes of a stack running.

    Attributes:
        faults: The number of faults of the network and of frozen processes, by kind.
        unexpected_exits: Processes that ended without being killed, with the end of their log.
    """

    def __init__(self, stack: FaultStack, seed: int) -> None:
        self.faults: Counter[str] = Counter()
        self.unexpected_exits: list[str] = []
        self._stack = stack
        self._random = random.Random(seed)
        self._kills: Counter[str] = Counter()
        self._with_failpoint: set[str] = set()
        self._restart_at: dict[str, float] = {}
        self._redis_restart_at: float | None = None
        self._scheduled: list[tuple[float, Callable[[], None]]] = []

    @property
    def kills(self) -> Counter[str]:
        """The number of kills by process, with those at failpoints."""
        kills = Counter(self._kills)
        for name, process in self._stack.processes.items():
            kills.update(f"{name} {failpoint}" for failpoint in process.failpoint_hits())
        return kills

    def start_all(self) -> None:
        """Start every process without a failpoint."""
        for process in self._stack.processes.values():
            process.start()

    def inject(self) -> None:
        """Inject one fault."""
        fault = self._random.choices(
            [
                self._kill_process,
                self._kill_web_worker,
                self._kill_web_master,
                self._kill_redis,
                self._kill_everything,
                self._disturb_network,
                self._freeze,
            ],
            [30, 8, 4, 8, 2, 14, 4],
        )[0]
        fault()

    def keep_running(self, seconds: float) -> None:
        """Restart ended processes when they are due, for this long."""
        end = time.monotonic() + seconds
        while True:
            self._step()
            remaining = end - time.monotonic()
            if remaining <= 0:
                return
            time.sleep(min(_POLL_SECONDS, remaining))

    def heal(self) -> None:
        """End all faults of the network and all freezes, and bring Redis back."""
        for _, action in self._scheduled:
            action()
        self._scheduled.clear()
        for proxy in self._stack.proxies.values():
            proxy.heal()
        if self._redis_restart_at is not None:
            self._redis_restart_at = None
            self._stack.redis.start()

    def finish(self) -> None:
        """End all faults, and let every process run without a failpoint."""
        self.heal()
        for name, process in self._stack.processes.items():
            if name in self._with_failpoint or not process.running:
                process.kill()
                process.start()
        self._with_failpoint.clear()
        self._restart_at.clear()

    def _step(self) -> None:
        now = time.monotonic()
        for due, action in [entry for entry in self._scheduled if entry[0] <= now]:
            action()
            self._scheduled.remove((due, action))
        if self._redis_restart_at is not None and self._redis_restart_at <= now:
            self._redis_restart_at = None
            self._stack.redis.start()
        for name, process in self._stack.processes.items():
            if process.running:
                continue
            if name not in self._restart_at:
                self._handle_exit(name, process)
                self._restart_at[name] = now + self._random.uniform(0, _MAX_DOWN_SECONDS)
            elif self._restart_at[name] <= now:
                del self._restart_at[name]
                self._restart(name, process)

    def _handle_exit(self, name: str, process: FailpointProcess) -> None:
        if process.exit_status != -signal.SIGKILL:
            self.unexpected_exits.append(
                f"{name} ended with {process.exit_status}: {process.log_tail()}"
            )
        process.kill()

    def _restart(self, name: str, process: FailpointProcess) -> None:
        failpoints = _FAILPOINTS.get(name, ())
        self._with_failpoint.discard(name)
        if failpoints and self._random.random() < _FAILPOINT_PROBABILITY:
            self._with_failpoint.add(name)
            call = 1 + int(self._random.expovariate(1 / _MEAN_CALLS))
            process.start_with("--at", self._random.choice(failpoints), "--on-call", str(call))
        else:
            process.start()

    def _random_name(self) -> str:
        return self._random.choice(list(self._stack.processes))

    def _kill_process(self) -> None:
        name = self._random_name()
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
            web.kill_parent()
            self._kills["web master"] += 1

    def _kill_redis(self) -> None:
        if self._redis_restart_at is None:
            self._stack.redis.kill()
            self._kills["redis"] += 1
            down_seconds = self._random.uniform(0, _MAX_DOWN_SECONDS)
            self._redis_restart_at = time.monotonic() + down_seconds

    def _kill_everything(self) -> None:
        self._kill_redis()
        for name, process in self._stack.processes.items():
            if process.running:
                self._kill(name)

    def _disturb_network(self) -> None:
        proxy = self._stack.proxies[self._random_name()]
        kind = self._random.choice(["cut", "lost reply", "lost reply", "stall", "delay"])
        self.faults[kind] += 1
        if kind == "cut":
            proxy.cut()
        elif kind == "lost reply":
            proxy.lose_reply()
        elif kind == "delay":
            proxy.delay(self._random.uniform(0.001, 0.05))
            self._schedule(proxy.heal)
        else:
            proxy.stall()
            if self._random.random() < 0.5:
                self._schedule(proxy.cut)
            self._schedule(proxy.resume)

    def _freeze(self) -> None:
        process = self._stack.processes[self._random_name()]
        self.faults["freeze"] += 1
        process.freeze()
        self._schedule(process.thaw)

    def _schedule(self, action: Callable[[], None]) -> None:
        seconds = self._random.uniform(0.1, _MAX_FAULT_SECONDS)
        self._scheduled.append((time.monotonic() + seconds, action))

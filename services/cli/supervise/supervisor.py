"""The supervisor: starts processes, forwards their output, and restarts them when they end.

It has one thread. `step` waits for output, for the end of a process and for signals at the same
time; between two steps its caller decides what to do next.
"""

import os
import selectors
import signal
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass
from typing import IO, Final, Self

from services.cli.supervise.console import Console
from services.cli.supervise.process import ManagedProcess, ProcessSpec
from services.concurrency import Backoff
from services.errors import SettingError

_FIRST_DELAY_SECONDS: Final = 1.0
_MAX_DELAY_SECONDS: Final = 30.0
STABLE_SECONDS: Final = 60.0
"""After this time a process counts as stable, and the delay after its next end is short."""


@dataclass
class _Supervised:
    """A process and its supervision.

    Attributes:
        process: The process.
        backoff: Delays before restarts.
        restart: True to restart the process when it ends.
        started_at: Monotonic time of the last start.
        restart_at: Monotonic time of the next restart, None if none is planned.
        output: Output that the supervisor reads, None when it is closed.
    """

    process: ManagedProcess
    backoff: Backoff
    restart: bool
    started_at: float = 0.0
    restart_at: float | None = None
    output: IO[bytes] | None = None


class Supervisor:
    """A group of supervised processes. All times are on the monotonic clock.

    Use it in the main thread, as a context manager: its end kills the processes that still run.
    """

    def __init__(self, console: Console, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._console = console
        self._monotonic = monotonic
        self._supervised: dict[str, _Supervised] = {}
        self._selector = selectors.DefaultSelector()

    def __enter__(self) -> Self:
        # Every signal writes a byte into this pipe, which ends the wait for output.
        self._wakeup_read, self._wakeup_write = os.pipe()
        os.set_blocking(self._wakeup_read, False)
        os.set_blocking(self._wakeup_write, False)
        self._selector.register(self._wakeup_read, selectors.EVENT_READ)
        self._previous_wakeup = signal.set_wakeup_fd(self._wakeup_write, warn_on_full_buffer=False)
        self._previous_handler = signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
        return self

    def __exit__(self, *_exception: object) -> None:
        self.kill(self._supervised)
        signal.signal(signal.SIGCHLD, self._previous_handler)
        signal.set_wakeup_fd(self._previous_wakeup)
        self._selector.close()
        os.close(self._wakeup_read)
        os.close(self._wakeup_write)

    def start(self, spec: ProcessSpec, *, restart: bool = True) -> None:
        """Start a process.

        Args:
            spec: The process.
            restart: True to restart it when it ends.
        """
        backoff = Backoff(_FIRST_DELAY_SECONDS, _MAX_DELAY_SECONDS)
        supervised = _Supervised(ManagedProcess(spec, self._console), backoff, restart)
        self._supervised[spec.name] = supervised
        self._start(supervised)

    def enable_restart(self, name: str) -> None:
        """Restart a process when it ends, from now on."""
        self._supervised[name].restart = True

    def process(self, name: str) -> ManagedProcess:
        """Return the process with a name."""
        return self._supervised[name].process

    def step(self, seconds: float) -> None:
        """Wait for the next event, at most `seconds`, and handle it.

        Raises:
            SettingError: A process ended at its first start because of its settings.
        """
        now = self._monotonic()
        delays = [
            each.restart_at - now
            for each in self._supervised.values()
            if each.restart_at is not None
        ]
        for key, _events in self._selector.select(max(0.0, min([seconds, *delays]))):
            if key.data is None:
                with suppress(BlockingIOError):
                    os.read(self._wakeup_read, 4096)
            elif not key.data.process.forward_output():
                self._stop_reading(key.data)
        for each in list(self._supervised.values()):
            if each.process.has_exited():
                self._reap(each)
                if each.restart:
                    self._plan_restart(each)
        for each in self._supervised.values():
            if each.restart_at is not None and each.restart_at <= self._monotonic():
                self._start(each)

    def terminate(self, names: Collection[str], deadline: float) -> None:
        """Send SIGTERM to processes, and wait until they have ended or until the deadline.

        They are not restarted.
        """
        for each in self._select(names):
            each.restart, each.restart_at = False, None
            each.process.terminate()
        self.wait(names, deadline)

    def wait(self, names: Collection[str], deadline: float) -> None:
        """Wait until processes have ended, or until the deadline."""
        while any(each.process.running for each in self._select(names)):
            seconds = deadline - self._monotonic()
            if seconds <= 0:
                break
            with suppress(SettingError):
                self.step(seconds)

    def kill(self, names: Collection[str]) -> None:
        """Kill those of the processes that still run. They are not restarted."""
        for each in self._select(names):
            each.restart, each.restart_at = False, None
            if each.process.running:
                each.process.write_line("still running after SIGTERM; killed")
                self._reap(each)

    def _select(self, names: Collection[str]) -> list[_Supervised]:
        return [each for name, each in self._supervised.items() if name in names]

    def _start(self, supervised: _Supervised) -> None:
        supervised.restart_at = None
        supervised.started_at = self._monotonic()
        supervised.output = supervised.process.start()
        if supervised.output is not None:
            self._selector.register(supervised.output, selectors.EVENT_READ, supervised)
        elif supervised.restart:
            self._plan_restart(supervised)

    def _reap(self, supervised: _Supervised) -> None:
        self._stop_reading(supervised)
        supervised.process.reap()

    def _stop_reading(self, supervised: _Supervised) -> None:
        if supervised.output is not None:
            self._selector.unregister(supervised.output)
            supervised.output = None

    def _plan_restart(self, supervised: _Supervised) -> None:
        """Set the time of the restart of a process that has ended."""
        process, status = supervised.process, supervised.process.exit_status
        # Settings that have worked once will work again. Children of the last run that were killed
        # may need a moment to end, and hold the port until then.
        if status == SettingError.exit_status and process.starts == 1:
            supervised.restart = False
            lines = process.last_lines
            last = lines[-1] if lines else "its settings can't be used"
            raise SettingError(last.partition(" ERROR ")[2] or f"{process.name}: {last}")
        if self._monotonic() - supervised.started_at >= STABLE_SECONDS:
            supervised.backoff.reset()
        delay = supervised.backoff.next_delay()
        supervised.restart_at = self._monotonic() + delay
        process.write_line(f"ended {_describe_status(status)}; restarting in {delay:.1f} s")


def _describe_status(status: int | None) -> str:
    if status is not None and status < 0:
        return f"by signal {-status} ({signal.strsignal(-status)})"
    return f"with status {status}"

"""Keeps processes running: starts them, hands on what they say, and starts them again.

One thread does all of it. In `step` it waits for output, for the end of a process and for signals
at once, and between the steps its caller decides what comes next.
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

FIRST_PAUSE: Final = 1.0
_LONGEST_PAUSE: Final = 30.0
STEADY: Final = 60.0
"""Seconds after which a process counts as well: its next end is followed by a short pause."""


@dataclass
class _Supervised:
    """A child and what is to be done about it. due: when to start it again, if it is to be."""

    child: ManagedProcess
    backoff: Backoff
    wanted: bool
    started: float = 0.0
    due: float | None = None
    output: IO[bytes] | None = None


class Supervisor:
    """Processes that are kept running. All times are of the monotonic clock.

    To be used by the main thread, as a context: what is left when it ends is killed.
    """

    def __init__(self, console: Console, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._console = console
        self._monotonic = monotonic
        self._kept: dict[str, _Supervised] = {}
        self._selector = selectors.DefaultSelector()

    def __enter__(self) -> Self:
        # Every signal writes a byte into this pipe, which ends the wait for output.
        self._woken, self._wake = os.pipe()
        os.set_blocking(self._woken, False)
        os.set_blocking(self._wake, False)
        self._selector.register(self._woken, selectors.EVENT_READ)
        self._wakeup_before = signal.set_wakeup_fd(self._wake, warn_on_full_buffer=False)
        self._handler_before = signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
        return self

    def __exit__(self, *_exception: object) -> None:
        self.kill(self._kept)
        signal.signal(signal.SIGCHLD, self._handler_before)
        signal.set_wakeup_fd(self._wakeup_before)
        self._selector.close()
        os.close(self._woken)
        os.close(self._wake)

    def start(self, spec: ProcessSpec, *, keep: bool = True) -> None:
        """Start a process. keep: start it again whenever it ends by itself."""
        kept = _Supervised(
            ManagedProcess(spec, self._console), Backoff(FIRST_PAUSE, _LONGEST_PAUSE), keep
        )
        self._kept[spec.name] = kept
        self._start(kept)

    def keep(self, name: str) -> None:
        """Start this process again whenever it ends by itself, from now on."""
        self._kept[name].wanted = True

    def child(self, name: str) -> ManagedProcess:
        """The process of this name."""
        return self._kept[name].child

    def step(self, seconds: float) -> None:
        """Wait until something happens, at most this long, and deal with it.

        Raises SettingError when a process ended because of its settings: it would do so again.
        """
        now = self._monotonic()
        dues = [kept.due - now for kept in self._kept.values() if kept.due is not None]
        for key, _events in self._selector.select(max(0.0, min([seconds, *dues]))):
            if key.data is None:
                with suppress(BlockingIOError):
                    os.read(self._woken, 4096)
            elif not key.data.child.listen():
                self._unlisten(key.data)
        for kept in list(self._kept.values()):
            if kept.child.ended():
                self._finish(kept)
                if kept.wanted:
                    self._plan(kept)
        for kept in self._kept.values():
            if kept.due is not None and kept.due <= self._monotonic():
                self._start(kept)

    def terminate(self, names: Collection[str], until: float) -> None:
        """Ask these processes to end, for good, and wait for it until then."""
        for kept in self._chosen(names):
            kept.wanted, kept.due = False, None
            kept.child.terminate()
        self.wait(names, until)

    def wait(self, names: Collection[str], until: float) -> None:
        """Wait until these processes have ended, but not beyond this time."""
        while any(kept.child.running for kept in self._chosen(names)):
            left = until - self._monotonic()
            if left <= 0:
                break
            with suppress(SettingError):
                self.step(left)

    def kill(self, names: Collection[str]) -> None:
        """End at once those of these processes that still run."""
        for kept in self._chosen(names):
            kept.wanted, kept.due = False, None
            if kept.child.running:
                kept.child.say("does not end by itself, and is killed")
                self._finish(kept)

    def _chosen(self, names: Collection[str]) -> list[_Supervised]:
        return [kept for name, kept in self._kept.items() if name in names]

    def _start(self, kept: _Supervised) -> None:
        kept.due = None
        kept.started = self._monotonic()
        kept.output = kept.child.start()
        if kept.output is not None:
            self._selector.register(kept.output, selectors.EVENT_READ, kept)
        elif kept.wanted:
            self._plan(kept)

    def _finish(self, kept: _Supervised) -> None:
        self._unlisten(kept)
        kept.child.finish()

    def _unlisten(self, kept: _Supervised) -> None:
        if kept.output is not None:
            self._selector.unregister(kept.output)
            kept.output = None

    def _plan(self, kept: _Supervised) -> None:
        """Decide when to start again what ended by itself."""
        child, status = kept.child, kept.child.status
        if status == SettingError.exit_status:
            kept.wanted = False
            last = child.said[-1] if child.said else "its settings can't be used"
            raise SettingError(last.partition(" ERROR ")[2] or f"{child.name}: {last}")
        if self._monotonic() - kept.started >= STEADY:
            kept.backoff.reset()
        pause = kept.backoff.next_delay()
        kept.due = self._monotonic() + pause
        child.say(f"ended {_by(status)}, and is started again in {pause:.1f} s")


def _by(status: int | None) -> str:
    if status is not None and status < 0:
        return f"by signal {-status} ({signal.strsignal(-status)})"
    return f"with status {status}"

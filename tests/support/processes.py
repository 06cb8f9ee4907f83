"""Processes that tests and benchmarks start, stop, freeze and kill."""

import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Self

from tests.support.paths import ROOT
from tests.support.process_stats import (
    child_pids,
    cpu_seconds,
    proportional_bytes,
    run_state,
    session_pids,
    written_bytes,
)
from tests.support.waiting import TIMEOUT_SECONDS, time_limit, wait_until

if TYPE_CHECKING:
    from tests.support.fork_server import ServiceFork

_TERMINATE_SECONDS = 8.0
_READY_SECONDS = 60.0
_END_OF_BLOCK_SECONDS = 20.0
_TAIL_LINES = 10


class ManagedProcess:
    """A process in a session of its own, with its output in a file.

    It can be started again after it has ended. As a context manager it starts with the block and
    is terminated with it.

    Attributes:
        name: The name for messages and for the log file.
        log: The file with the output of every start.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str | Path],
        folder: Path,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """Prepare the process without starting it.

        Args:
            name: The name for messages; the output goes to `NAME.log`.
            command: The program and its arguments.
            folder: The folder of the log file; it is made if needed.
            environment: Variables beside our own, from which Stripchart's settings are removed.
        """
        folder.mkdir(parents=True, exist_ok=True)
        self.name = name
        self.log = folder / f"{name}.log"
        self._command = command
        ours = {key: value for key, value in os.environ.items() if not key.startswith("STRIPCHART")}
        self._environment = ours | dict(environment or {})
        self._process: subprocess.Popen[bytes] | ServiceFork | None = None

    @classmethod
    def service(cls, name: str, folder: Path, environment: Mapping[str, str]) -> Self:
        """Prepare one of Stripchart's own processes: `python -m services.NAME`."""
        return cls(name, [sys.executable, "-m", f"services.{name}"], folder, environment)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(_END_OF_BLOCK_SECONDS)
        self.kill()

    def start(self) -> Self:
        """Start the process without waiting until it is ready."""
        self._spawn(self._command)
        return self

    def _spawn(self, command: Sequence[str | Path]) -> None:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """The id of the process, which is also the id of its session."""
        return self._started.pid

    @property
    def running(self) -> bool:
        """True from the start until the process has ended."""
        return self._process is not None and self._process.poll() is None

    @property
    def exit_status(self) -> int | None:
        """The exit status, negative for a signal; None before the end."""
        return None if self._process is None else self._process.poll()

    @property
    def _started(self) -> "subprocess.Popen[bytes] | ServiceFork":
        assert self._process is not None, f"{self.name} was never started"
        return self._process

    def wait_until_ready(
        self, ready: Callable[[], object], timeout_seconds: float = _READY_SECONDS
    ) -> None:
        """Wait until a condition is true.

        Raises:
            AssertionError: The process has ended, or the condition was false until the timeout.
        """

        def ready_or_ended() -> bool:
            return bool(ready()) or not self.running

        wait_until(f"{self.name} is ready", ready_or_ended, timeout_seconds)
        assert self.running, f"{self.name} ended with {self.exit_status}: {self.log_tail()}"

    def terminate(self) -> int:
        """Send SIGTERM, wait for the end and return the exit status.

        Raises:
            AssertionError: The process took longer than the 8 s that a shutdown may take.
        """
        with time_limit(f"{self.name} ends", _TERMINATE_SECONDS):
            self._started.terminate()
            return self._started.wait(TIMEOUT_SECONDS)

    def wait(self, timeout_seconds: float = TIMEOUT_SECONDS) -> int:
        """Wait for the process to end on its own, and return its exit status."""
        return self._started.wait(timeout_seconds)

    def kill(self) -> None:
        """Kill the process and its children, and wait for their end.

        A child that is left would keep the port from the next start.
        """
        if self._process is not None:
            session = self._process.pid
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(session, signal.SIGKILL)
            # The process of a job has a process group of its own.
            for pid in session_pids(session):
                with suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, signal.SIGKILL)
            self._process.wait()
            wait_until(f"{self.name} and its children are gone", lambda: not session_pids(session))

    def kill_parent(self) -> None:
        """Kill the process but not its children."""
        if self.running:
            os.kill(self.pid, signal.SIGKILL)

    def kill_child(self) -> bool:
        """Kill one child of the process, and return True if there was one."""
        for child in child_pids(self.pid):
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
                return True
        return False

    def freeze(self) -> None:
        """Stop the process and its children with SIGSTOP."""
        self._signal_session(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let the process and its children continue after a freeze."""
        self._signal_session(signal.SIGCONT)

    def wait_until_frozen(self) -> None:
        """Wait until the process has stopped itself with SIGSTOP."""
        wait_until(f"{self.name} has stopped itself", lambda: run_state(self.pid) == "T")

    def _signal_session(self, number: signal.Signals) -> None:
        if self.running:
            with suppress(ProcessLookupError):
                os.killpg(self.pid, number)

    def cpu_seconds(self) -> float:
        """Return the CPU time of the process and its children, in seconds of one core."""
        return cpu_seconds(session_pids(self.pid))

    def memory_bytes(self) -> int:
        """Return the memory of the process and its children. What they share counts once."""
        return sum(proportional_bytes(pid) for pid in session_pids(self.pid))

    def written_bytes(self) -> int:
        """Return the bytes that the process and its children have sent to the disk."""
        return sum(written_bytes(pid) for pid in session_pids(self.pid))

    def log_text(self) -> str:
        """Return the output of every start so far."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def log_tail(self) -> str:
        """Return the last ten lines of the output."""
        return "\n".join(self.log_text().splitlines()[-_TAIL_LINES:])


def has_ended(pid: int) -> bool:
    """Wait for the end of a process that is not ours, and return False after the timeout."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([descriptor], [], [], TIMEOUT_SECONDS)[0])
    finally:
        os.close(descriptor)

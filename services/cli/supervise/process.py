"""One managed process: start, output and end."""

import ctypes
import os
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import IO, Final

from services.cli.supervise.console import Console, LineSplitter
from services.cli.supervise.forked_process import Fork, ForkedProcess

_READ_BYTES: Final = 65_536
_MAX_LAST_LINES: Final = 20
_STATUS_NOT_STARTED: Final = 127
_PR_SET_PDEATHSIG: Final = 1

# Loaded here, because nothing may be imported between fork and exec.
_prctl = ctypes.CDLL(None).prctl if sys.platform == "linux" else None


@dataclass(frozen=True)
class ProcessSpec:
    """The description of a process.

    Attributes:
        name: Its name on the console.
        command: The program and its arguments.
        environment: All its environment variables.
        descriptors: Open files that it inherits.
        umask: Permissions that its new files don't get, -1 for the same as ours.
        function: Function that a fork of this process calls instead of the command; None for a
            program of its own. A fork inherits no open files, and has our umask.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    descriptors: tuple[int, ...] = ()
    umask: int = -1
    function: Callable[[], None] | None = None


class ManagedProcess:
    """A process that is started from a spec, also several times, one after the other.

    It has its own session, so that Ctrl-C in a terminal does not reach it.

    Attributes:
        name: Its name on the console.
        starts: Number of its starts.
        exit_status: Status of its last end, negative for a signal; None while it runs.
    """

    def __init__(self, spec: ProcessSpec, console: Console) -> None:
        self.name = spec.name
        self.starts = 0
        self.exit_status: int | None = None
        self._spec = spec
        self._console = console
        self._process: subprocess.Popen[bytes] | ForkedProcess | None = None
        self._splitter = LineSplitter()
        self._last_lines: deque[bytes] = deque(maxlen=_MAX_LAST_LINES)

    @property
    def running(self) -> bool:
        """True from the start until `reap`."""
        return self._process is not None

    @property
    def last_lines(self) -> list[str]:
        """The last lines of output, at most 20."""
        return [line.decode(errors="replace") for line in self._last_lines]

    def start(self) -> IO[bytes] | None:
        """Start the process.

        Returns:
            Its output, or None if it could not be started.
        """
        self._last_lines.clear()
        self.starts += 1
        self.exit_status = None
        try:
            self._process = _start(self._spec)
        except OSError as error:
            self.exit_status = _STATUS_NOT_STARTED
            self._forward([f"can't be started: {error}".encode()])
            return None
        output = self._process.stdout
        if output is not None:
            os.set_blocking(output.fileno(), False)
        return output

    def forward_output(self) -> bool:
        """Write the available output to the console.

        Returns:
            False if the process has closed its output.
        """
        chunk = self._read()
        if chunk:
            self._forward(self._splitter.feed(chunk))
        return chunk != b""

    def has_exited(self) -> bool:
        """Return True if the process has ended and `reap` must be called."""
        return self._process is not None and self._process.poll() is not None

    def reap(self) -> None:
        """Kill the process and its children, write its last lines, and set the exit status."""
        if self._process is None:
            return
        # Also if it has exited: its children could occupy the port of the next one.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        # A fork has its own group of processes a moment later only.
        self._process.kill()
        self.exit_status = self._process.wait()
        while chunk := self._read():
            self._forward(self._splitter.feed(chunk))
        self._forward(self._splitter.finish())
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._process = None

    def terminate(self) -> None:
        """Send SIGTERM to the process."""
        if self._process is not None:
            self._process.terminate()

    def write_line(self, line: str) -> None:
        """Write a line about the process to the console, under its name."""
        self._console.write(self.name, line)

    def _read(self) -> bytes | None:
        """Return the available output: None before it arrives, b"" at its end."""
        if self._process is None or self._process.stdout is None:
            return b""
        try:
            return os.read(self._process.stdout.fileno(), _READ_BYTES)
        except BlockingIOError:
            return None

    def _forward(self, lines: list[bytes]) -> None:
        for line in lines:
            self._last_lines.append(line)
            self._console.write(self.name, line)


def _start(spec: ProcessSpec) -> subprocess.Popen[bytes] | ForkedProcess:
    """Start a process. Raises OSError."""
    prepare = _die_with_parent(os.getpid())
    if spec.function is not None:
        return ForkedProcess(Fork(spec.function, spec.command, spec.environment, prepare))
    return subprocess.Popen(
        spec.command,
        env=spec.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        bufsize=0,
        pass_fds=spec.descriptors,
        start_new_session=True,
        umask=spec.umask,
        preexec_fn=prepare,  # noqa: PLW1509 (no second thread here)
    )


def _die_with_parent(parent: int) -> Callable[[], None]:
    """Return a function for a new child: Linux ends the child with its parent."""

    def prepare() -> None:
        if _prctl is None:
            return
        _prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(_STATUS_NOT_STARTED)

    return prepare

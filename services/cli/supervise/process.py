"""One process that is kept running: its start, what it says, its end."""

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

_PIECE: Final = 65_536
_REMEMBERED: Final = 20
_NOT_STARTED: Final = 127
_PR_SET_PDEATHSIG: Final = 1

# Loaded here, because between fork and exec nothing may be imported.
_prctl = ctypes.CDLL(None).prctl if sys.platform == "linux" else None


@dataclass(frozen=True)
class ProcessSpec:
    """A process to keep. descriptors: files that it inherits and holds open."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    descriptors: tuple[int, ...] = ()


class ManagedProcess:
    """A process made from a spec, in a session of its own: Ctrl-C in a terminal spares it."""

    def __init__(self, spec: ProcessSpec, console: Console) -> None:
        self.name = spec.name
        self.status: int | None = None
        """What it ended with, negative for a signal; None while it runs."""
        self._spec = spec
        self._console = console
        self._process: subprocess.Popen[bytes] | None = None
        self._lines = LineSplitter()
        self._said: deque[bytes] = deque(maxlen=_REMEMBERED)

    @property
    def running(self) -> bool:
        """Whether there is a process now."""
        return self._process is not None

    @property
    def said(self) -> list[str]:
        """The last lines of the process."""
        return [line.decode(errors="replace") for line in self._said]

    def start(self) -> IO[bytes] | None:
        """Start the process; returns its output, or None when it could not be started."""
        self._said.clear()
        self.status = None
        try:
            self._process = subprocess.Popen(
                self._spec.command,
                env=self._spec.environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                bufsize=0,
                pass_fds=self._spec.descriptors,
                start_new_session=True,
                preexec_fn=_ended_with(os.getpid()),  # noqa: PLW1509 (we have no second thread)
            )
        except OSError as error:
            self.status = _NOT_STARTED
            self._say([f"can't be started: {error}".encode()])
            return None
        output = self._process.stdout
        if output is not None:
            os.set_blocking(output.fileno(), False)
        return output

    def listen(self) -> bool:
        """Hand on what the process has said; tells whether it may say more."""
        piece = self._read()
        if piece:
            self._say(self._lines.feed(piece))
        return piece != b""

    def ended(self) -> bool:
        """Whether the process has ended and is to be finished."""
        return self._process is not None and self._process.poll() is not None

    def finish(self) -> None:
        """End what is left of the process, and hand on its last lines."""
        if self._process is None:
            return
        # Also when it ended by itself: its own children would hold its port against the next one.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self.status = self._process.wait()
        while piece := self._read():
            self._say(self._lines.feed(piece))
        self._say(self._lines.end())
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._process = None

    def terminate(self) -> None:
        """Ask the process to end."""
        if self._process is not None:
            self._process.terminate()

    def say(self, line: str) -> None:
        """Write a line in the name of the process."""
        self._console.write(self.name, line)

    def _read(self) -> bytes | None:
        """What the process has said; None when that is nothing yet, b"" when it says no more."""
        if self._process is None or self._process.stdout is None:
            return b""
        try:
            return os.read(self._process.stdout.fileno(), _PIECE)
        except BlockingIOError:
            return None

    def _say(self, lines: list[bytes]) -> None:
        for line in lines:
            self._said.append(line)
            self._console.write(self.name, line)


def _ended_with(parent: int) -> Callable[[], None] | None:
    """What a child does before its exec, so that Linux ends it when we were killed ourselves."""
    if _prctl is None:
        return None

    def prepare() -> None:
        _prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(_NOT_STARTED)

    return prepare

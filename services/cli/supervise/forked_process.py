"""A process that is forked from this one, and so shares the memory of the imported modules.

As programs of their own, our processes need 20 to 40 MiB and up to a second each for their modules.
Only on Linux: the system libraries of macOS may abort in a fork that does not start a program.
This process must not have threads.
"""

import ctypes
import os
import signal
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NoReturn

CAN_FORK: Final = sys.platform == "linux"

_FIRST_OTHER_DESCRIPTOR: Final = 3
_STATUS_FAILED: Final = 1
_ARGUMENTS_START, _ENVIRONMENT_END = 45, 48
"""Positions in /proc/self/stat, counted after the name of the program."""


@dataclass(frozen=True)
class Fork:
    """The work and the surroundings of a forked process.

    Attributes:
        function: The function that it calls. A SystemExit gives its exit status.
        title: Its command line, as `ps` shows it.
        environment: All its environment variables.
        prepare: Function that it calls first.
    """

    function: Callable[[], None]
    title: Sequence[str]
    environment: Mapping[str, str]
    prepare: Callable[[], None]


class ForkedProcess:
    """A running fork, with the methods of `subprocess.Popen` that the supervisor calls.

    It has its own session, and no files of this process but its output.

    Attributes:
        pid: Its id.
        stdout: Its output, also that for errors.
    """

    def __init__(self, fork: Fork) -> None:
        """Start the process.

        Raises:
            OSError: The system can't make another process.
        """
        reading, writing = os.pipe()
        # A signal that our handlers received in the fork would be lost.
        mask = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
        try:
            self.pid = os.fork()
            if self.pid == 0:
                _run(fork, writing, mask)
        except OSError:
            os.close(reading)
            raise
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
            os.close(writing)
        self.stdout = os.fdopen(reading, "rb", 0)
        self._status: int | None = None

    def poll(self) -> int | None:
        """Return the exit status, negative for a signal; None while the process runs."""
        if self._status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self._status = os.waitstatus_to_exitcode(status)
        return self._status

    def wait(self) -> int:
        """Wait for the end of the process, and return its exit status."""
        if self._status is None:
            self._status = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return self._status

    def terminate(self) -> None:
        """Send SIGTERM to the process if it runs."""
        self._send(signal.SIGTERM)

    def kill(self) -> None:
        """Send SIGKILL to the process if it runs."""
        self._send(signal.SIGKILL)

    def _send(self, number: signal.Signals) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)


def _run(fork: Fork, output: int, mask: set[int | signal.Signals]) -> NoReturn:
    """Run a function in the forked process, and end it.

    The stack below belongs to the parent, and so do its exit functions: neither must run here.
    """
    status = _STATUS_FAILED
    try:
        _detach(fork, output)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        fork.function()
        status = 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:  # noqa: BLE001 (the end of a process)
        traceback.print_exc()
    finally:
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError):
                stream.flush()
        os._exit(status)


def _detach(fork: Fork, output: int) -> None:
    """Let the forked process have nothing of its parent but memory."""
    fork.prepare()
    os.setsid()
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.closerange(_FIRST_OTHER_DESCRIPTOR, os.sysconf("SC_OPEN_MAX"))
    signal.set_wakeup_fd(-1)
    for number in signal.valid_signals():
        if callable(signal.getsignal(number)):
            signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.clear()
    os.environ.update(fork.environment)
    _set_title(" ".join(fork.title))
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(line_buffering=True)


def _set_title(title: str) -> None:
    """Replace the command line of this process, as `ps` shows it, and its first environment.

    Linux shows the memory that holds both. Nothing refers to it: the arguments and the variables
    in use are copies.
    """
    with suppress(OSError):
        fields = Path("/proc/self/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        start, end = int(fields[_ARGUMENTS_START]), int(fields[_ENVIRONMENT_END])
        text = title.encode(errors="surrogateescape")[: max(0, end - start - 1)]
        ctypes.memset(start, 0, end - start)
        ctypes.memmove(start, text, len(text))

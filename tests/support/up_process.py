"""A running `stripchart up`, as its operator sees it."""

import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from queue import Empty, Queue
from typing import Self

import pytest

from services.settings import Settings
from tests.support.paths import ROOT
from tests.support.ports import free_port
from tests.support.stack import Stack
from tests.support.waiting import TIMEOUT_SECONDS

needs_linux = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="there is no /proc")


def environment(folder: Path, **more: str) -> dict[str, str]:
    """Return our environment without its settings, and with these variables."""
    names = {name for name, _default, _help in Settings.rows()}
    inherited = {name: value for name, value in os.environ.items() if name not in names}
    settings = {
        "PYTHONPATH": str(ROOT),
        "DATA_DIR": str(folder),
        "PORT": str(free_port()),
        "STRIPCHART_FLUSH_SECONDS": Stack.flush_seconds,
    }
    return inherited | settings | more


class Up:
    """A running `stripchart up` and its output.

    Args:
        variables: All its environment variables.
        command: The arguments of the interpreter.
        python: The interpreter, by default our own.
    """

    def __init__(
        self, variables: dict[str, str], *command: str, python: str = sys.executable
    ) -> None:
        self.lines: list[str] = []
        self._queue: Queue[str | None] = Queue()
        self.process = subprocess.Popen(
            [python, *(command or ("-m", "services.cli", "up"))],
            env=variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._reader = threading.Thread(target=self._read)

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._queue.put(line.rstrip("\n"))
        self._queue.put(None)

    def __enter__(self) -> Self:
        self._reader.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        if self.process.poll() is None:
            self.process.terminate()
        self.process.wait(TIMEOUT_SECONDS)
        self._reader.join(TIMEOUT_SECONDS)
        if self.process.stdout is not None:
            self.process.stdout.close()

    def wait_for_line(self, pattern: str) -> re.Match[str]:
        """Return the match of the next line that matches."""
        for line in self._next_lines():
            match = re.search(pattern, line)
            if match:
                return match
        raise AssertionError(f"no line matches {pattern!r}:\n" + "\n".join(self.lines))

    def wait_for_exit(self) -> int:
        """Read all lines until the end, and return the exit status."""
        for _line in self._next_lines():
            pass
        return self.process.wait(TIMEOUT_SECONDS)

    def _next_lines(self) -> Iterator[str]:
        """Yield the lines from now on, until the end of the output or the timeout."""
        deadline = time.monotonic() + TIMEOUT_SECONDS
        with suppress(Empty):
            while (
                line := self._queue.get(timeout=max(0.0, deadline - time.monotonic()))
            ) is not None:
                self.lines.append(line)
                yield line

    def children(self) -> dict[str, int]:
        """Return the id of each process of `up`, by name."""
        children = {}
        for path in Path("/proc").glob("[0-9]*"):
            try:
                status = (path / "stat").read_text().rpartition(") ")[2].split()
                command = (path / "cmdline").read_text().replace("\0", " ")
            except OSError:
                continue
            if int(status[1]) == self.process.pid and status[0] != "Z":
                module = re.search(r" -P -m services\.(\S+)", command)
                name = module[1] if module else "redis"
                children["redis" if name == "cli.supervise.fake_server" else name] = int(path.name)
        return children

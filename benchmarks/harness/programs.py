"""Programs that a benchmark starts, each in a folder of its own, and what they use up."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final, Self

ROOT: Final = Path(__file__).parents[2]
"""Where our packages can be imported from."""

_READY_SECONDS: Final = 30.0
_STOP_SECONDS: Final = 20.0
_PAUSE_SECONDS: Final = 0.02


def free_port() -> int:
    """A TCP port of loopback that nobody has now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Program:
    """A running program; it writes its log to `name.log` in the folder, and ends with the block.

    environment: what it is told beside our own environment, from which our settings are left out.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str | Path],
        folder: Path,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._log = folder / f"{name}.log"
        ours = {key: value for key, value in os.environ.items() if not key.startswith("STRIPCHART")}
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=ours | dict(environment or {}),
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    @classmethod
    def service(cls, name: str, folder: Path, environment: Mapping[str, str]) -> Self:
        """One of our own processes."""
        return cls(name, [sys.executable, "-m", f"services.{name}"], folder, environment)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def wait_until(self, ready: Callable[[], bool]) -> None:
        """Wait until it is ready. Raises RuntimeError when it ended, or never was."""
        end = time.monotonic() + _READY_SECONDS
        while not ready():
            if self._process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"{self._log.stem} is not ready: {self.text()[-2000:]}")
            time.sleep(_PAUSE_SECONDS)

    def text(self) -> str:
        """What it has logged."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    def memory(self) -> int:
        """The bytes of memory that it and its children hold now."""
        return sum(status(pid, "VmRSS") for pid in self._pids())

    def written(self) -> int:
        """The bytes that it and its children have sent to the disk."""
        return sum(_written(pid) for pid in self._pids())

    def _pids(self) -> list[int]:
        pid = self._process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
        return [pid, *map(int, children.split())]


def status(pid: int | str, field: str) -> int:
    """A size from /proc/PID/status in bytes: `VmRSS` is the memory now, `VmHWM` the most ever."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        name, _, value = line.partition(":")
        if name == field:
            return int(value.split()[0]) * 1024
    raise ValueError(f"no {field} in the status of process {pid}")


def _written(pid: int) -> int:
    for line in Path(f"/proc/{pid}/io").read_text(encoding="ascii").splitlines():
        name, _, value = line.partition(":")
        if name == "write_bytes":
            return int(value)
    raise ValueError(f"no write_bytes of process {pid}")

"""One process of the product that is killed and started again."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from tests.support.servers import PATIENCE, ROOT


class Process:
    """`python -m services.NAME`, or the same through the launcher that lets it kill itself.

    It has its log in a file, and its deaths at failpoints in another one.
    """

    def __init__(self, name: str, folder: Path, environment: dict[str, str]) -> None:
        self.name = name
        folder.mkdir(parents=True, exist_ok=True)
        self._log = folder / f"{name}.log"
        self._deaths = folder / f"{name}.deaths"
        self._environment = {
            key: value for key, value in os.environ.items() if not key.startswith("STRIPCHART")
        } | environment
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, *options: str) -> None:
        """Start the process. options: the launcher's, if it is to be used."""
        module = ["tests.faults.launch", self.name] if options else [f"services.{self.name}"]
        note = ["--note", str(self._deaths)] if options else []
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", *module, *options, *note],
                cwd=ROOT,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """The number of the process."""
        assert self._process is not None
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether the process has not ended."""
        return self._process is not None and self._process.poll() is None

    @property
    def status(self) -> int | None:
        """What it ended with, negative for a signal."""
        return None if self._process is None else self._process.poll()

    def deaths(self) -> list[str]:
        """The failpoints at which it, or a child of it, killed or stopped itself so far."""
        return self._deaths.read_text().split() if self._deaths.exists() else []

    def kill(self) -> None:
        """Kill the process and all its children."""
        if self._process is not None:
            # Also when it has ended: children of it would hold its port against the next one.
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def kill_first(self) -> None:
        """Kill the process alone, as an outsider does who knows nothing of its children."""
        self._signal(signal.SIGKILL)

    def kill_child(self) -> bool:
        """Kill one of its children; tells whether there was one."""
        for child in self._children():
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
                return True
        return False

    def freeze(self) -> None:
        """Stop the process and its children where they stand."""
        self._signal_all(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let them go on."""
        self._signal_all(signal.SIGCONT)

    def wait_frozen(self) -> None:
        """Wait until the process has stopped itself."""
        end = time.monotonic() + PATIENCE
        while self._state() != "T":
            assert time.monotonic() < end, f"{self.name} did not stop: {self.tail()}"
            time.sleep(0.02)

    def wait_dead(self) -> None:
        """Wait until the process has ended."""
        assert self._process is not None
        self._process.wait(PATIENCE)

    def text(self) -> str:
        """What it has logged."""
        return self._log.read_text(errors="replace")

    def tail(self) -> str:
        """The last lines of that."""
        return "\n".join(self.text().splitlines()[-10:])

    def _state(self) -> str:
        return Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[0]

    def _children(self) -> list[int]:
        try:
            return [
                int(n)
                for n in Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
            ]
        except OSError:
            return []

    def _signal(self, number: int) -> None:
        if self.running:
            os.kill(self.pid, number)

    def _signal_all(self, number: int) -> None:
        if self.running:
            with suppress(ProcessLookupError):
                os.killpg(self.pid, number)

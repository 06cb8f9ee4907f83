"""A fork server: starts Stripchart's processes as forks of one that has imported their modules.

A program of its own takes a second of a core to import them. `stripchart up` forks its processes in
the same way. The process that runs the tests can't fork: it has threads, and gevent would not be
patched early enough.
"""

import atexit
import json
import os
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from functools import cache, partial
from importlib import import_module
from pathlib import Path
from typing import Any, Final, Self

from services.cli.supervise.forked_process import Fork, ForkedProcess
from tests.support.paths import ROOT
from tests.support.processes import ManagedProcess

_SERVICES: Final = ("web", "writer", "producer", "jobs")


class ServiceFork:
    """A process that the fork server started, with the methods of `subprocess.Popen` we call."""

    def __init__(self, server: "ForkServer", pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._server = server

    def poll(self) -> int | None:
        """Return the exit status, negative for a signal; None while the process runs."""
        if self.returncode is None:
            self.returncode = self._server.ask({"poll": self.pid})
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end of the process, and return its exit status.

        Raises:
            subprocess.TimeoutExpired: It still runs.
        """
        if self.poll() is None:
            descriptor = os.pidfd_open(self.pid)
            try:
                select.select([descriptor], [], [], timeout)
            finally:
                os.close(descriptor)
        status = self.poll()
        if status is None:
            raise subprocess.TimeoutExpired(str(self.pid), timeout or 0.0)
        return status

    def terminate(self) -> None:
        """Send SIGTERM to the process if it runs."""
        if self.poll() is None:
            os.kill(self.pid, signal.SIGTERM)


class ForkServer:
    """The fork server, as the tests see it. It ends with this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.fork_server"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        atexit.register(self._process.communicate)

    def fork(self, name: str, environment: Mapping[str, str], log: Path) -> ServiceFork:
        """Start a service.

        Args:
            name: The service.
            environment: All its environment variables.
            log: The file to which its output is appended.
        """
        request = {"service": name, "environment": dict(environment), "log": str(log)}
        return ServiceFork(self, self.ask(request))

    def ask(self, request: dict[str, Any]) -> Any:
        """Send a request, and return the answer."""
        requests, answers = self._process.stdin, self._process.stdout
        assert requests is not None
        assert answers is not None
        with self._lock:
            requests.write(json.dumps(request).encode() + b"\n")
            requests.flush()
            return json.loads(answers.readline())


@cache
def fork_server() -> ForkServer:
    """Return the fork server of this process."""
    return ForkServer()


class ForkedService(ManagedProcess):
    """One of Stripchart's own processes, forked by the fork server."""

    def start(self) -> Self:
        """Start the process without waiting until it is ready."""
        # A test may read it before the process has opened it.
        self.log.touch()
        self._process = fork_server().fork(self.name, self._environment, self.log)
        return self


def main() -> None:
    """Answer requests until the end of the input, and then kill the processes that are left."""
    for name in _SERVICES:
        import_module(f"services.{name}.main")
    children: dict[int, ForkedProcess] = {}
    for line in sys.stdin:
        request = json.loads(line)
        if "poll" in request:
            answer = children[request["poll"]].poll()
        else:
            child = _fork(request["service"], request["environment"], request["log"])
            children[child.pid] = child
            answer = child.pid
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()
    for child in children.values():
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGKILL)


def _fork(name: str, environment: Mapping[str, str], log: str) -> ForkedProcess:
    title = [sys.executable, "-m", f"services.{name}"]
    child = ForkedProcess(Fork(partial(_run, name, log), title, environment, lambda: None))
    child.stdout.close()
    return child


def _run(name: str, log: str) -> None:
    with Path(log).open("ab") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    import_module(f"services.{name}.main").main()


if __name__ == "__main__":
    main()

"""Servers and processes that tests start, stop and kill."""

import hashlib
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import cycle
from pathlib import Path
from typing import Any

import redis

PATIENCE = 60.0
"""Seconds that a test waits for something that should happen at once."""

ROOT = Path(__file__).parents[2]

# Below those that systems give to connections: one of these would have a port before our server.
_PORTS = range(12_000, 32_000)
_YARDSTICK = 100_000
_YARDSTICK_SECONDS = 0.03
_YARDSTICK_PAUSE = 0.5


def _ports() -> Iterator[int]:
    """Each worker of pytest-xdist takes its ports from a section of its own, one by one."""
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    section = list(_PORTS)[worker::workers]
    start = random.randrange(len(section))  # noqa: S311 (another session may be running)
    return cycle(section[start:] + section[:start])


_next_ports = _ports()


def free_port() -> int:
    """A TCP port that nobody has now, and that this function does not soon give again."""
    for port in _next_ports:
        with socket.socket() as probe, suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError("there is always another port")


def slowness() -> float:
    """How many times longer than on an idle machine work takes now; at least 1."""
    began = time.monotonic()
    hashlib.pbkdf2_hmac("sha256", b"yardstick", b"", _YARDSTICK)
    return max(1.0, (time.monotonic() - began) / _YARDSTICK_SECONDS)


@contextmanager
def promised(what: str, seconds: float) -> Iterator[None]:
    """Fail when what is done here takes longer, and the machine was not as much slower then."""
    slow = [slowness()]
    over = threading.Event()

    def look() -> None:
        while not over.wait(_YARDSTICK_PAUSE):
            slow.append(slowness())

    looking = threading.Thread(target=look)
    looking.start()
    began = time.monotonic()
    try:
        yield
    finally:
        took = time.monotonic() - began
        over.set()
        looking.join()
    if took > seconds:
        slow.append(slowness())
        assert took <= seconds * max(slow), f"{what}: took {took:.1f} s and not {seconds:.1f}"


def wait_until(what: str, happened: Callable[[], object], patience: float = PATIENCE) -> None:
    """Look again and again until it has happened. For what sends no event of its own."""
    end = time.monotonic() + patience
    while not happened():
        if time.monotonic() > end:
            raise AssertionError(f"waited {patience:.0f} s in vain: {what}")
        time.sleep(0.02)


class RedisServer:
    """A redis-server on a port of its own, which can be killed and started again.

    It writes to the disk before it answers unless an option says otherwise: behind a slow disk it
    would put that off, and lose what it has acknowledged when it is killed.
    """

    def __init__(self, program: str, folder: Path, *options: str) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._command = [
            program, "--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(folder),
            "--save", "", "--appendonly", "yes", "--appendfsync", "always",
            "--logfile", "redis.log", *options,
        ]  # fmt: skip
        # What another tool would have. Redis-py's types fit no decoded answer.
        self.client: Any = redis.Redis(port=self.port, decode_responses=True, protocol=2)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the server and wait until it answers."""
        self._process = subprocess.Popen(self._command)
        wait_until("redis-server answers", self._answers)

    def _answers(self) -> bool:
        try:
            return bool(self.client.ping())
        except redis.exceptions.ConnectionError:
            return False

    def kill(self) -> None:
        """End the server as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
        self.client.close()

    def forget(self) -> None:
        """Delete what the server, which must not run, has kept on disk."""
        for file in self._folder.rglob("*.*"):
            if file.is_file():
                file.unlink()


class Service:
    """One of our processes, with its log in a file."""

    def __init__(self, name: str, folder: Path, environment: dict[str, str]) -> None:
        self.name = name
        self.log = folder / f"{name}.log"
        self._environment = {
            key: value for key, value in os.environ.items() if not key.startswith("STRIPCHART")
        } | environment
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> "Service":
        """Start the process; it is not ready yet."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", f"services.{self.name}"],
                cwd=ROOT,
                env=self._environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        return self

    @property
    def pid(self) -> int:
        """The id of the process."""
        assert self._process is not None
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether the process has not ended."""
        return self._process is not None and self._process.poll() is None

    def cpu_seconds(self) -> float:
        """What the process and its children have used of a core, on Linux."""
        assert self._process is not None
        ticks = 0
        for stat in Path("/proc").glob("[0-9]*/stat"):
            with suppress(OSError):
                fields = stat.read_text().rpartition(")")[2].split()
                if int(fields[3]) == self._process.pid:  # they are a session of their own
                    ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    def terminate(self) -> int:
        """Ask the process to end, as it must within 8 s, and return its exit status."""
        assert self._process is not None
        with promised(f"{self.name} ends", 8.0):
            self._process.terminate()
            return self._process.wait(PATIENCE)

    def wait(self, patience: float = PATIENCE) -> int:
        """Wait for the process to end by itself, and return its exit status."""
        assert self._process is not None
        return self._process.wait(patience)

    def kill(self) -> None:
        """Kill the process and its children."""
        if self._process is not None:
            if self._process.poll() is None:
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def text(self) -> str:
        """What the process has logged."""
        return self.log.read_text(encoding="utf-8", errors="replace")

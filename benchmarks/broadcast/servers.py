"""Servers around one Redis: each sends every message of its channel to all who watch."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, NamedTuple

from benchmarks.broadcast.programs import HERE, compiled, need, node_package, python_package

CHANNEL: Final = "readings"
_ROOT: Final = HERE.parent.parent
_START_SECONDS: Final = 20.0
_STOP_SECONDS: Final = 10.0


class Usage(NamedTuple):
    """What a process has used. cpu: seconds; memory: bytes that are resident."""

    cpu: float
    memory: int


class Server(NamedTuple):
    """A server that runs: where it listens, and the process that does the work.

    path: of its WebSocket; prefix: what stands in its frames before the times of publishing.
    """

    port: int
    pid: int
    path: str
    prefix: str

    def usage(self) -> Usage:
        """What it has used up to now."""
        process = Path("/proc") / str(self.pid)
        fields = (process / "stat").read_text().rpartition(")")[2].split()
        pages = int((process / "statm").read_text().split()[1])
        ticks = int(fields[11]) + int(fields[12])
        return Usage(ticks / os.sysconf("SC_CLK_TCK"), pages * os.sysconf("SC_PAGE_SIZE"))


def free_port() -> int:
    """A port of loopback that nobody has now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait(what: str, there: Callable[[], bool]) -> None:
    end = time.monotonic() + _START_SECONDS
    while not there():
        if time.monotonic() > end:
            raise RuntimeError(f"waited in vain for {what}")
        time.sleep(0.02)


@contextmanager
def _running(
    command: list[str], environment: dict[str, str] | None = None, stdout: int | None = None
) -> Iterator["subprocess.Popen[str]"]:
    process = subprocess.Popen(
        command, cwd=_ROOT, env=os.environ | (environment or {}), text=True, stdout=stdout
    )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.communicate(timeout=_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _open(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


@contextmanager
def redis_server() -> Iterator[int]:
    """A Redis server that keeps nothing on disk; gives its port. Raises MissingError."""
    port = free_port()
    command = [need("redis-server"), "--port", str(port), "--bind", "127.0.0.1", "--save", ""]
    with _running([*command, "--logfile", os.devnull]):
        _wait("redis-server", lambda: _open(port))
        yield port


@contextmanager
def stripchart(redis: int, data: str | None = None, **settings: str) -> Iterator[Server]:
    """Our web service, with or without a folder for its data."""
    port = free_port()

    def answers() -> bool:
        with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/livez") as answer:
            return bool(answer.status)
        return False

    with tempfile.TemporaryDirectory() as folder:
        environment = {
            "REDIS_URL": f"redis://127.0.0.1:{redis}/0",
            "DATA_DIR": data or folder,
            "PORT": str(port),
            "STRIPCHART_VIEWERS": "10000",
            "LOG_LEVEL": "ERROR",
        }
        command = [sys.executable, "-m", "services.web"]
        with _running(command, environment | settings) as process:
            _wait("the web service", answers)
            yield Server(port, _child(process.pid), "/live", ":[[")


def _child(parent: int) -> int:
    """The only child of a process: gunicorn's worker."""
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return int(children[0])


@contextmanager
def _peer(command: list[str], **environment: str) -> Iterator[Server]:
    with _running(command, environment, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        yield Server(int(process.stdout.readline()), process.pid, "/", '"ts":')


@contextmanager
def c_server(redis: int) -> Iterator[Server]:
    """The server in C."""
    with _peer([str(compiled("server")), str(redis), CHANNEL]) as server:
        yield server


@contextmanager
def websockets_server(redis: int) -> Iterator[Server]:
    """The package `websockets`."""
    packages = python_package("websockets")
    command = [sys.executable, str(HERE / "websockets_server.py"), str(redis), CHANNEL]
    with _peer(command, PYTHONPATH=str(packages)) as server:
        yield server


@contextmanager
def ws_server(redis: int) -> Iterator[Server]:
    """The package `ws` of Node."""
    command = [need("node"), str(HERE / "ws_server.mjs"), str(redis), CHANNEL]
    with _peer(command, PEERS=str(node_package("ws"))) as server:
        yield server

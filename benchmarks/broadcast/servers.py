"""Live servers: each sends every message of a Redis channel to all its viewers."""

import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, NamedTuple

from benchmarks.broadcast.dependencies import (
    SOURCE_FOLDER,
    compile_c_program,
    find_program,
    install_node_package,
    install_python_package,
)
from tests.support.ports import free_port
from tests.support.process_stats import child_pids, cpu_seconds, status_bytes
from tests.support.processes import ManagedProcess
from tests.support.redis_server import RedisServer

CHANNEL: Final = "readings"


class ProcessUsage(NamedTuple):
    """The resources that a process has used.

    Attributes:
        cpu_seconds: CPU time since its start.
        memory_bytes: Resident memory.
    """

    cpu_seconds: float
    memory_bytes: int


class LiveServer(NamedTuple):
    """A running server.

    Attributes:
        port: The port that it listens on.
        pid: The process that does the work.
        path: The path of its WebSocket.
        prefix: The text in its frames before the times of publishing.
    """

    port: int
    pid: int
    path: str
    prefix: str

    def usage(self) -> ProcessUsage:
        """Return what its process has used up to now."""
        return ProcessUsage(cpu_seconds([self.pid]), status_bytes(self.pid, "VmRSS"))


@contextmanager
def run_redis() -> Iterator[int]:
    """Run a Redis server that stores nothing on disk. Yields its port.

    Raises:
        MissingDependencyError: No redis-server is installed.
    """
    find_program("redis-server")
    with (
        tempfile.TemporaryDirectory() as folder,
        RedisServer.in_folder(Path(folder), "--appendonly", "no") as server,
    ):
        yield server.port


@contextmanager
def run_stripchart(
    redis_port: int, data: str | None = None, **settings: str
) -> Iterator[LiveServer]:
    """Run Stripchart's web service.

    Args:
        redis_port: The port of Redis.
        data: The folder of the database; an empty folder by default.
        settings: More settings.
    """
    port = free_port()

    def answers() -> bool:
        with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/livez") as answer:
            return bool(answer.status)
        return False

    with tempfile.TemporaryDirectory() as folder:
        environment = {
            "REDIS_URL": f"redis://127.0.0.1:{redis_port}/0",
            "DATA_DIR": data or folder,
            "PORT": str(port),
            "STRIPCHART_VIEWERS": "10000",
            "LOG_LEVEL": "ERROR",
        }
        with ManagedProcess.service("web", Path(folder), environment | settings) as process:
            process.wait_until_ready(answers)
            (worker,) = child_pids(process.pid)
            yield LiveServer(port, worker, "/live", ":[[")


@contextmanager
def _run_peer(command: list[str], **environment: str) -> Iterator[LiveServer]:
    """Run a server that prints its port."""
    with (
        tempfile.TemporaryDirectory() as folder,
        ManagedProcess("peer", command, Path(folder), environment) as process,
    ):
        process.wait_until_ready(lambda: process.log_text().endswith("\n"))
        yield LiveServer(int(process.log_text()), process.pid, "/", '"ts":')


@contextmanager
def run_c_server(redis_port: int) -> Iterator[LiveServer]:
    """Run the server in C."""
    with _run_peer([str(compile_c_program("server")), str(redis_port), CHANNEL]) as server:
        yield server


@contextmanager
def run_websockets_server(redis_port: int) -> Iterator[LiveServer]:
    """Run a server with the package `websockets`."""
    packages = install_python_package("websockets")
    command = [
        sys.executable,
        str(SOURCE_FOLDER / "websockets_server.py"),
        str(redis_port),
        CHANNEL,
    ]
    with _run_peer(command, PYTHONPATH=str(packages)) as server:
        yield server


@contextmanager
def run_ws_server(redis_port: int) -> Iterator[LiveServer]:
    """Run a server with the package `ws` of Node."""
    command = [find_program("node"), str(SOURCE_FOLDER / "ws_server.mjs"), str(redis_port), CHANNEL]
    with _run_peer(command, PEERS=str(install_node_package("ws"))) as server:
        yield server

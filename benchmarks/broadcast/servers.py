"""Servers around one Redis: each sends every message of its channel to all viewers."""

import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, NamedTuple

from benchmarks.broadcast.programs import HERE, compiled, need, node_package, python_package
from tests.support.ports import free_port
from tests.support.process_stats import child_pids, cpu_seconds, status_bytes
from tests.support.processes import ManagedProcess
from tests.support.redis_server import RedisServer

CHANNEL: Final = "readings"


class Usage(NamedTuple):
    """What a process has used: CPU time in seconds, and resident memory in bytes."""

    cpu: float
    memory: int


class Server(NamedTuple):
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

    def usage(self) -> Usage:
        """Return what its process has used up to now."""
        return Usage(cpu_seconds([self.pid]), status_bytes(self.pid, "VmRSS"))


@contextmanager
def redis_server() -> Iterator[int]:
    """Run a Redis server that stores nothing on disk. Yields its port.

    Raises:
        MissingError: No redis-server is installed.
    """
    need("redis-server")
    with (
        tempfile.TemporaryDirectory() as folder,
        RedisServer.in_folder(Path(folder), "--appendonly", "no") as server,
    ):
        yield server.port


@contextmanager
def stripchart(redis: int, data: str | None = None, **settings: str) -> Iterator[Server]:
    """Run Stripchart's web service.

    Args:
        redis: The port of Redis.
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
            "REDIS_URL": f"redis://127.0.0.1:{redis}/0",
            "DATA_DIR": data or folder,
            "PORT": str(port),
            "STRIPCHART_VIEWERS": "10000",
            "LOG_LEVEL": "ERROR",
        }
        with ManagedProcess.service("web", Path(folder), environment | settings) as process:
            process.wait_until_ready(answers)
            (worker,) = child_pids(process.pid)
            yield Server(port, worker, "/live", ":[[")


@contextmanager
def _server_of_peer(command: list[str], **environment: str) -> Iterator[Server]:
    """Run a server that prints its port."""
    with (
        tempfile.TemporaryDirectory() as folder,
        ManagedProcess("peer", command, Path(folder), environment) as process,
    ):
        process.wait_until_ready(lambda: process.log_text().endswith("\n"))
        yield Server(int(process.log_text()), process.pid, "/", '"ts":')


@contextmanager
def c_server(redis: int) -> Iterator[Server]:
    """Run the server in C."""
    with _server_of_peer([str(compiled("server")), str(redis), CHANNEL]) as server:
        yield server


@contextmanager
def websockets_server(redis: int) -> Iterator[Server]:
    """Run a server with the package `websockets`."""
    packages = python_package("websockets")
    command = [sys.executable, str(HERE / "websockets_server.py"), str(redis), CHANNEL]
    with _server_of_peer(command, PYTHONPATH=str(packages)) as server:
        yield server


@contextmanager
def ws_server(redis: int) -> Iterator[Server]:
    """Run a server with the package `ws` of Node."""
    command = [need("node"), str(HERE / "ws_server.mjs"), str(redis), CHANNEL]
    with _server_of_peer(command, PEERS=str(node_package("ws"))) as server:
        yield server

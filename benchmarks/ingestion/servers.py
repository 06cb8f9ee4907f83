"""Stripchart's web service with a Redis, and an InfluxDB, each in a folder of its own."""

import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, NamedTuple

from tests.support.ports import free_port
from tests.support.processes import ManagedProcess
from tests.support.redis_server import RedisServer

_TIMEOUT_SECONDS: Final = 30.0
_JOURNAL_BOUND: Final = str(4 << 30)

_INFLUX_CONFIG: Final = """
reporting-disabled = true
bind-address = "127.0.0.1:{rpc_port}"
[meta]
  dir = "{folder}/meta"
[data]
  dir = "{folder}/data"
  wal-dir = "{folder}/wal"
[http]
  bind-address = "127.0.0.1:{port}"
  log-enabled = false
"""


class IngestServer(NamedTuple):
    """A running server.

    Attributes:
        port: The port that it listens on.
        processes: The processes that it consists of.
    """

    port: int
    processes: tuple[ManagedProcess, ...]

    def cpu_seconds(self) -> float:
        """Return the CPU time of its processes and their children. Linux only."""
        return sum(process.cpu_seconds() for process in self.processes)


@contextmanager
def run_redis() -> Iterator[IngestServer]:
    """Run a Redis with the options that Stripchart recommends."""
    with (
        _temporary_folder() as folder,
        RedisServer.in_folder(folder, "--appendfsync", "everysec") as server,
    ):
        yield IngestServer(server.port, (server.process,))


@contextmanager
def run_stripchart(redis: IngestServer) -> Iterator[IngestServer]:
    """Run the web service with this Redis and a journal that is never full."""
    port = free_port()
    with _temporary_folder() as folder:
        environment = {
            "REDIS_URL": f"redis://127.0.0.1:{redis.port}/0",
            "DATA_DIR": str(folder),
            "PORT": str(port),
            "STRIPCHART_JOURNAL_MAX_BYTES": _JOURNAL_BOUND,
            "STRIPCHART_JOURNAL_MAX_ENTRIES": _JOURNAL_BOUND,
        }
        with ManagedProcess.service("web", folder, environment) as process:
            process.wait_until_ready(lambda: _answers(port))
            yield IngestServer(port, (process, *redis.processes))


@contextmanager
def run_influxdb() -> Iterator[IngestServer]:
    """Run an InfluxDB 1 with its defaults, except that it reports nothing."""
    port = free_port()
    with _temporary_folder() as folder:
        config = folder / "influxdb.conf"
        text = _INFLUX_CONFIG.format(rpc_port=free_port(), folder=folder, port=port)
        config.write_text(text, encoding="utf-8")
        with ManagedProcess("influxd", ["influxd", "-config", config], folder) as process:
            process.wait_until_ready(lambda: _answers(port))
            create = f"http://127.0.0.1:{port}/query?q=CREATE%20DATABASE%20bench"
            urllib.request.urlopen(create, b"", timeout=_TIMEOUT_SECONDS).close()
            yield IngestServer(port, (process,))


@contextmanager
def _temporary_folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def _answers(port: int) -> bool:
    url = f"http://127.0.0.1:{port}/ping"
    with suppress(OSError), urllib.request.urlopen(url, timeout=_TIMEOUT_SECONDS):
        return True
    return False

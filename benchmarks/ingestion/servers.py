"""Stripchart's web service with a Redis, and an InfluxDB, each in a folder of its own."""

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Final, NamedTuple

_START_SECONDS: Final = 30.0
_ROOMY: Final = str(4 << 30)

_INFLUX: Final = """
reporting-disabled = true
bind-address = "127.0.0.1:{rpc}"
[meta]
  dir = "{folder}/meta"
[data]
  dir = "{folder}/data"
  wal-dir = "{folder}/wal"
[http]
  bind-address = "127.0.0.1:{port}"
  log-enabled = false
"""


class Server(NamedTuple):
    """A running server. pids: the processes that it consists of, without their children."""

    port: int
    pids: tuple[int, ...]

    def cpu_seconds(self) -> float:
        """What its processes and their children have used of a core, on Linux."""
        ticks = 0
        for stat in Path("/proc").glob("[0-9]*/stat"):
            with suppress(OSError):
                fields = stat.read_text(encoding="utf-8").rpartition(")")[2].split()
                if {int(stat.parent.name), int(fields[1])} & set(self.pids):
                    ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")


@contextmanager
def redis() -> Iterator[Server]:
    """A Redis as it is set up for Stripchart."""
    port = _free_port()
    with _folder() as folder:
        options = ["--port", str(port), "--save", "", "--appendonly", "yes", "--dir", folder]
        with _process(["redis-server", "--bind", "127.0.0.1", *options]) as pid:
            _wait(port)
            yield Server(port, (pid,))


@contextmanager
def stripchart(redis: Server) -> Iterator[Server]:
    """The web service with this Redis, whose journal is never full."""
    port = _free_port()
    with _folder() as folder:
        environment = {
            "REDIS_URL": f"redis://127.0.0.1:{redis.port}/0",
            "DATA_DIR": folder,
            "PORT": str(port),
            "STRIPCHART_JOURNAL_MAX_BYTES": _ROOMY,
            "STRIPCHART_JOURNAL_MAX_ENTRIES": _ROOMY,
        }
        with _process([sys.executable, "-m", "services.web"], **environment) as pid:
            _wait(port)
            # It listens before it is ready.
            urllib.request.urlopen(f"http://127.0.0.1:{port}/ping", timeout=30).close()
            yield Server(port, (pid, *redis.pids))


@contextmanager
def influxdb() -> Iterator[Server]:
    """An InfluxDB 1 with its defaults, but that it keeps to itself."""
    port = _free_port()
    with ExitStack() as stack:
        folder = stack.enter_context(_folder())
        config = Path(folder) / "influxdb.conf"
        config.write_text(_INFLUX.format(rpc=_free_port(), folder=folder, port=port))
        pid = stack.enter_context(_process(["influxd", "-config", str(config)]))
        _wait(port)
        create = f"http://127.0.0.1:{port}/query?q=CREATE%20DATABASE%20bench"
        urllib.request.urlopen(create, b"", timeout=30).close()
        yield Server(port, (pid,))


@contextmanager
def _folder() -> Iterator[str]:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        yield folder


@contextmanager
def _process(command: list[str], **environment: str) -> Iterator[int]:
    process = subprocess.Popen(
        command,
        env=os.environ | environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process.pid
    finally:
        process.terminate()
        process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait(port: int) -> None:
    end = time.monotonic() + _START_SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)
        else:
            return

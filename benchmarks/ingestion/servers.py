"""Stripchart's web service with a Redis, and an InfluxDB, each in a folder of its own."""

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

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


@contextmanager
def redis() -> Iterator[int]:
    """A Redis as it is set up for Stripchart: its port."""
    port = _free_port()
    with _folder() as folder:
        options = ["--port", str(port), "--save", "", "--appendonly", "yes", "--dir", folder]
        with _process(["redis-server", "--bind", "127.0.0.1", *options]):
            _wait(port)
            yield port


@contextmanager
def stripchart(redis_port: int) -> Iterator[int]:
    """The web service, whose journal is never full: its port."""
    port = _free_port()
    with _folder() as folder:
        environment = {
            "REDIS_URL": f"redis://127.0.0.1:{redis_port}/0",
            "DATA_DIR": folder,
            "PORT": str(port),
            "STRIPCHART_JOURNAL_MAX_BYTES": _ROOMY,
            "STRIPCHART_JOURNAL_MAX_ENTRIES": _ROOMY,
        }
        with _process([sys.executable, "-m", "services.web"], **environment):
            _wait(port)
            yield port


@contextmanager
def influxdb() -> Iterator[int]:
    """An InfluxDB 1 with its defaults, but that it keeps to itself: its port."""
    port = _free_port()
    with ExitStack() as stack:
        folder = stack.enter_context(_folder())
        config = Path(folder) / "influxdb.conf"
        config.write_text(_INFLUX.format(rpc=_free_port(), folder=folder, port=port))
        stack.enter_context(_process(["influxd", "-config", str(config)]))
        _wait(port)
        create = f"http://127.0.0.1:{port}/query?q=CREATE%20DATABASE%20bench"
        urllib.request.urlopen(create, b"", timeout=30).close()
        yield port


@contextmanager
def _folder() -> Iterator[str]:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        yield folder


@contextmanager
def _process(command: list[str], **environment: str) -> Iterator[None]:
    process = subprocess.Popen(
        command,
        env=os.environ | environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield
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

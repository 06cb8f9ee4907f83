"""InfluxDB 1.x, from Debian's package `influxdb`."""

import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from benchmarks.peer_databases.peer_database import (
    BUCKET_SECONDS,
    RANGE_SECONDS,
    encode_line_protocol,
)
from benchmarks.product.http import HttpClient
from services.reading import Reading
from tests.support.ports import free_port
from tests.support.processes import ManagedProcess


class InfluxDatabase:
    """A running InfluxDB. By default it syncs every write before it responds."""

    def __init__(self, process: ManagedProcess, http: HttpClient) -> None:
        self._process = process
        self.http = http

    def write(self, readings: Sequence[Reading]) -> None:
        """Write readings in one request. They are stored when the response arrives."""
        self.http.request("POST", "/write?db=bench&precision=u", encode_line_protocol(readings))

    def flush(self) -> None:
        """Return at once: every write is stored already."""

    def store(self, readings: Sequence[Reading]) -> None:
        """Write readings, which stores them."""
        self.write(readings)

    def query(self, series: str, start: int, title: str) -> int:
        """Query minimum, maximum, mean and count of each bucket."""
        where = f"time >= {start}s AND time < {start + RANGE_SECONDS[title]}s"
        group = f"GROUP BY time({BUCKET_SECONDS[title]}s) fill(none)"
        rows = self._select(
            "SELECT min(value), max(value), mean(value), count(value) FROM readings"
            f" WHERE \"series\" = '{series}' AND {where} {group}"
        )
        return len(rows)

    def has(self, reading: Reading) -> bool:
        """Return True if the series has the reading's value."""
        rows = self._select(f"SELECT value FROM readings WHERE \"series\" = '{reading.series}'")
        return [row[1] for row in rows] == [reading.value]

    def memory_bytes(self) -> int:
        """Return the resident memory of its only process."""
        return self._process.memory_bytes()

    def _select(self, query: str) -> list[list[Any]]:
        path = f"/query?{urlencode({'db': 'bench', 'epoch': 'u', 'q': query})}"
        (result,) = json.loads(self.http.request("GET", path))["results"]
        return [row for series in result.get("series", []) for row in series["values"]]


@contextmanager
def run_influxdb(folder: Path) -> Iterator[InfluxDatabase]:
    """Run an InfluxDB for the duration of a `with` block.

    Raises:
        RuntimeError: InfluxDB is not installed.
    """
    program = shutil.which("influxd")
    if program is None:
        raise RuntimeError("influxd is not installed (Debian's package influxdb)")
    port = free_port()
    environment = {
        "INFLUXDB_REPORTING_DISABLED": "true",
        "INFLUXDB_BIND_ADDRESS": f"127.0.0.1:{free_port()}",
        "INFLUXDB_HTTP_BIND_ADDRESS": f"127.0.0.1:{port}",
        "INFLUXDB_HTTP_LOG_ENABLED": "false",
        "INFLUXDB_META_DIR": str(folder / "meta"),
        "INFLUXDB_DATA_DIR": str(folder / "data"),
        "INFLUXDB_DATA_WAL_DIR": str(folder / "wal"),
    }
    command = [program, "run", "-config", "/dev/null"]
    with ManagedProcess("influxd", command, folder, environment) as process:
        http = HttpClient(port)
        process.wait_until_ready(lambda: http.answers("/ping"))
        http.request("POST", f"/query?{urlencode({'q': 'CREATE DATABASE bench'})}")
        yield InfluxDatabase(process, http)
        http.close()

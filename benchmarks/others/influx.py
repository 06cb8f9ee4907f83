"""InfluxDB 1.x: Debian's package `influxdb`."""

import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from benchmarks.others.peer import BUCKETS, RANGES, line_protocol
from benchmarks.product.http import HttpClient
from services.reading import Reading
from tests.support.ports import free_port
from tests.support.processes import ManagedProcess


class Influx:
    """A running InfluxDB. Its own defaults: every write is synced before it is answered."""

    def __init__(self, process: ManagedProcess, http: HttpClient) -> None:
        self._process = process
        self.http = http

    def write(self, readings: Sequence[Reading]) -> None:
        """One request; it is stored when it is answered."""
        self.http.request("POST", "/write?db=bench&precision=u", line_protocol(readings))

    def settle(self) -> None:
        """There is nothing to wait for."""

    def store(self, readings: Sequence[Reading]) -> None:
        """The same as a write."""
        self.write(readings)

    def ask(self, series: str, start: int, title: str) -> int:
        """Minimum, maximum, mean and count of each bucket."""
        during = f"time >= {start}s AND time < {start + RANGES[title]}s"
        group = f"GROUP BY time({BUCKETS[title]}s) fill(none)"
        rows = self._query(
            "SELECT min(value), max(value), mean(value), count(value) FROM readings"
            f" WHERE \"series\" = '{series}' AND {during} {group}"
        )
        return len(rows)

    def sees(self, reading: Reading) -> bool:
        """Ask for the newest value."""
        rows = self._query(f"SELECT value FROM readings WHERE \"series\" = '{reading.series}'")
        return [row[1] for row in rows] == [reading.value]

    def memory(self) -> int:
        """Of its only process."""
        return self._process.memory_bytes()

    def _query(self, query: str) -> list[list[Any]]:
        path = f"/query?{urlencode({'db': 'bench', 'epoch': 'u', 'q': query})}"
        (result,) = json.loads(self.http.request("GET", path))["results"]
        return [row for series in result.get("series", []) for row in series["values"]]


@contextmanager
def influx(folder: Path) -> Iterator[Influx]:
    """An InfluxDB that ends with the block. Raises RuntimeError where it is not installed."""
    found = shutil.which("influxd")
    if found is None:
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
    command = [found, "run", "-config", "/dev/null"]
    with ManagedProcess("influxd", command, folder, environment) as process:
        http = HttpClient(port)
        process.wait_until_ready(lambda: http.answers("/ping"))
        http.request("POST", f"/query?{urlencode({'q': 'CREATE DATABASE bench'})}")
        yield Influx(process, http)
        http.close()

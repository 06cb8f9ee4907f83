"""VictoriaMetrics as a single node, from Debian's package `victoria-metrics`."""

import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
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


class VictoriaMetricsDatabase:
    """A running VictoriaMetrics. By default it keeps acknowledged writes in memory for a second."""

    def __init__(self, process: ManagedProcess, http: HttpClient) -> None:
        self._process = process
        self.http = http

    def write(self, readings: Sequence[Reading]) -> None:
        """Write readings in one request, in InfluxDB's protocol."""
        self.http.request("POST", "/write?precision=u", encode_line_protocol(readings))

    def flush(self) -> None:
        """Return at once: it does not report when a write is on disk."""

    def store(self, readings: Sequence[Reading]) -> None:
        """Write readings, and treat the response as stored."""
        self.write(readings)

    def query(self, series: str, start: int, title: str) -> int:
        """Query minimum, maximum and mean of each bucket, without its cache of responses."""
        step = BUCKET_SECONDS[title]
        query = {
            "query": f'rollup(readings_value{{series="{series}"}}[{step}s])',
            "start": start + step,
            "end": start + RANGE_SECONDS[title],
            "step": f"{step}s",
            "nocache": 1,
        }
        response = self.http.request("GET", f"/api/v1/query_range?{urlencode(query)}")
        result = json.loads(response)["data"]["result"]
        return len(result[0]["values"]) if result else 0

    def has(self, reading: Reading) -> bool:
        """Return True if the export has the reading. A query omits the last 30 s by default."""
        match = f'readings_value{{series="{reading.series}"}}'
        response = self.http.request("GET", f"/api/v1/export?{urlencode({'match[]': match})}")
        return bool(response) and json.loads(response)["values"] == [reading.value]

    def memory_bytes(self) -> int:
        """Return the resident memory of its only process."""
        return self._process.memory_bytes()


@contextmanager
def run_victoria_metrics(folder: Path) -> Iterator[VictoriaMetricsDatabase]:
    """Run a VictoriaMetrics for the duration of a `with` block.

    Raises:
        RuntimeError: VictoriaMetrics is not installed.
    """
    program = shutil.which("victoria-metrics")
    if program is None:
        raise RuntimeError("victoria-metrics is not installed (Debian's package of that name)")
    port = free_port()
    command = [program, f"-storageDataPath={folder}", f"-httpListenAddr=127.0.0.1:{port}"]
    with ManagedProcess("victoria-metrics", command, folder) as process:
        http = HttpClient(port)
        process.wait_until_ready(lambda: http.answers("/health"))
        yield VictoriaMetricsDatabase(process, http)
        http.close()

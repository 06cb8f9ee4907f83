"""VictoriaMetrics, the single node: Debian's package `victoria-metrics`."""

import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

from benchmarks.others.peer import BUCKETS, RANGES, line_protocol
from benchmarks.product.http import HttpClient
from services.reading import Reading
from tests.support.ports import free_port
from tests.support.processes import ManagedProcess


class Victoria:
    """A running VictoriaMetrics. Its own defaults: what it answered is in memory for a second."""

    def __init__(self, process: ManagedProcess, http: HttpClient) -> None:
        self._process = process
        self.http = http

    def write(self, readings: Sequence[Reading]) -> None:
        """One request in InfluxDB's protocol, which it takes too."""
        self.http.request("POST", "/write?precision=u", line_protocol(readings))

    def settle(self) -> None:
        """It does not say when something is on disk; its answer is all there is."""

    def store(self, readings: Sequence[Reading]) -> None:
        """The same as a write."""
        self.write(readings)

    def ask(self, series: str, start: int, title: str) -> int:
        """Minimum, maximum and mean of each bucket, past its cache of answers."""
        step = BUCKETS[title]
        query = {
            "query": f'rollup(readings_value{{series="{series}"}}[{step}s])',
            "start": start + step,
            "end": start + RANGES[title],
            "step": f"{step}s",
            "nocache": 1,
        }
        answer = self.http.request("GET", f"/api/v1/query_range?{urlencode(query)}")
        found = json.loads(answer)["data"]["result"]
        return len(found[0]["values"]) if found else 0

    def sees(self, reading: Reading) -> bool:
        """Its export has no delay; a question leaves out the last 30 s by default."""
        match = f'readings_value{{series="{reading.series}"}}'
        answer = self.http.request("GET", f"/api/v1/export?{urlencode({'match[]': match})}")
        return bool(answer) and json.loads(answer)["values"] == [reading.value]

    def memory(self) -> int:
        """Of its only process."""
        return self._process.memory_bytes()


@contextmanager
def victoria(folder: Path) -> Iterator[Victoria]:
    """A VictoriaMetrics that ends with the block. Raises RuntimeError where it is not installed."""
    found = shutil.which("victoria-metrics")
    if found is None:
        raise RuntimeError("victoria-metrics is not installed (Debian's package of that name)")
    port = free_port()
    command = [found, f"-storageDataPath={folder}", f"-httpListenAddr=127.0.0.1:{port}"]
    with ManagedProcess("victoria-metrics", command, folder) as process:
        http = HttpClient(port)
        process.wait_until_ready(lambda: http.answers("/health"))
        yield Victoria(process, http)
        http.close()

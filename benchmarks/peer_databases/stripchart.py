"""Stripchart: Redis, the writer and the web service."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmarks.peer_databases.peer_database import RANGE_SECONDS
from benchmarks.product.stack import BenchmarkStack, running_stack
from services.broker import Message
from services.formats.json import encode_message
from services.reading import Reading, ts_to_seconds


class StripchartDatabase:
    """A running Stripchart."""

    def __init__(self, stack: BenchmarkStack) -> None:
        self._stack = stack
        self.http = stack.http

    def write(self, readings: Sequence[Reading]) -> None:
        """Write readings in one request. The journal has them when the response arrives."""
        self.http.request("POST", "/api/readings", encode_message(readings))

    def flush(self) -> None:
        """Wait until the database has everything in the journal."""
        self._stack.wait_until_committed()

    def store(self, readings: Sequence[Reading]) -> None:
        """Publish readings to the journal, and wait until the database has them."""
        self._stack.journal.publish(Message.of(readings))
        self._stack.wait_until_committed()

    def query(self, series: str, start: int, title: str) -> int:
        """Query the history, with the default number of points."""
        query = {"series": series, "from": start, "to": start + RANGE_SECONDS[title]}
        return len(self._stack.history(**query)["series"][series]["t"])

    def has(self, reading: Reading) -> bool:
        """Return True if the history of the last seconds has the reading."""
        start = ts_to_seconds(reading.ts) - 10
        query = {"series": reading.series, "from": start}
        columns = self._stack.history(**query)["series"].get(reading.series, {"value": []})
        return bool(columns["value"] == [reading.value])

    def memory_bytes(self) -> int:
        """Return the resident memory of its processes and their children."""
        return self._stack.memory_bytes()


@contextmanager
def run_stripchart(folder: Path) -> Iterator[StripchartDatabase]:
    """Run a Stripchart for the duration of a `with` block."""
    with running_stack(folder) as stack:
        yield StripchartDatabase(stack)

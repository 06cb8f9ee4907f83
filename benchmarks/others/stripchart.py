"""Ours: Redis, the writer and the web service."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmarks.others.peer import RANGES
from benchmarks.product.stack import BenchmarkStack, running_stack
from services.broker import Message
from services.formats.json import encode_message
from services.reading import Reading, ts_to_seconds


class Stripchart:
    """A running Stripchart."""

    def __init__(self, running: BenchmarkStack) -> None:
        self._running = running
        self.http = running.http

    def write(self, readings: Sequence[Reading]) -> None:
        """One request; when it is answered the journal has it."""
        self.http.request("POST", "/api/readings", encode_message(readings))

    def settle(self) -> None:
        """Wait until the database has it."""
        self._running.wait_until_committed()

    def store(self, readings: Sequence[Reading]) -> None:
        """Publish by the script, and wait until the database has it."""
        self._running.journal.publish(Message.of(readings))
        self._running.wait_until_committed()

    def ask(self, series: str, start: int, title: str) -> int:
        """The history, with as many points as it gives by default."""
        query = {"series": series, "from": start, "to": start + RANGES[title]}
        return len(self._running.history(**query)["series"][series]["t"])

    def sees(self, reading: Reading) -> bool:
        """Ask for the last seconds."""
        start = ts_to_seconds(reading.ts) - 10
        query = {"series": reading.series, "from": start}
        found = self._running.history(**query)["series"].get(reading.series, {"value": []})
        return bool(found["value"] == [reading.value])

    def memory(self) -> int:
        """Of its three processes and their children."""
        return self._running.memory_bytes()


@contextmanager
def stripchart(folder: Path) -> Iterator[Stripchart]:
    """A Stripchart that ends with the block."""
    with running_stack(folder) as running:
        yield Stripchart(running)

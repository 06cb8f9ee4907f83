"""What the benchmark asks of every program."""

from collections.abc import Sequence
from typing import Final, Protocol

from benchmarks.product.http import HttpClient
from services.reading import Reading

BUCKETS: Final = {"1 h": 5, "1 d": 120, "7 d": 900, "30 d": 3_600}
"""Ranges, and the seconds of a bucket that gives some hundred buckets of each."""

RANGES: Final = {"1 h": 3_600, "1 d": 86_400, "7 d": 7 * 86_400, "30 d": 30 * 86_400}
"""The seconds of each range."""


class Peer(Protocol):
    """A running program."""

    http: HttpClient

    def write(self, readings: Sequence[Reading]) -> None:
        """Write these in one HTTP request, and wait for the answer."""

    def settle(self) -> None:
        """Wait until everything that was written is stored as safely as it will be."""

    def store(self, readings: Sequence[Reading]) -> None:
        """Write these in the fastest way, and wait until they are stored."""

    def ask(self, series: str, start: int, title: str) -> int:
        """Ask for buckets of one of the ranges, from a time in seconds; returns how many."""

    def sees(self, reading: Reading) -> bool:
        """Whether a question is answered with this reading, the only one of its series."""

    def memory(self) -> int:
        """The bytes of memory that it holds."""


def line_protocol(readings: Sequence[Reading]) -> bytes:
    """The readings as InfluxDB's lines, with times in microseconds. Names need no escapes."""
    return "\n".join(
        f"readings,series={r.series} value={r.value} {r.ts}" for r in readings
    ).encode()

"""The interface through which the benchmark measures every database."""

from collections.abc import Sequence
from typing import Final, Protocol

from benchmarks.product.http import HttpClient
from services.reading import Reading

RANGE_SECONDS: Final = {"1 h": 3_600, "1 d": 86_400, "7 d": 7 * 86_400, "30 d": 30 * 86_400}
"""Length of each queried range."""

BUCKET_SECONDS: Final = {"1 h": 5, "1 d": 120, "7 d": 900, "30 d": 3_600}
"""Length of a bucket in each range, which gives some hundred buckets."""


class PeerDatabase(Protocol):
    """A running database.

    Attributes:
        http: A client of its HTTP server.
    """

    http: HttpClient

    def write(self, readings: Sequence[Reading]) -> None:
        """Write readings in one HTTP request, and wait for the response."""

    def flush(self) -> None:
        """Wait until all writes are stored as safely as the database ever stores them."""

    def store(self, readings: Sequence[Reading]) -> None:
        """Write readings in the fastest way, and wait until they are stored."""

    def query(self, series: str, start: int, title: str) -> int:
        """Query the buckets of a range, and return their number.

        Args:
            series: Name of the series.
            start: Start of the range, in seconds since 1970-01-01 UTC.
            title: One of RANGE_SECONDS.
        """

    def has(self, reading: Reading) -> bool:
        """Return True if a query returns this reading, the only one of its series."""

    def memory_bytes(self) -> int:
        """Return the resident memory of all its processes."""


def encode_line_protocol(readings: Sequence[Reading]) -> bytes:
    """Encode readings as line protocol, with times in microseconds. Names must need no escapes."""
    return "\n".join(
        f"readings,series={r.series} value={r.value} {r.ts}" for r in readings
    ).encode()

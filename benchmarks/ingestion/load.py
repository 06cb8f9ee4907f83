"""Client that writes over a few connections at once, each as fast as the server responds."""

import socket
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

_NO_CONTENT = b" 204 "


class WriteStats(NamedTuple):
    """Result of a load.

    Attributes:
        request_count: Number of requests.
        seconds: Duration of the load.
        p99_seconds: Time within which 99 of 100 requests were answered.
    """

    request_count: int
    seconds: float
    p99_seconds: float


def write_batches(
    port: int, batches: Sequence[bytes], connections: int, seconds: float
) -> WriteStats:
    """Write batches in turn, as fast as the server responds.

    Args:
        port: Port of the server.
        batches: Bodies of the requests.
        connections: Number of connections that write at the same time.
        seconds: Duration.

    Raises:
        RuntimeError: The server refused a request.
    """
    requests = [
        b"POST /write?db=bench HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n%b"
        % (len(batch), batch)
        for batch in batches
    ]
    end = time.monotonic() + seconds
    begin = time.perf_counter()
    with ThreadPoolExecutor(connections) as pool:
        rotated = (requests[i:] + requests[:i] for i in range(connections))
        futures = [pool.submit(_write, port, part, end) for part in rotated]
        durations = [duration for future in futures for duration in future.result()]
    return WriteStats(len(durations), time.perf_counter() - begin, percentile_99(durations))


def percentile_99(durations: Sequence[float]) -> float:
    """Return the 99th percentile of durations."""
    return sorted(durations)[len(durations) * 99 // 100]


def _write(port: int, requests: list[bytes], end: float) -> list[float]:
    durations: list[float] = []
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while not durations or time.monotonic() < end:
            begin = time.perf_counter()
            connection.sendall(requests[len(durations) % len(requests)])
            response = connection.recv(65_536)
            durations.append(time.perf_counter() - begin)
            if _NO_CONTENT not in response[:20]:
                raise RuntimeError(f"a request was refused: {response[:400]!r}")
    return durations

"""A client that writes over a few connections at once, each as fast as it is answered."""

import socket
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

_TAKEN = b" 204 "


class Answered(NamedTuple):
    """What a load came to. slow: the time that one request in a hundred took longer than."""

    requests: int
    seconds: float
    slow: float


def write(port: int, batches: Sequence[bytes], connections: int, seconds: float) -> Answered:
    """Write these batches in turn for a while. Raises RuntimeError for one that is not taken."""
    requests = [
        b"POST /write?db=bench HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n%b"
        % (len(batch), batch)
        for batch in batches
    ]
    end = time.monotonic() + seconds
    begun = time.perf_counter()
    with ThreadPoolExecutor(connections) as pool:
        turned = (requests[i:] + requests[:i] for i in range(connections))
        parts = [pool.submit(_write, port, turn, end) for turn in turned]
        took = [second for part in parts for second in part.result()]
    return Answered(len(took), time.perf_counter() - begun, slowest(took))


def slowest(took: Sequence[float]) -> float:
    """The time that one in a hundred took longer than."""
    return sorted(took)[len(took) * 99 // 100]


def _write(port: int, requests: list[bytes], end: float) -> list[float]:
    took: list[float] = []
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while not took or time.monotonic() < end:
            begun = time.perf_counter()
            connection.sendall(requests[len(took) % len(requests)])
            answer = connection.recv(65_536)
            took.append(time.perf_counter() - begun)
            if _TAKEN not in answer[:20]:
                raise RuntimeError(f"not taken: {answer[:400]!r}")
    return took

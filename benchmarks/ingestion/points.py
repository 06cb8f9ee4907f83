"""Made-up points in line protocol: twenty hosts, one field, a time of each point's own."""

import random
import time
from typing import Final

_HOSTS: Final = 20
_AGE: Final = 3_600 * 10**9


def lines(size: int, batches: int = 1) -> list[bytes]:
    """So many batches of so many points; the times are in the last hour, in nanoseconds."""
    start = time.time_ns() - _AGE
    return [
        b"\n".join(_line(start + (batch * size + i) * 1_000) for i in range(size))
        for batch in range(batches)
    ]


def _line(stamp: int) -> bytes:
    host, value = random.randrange(_HOSTS), random.random() * 100
    return f"cpu,host=server{host:02d},region=eu-west usage_user={value:.4f} {stamp}".encode()

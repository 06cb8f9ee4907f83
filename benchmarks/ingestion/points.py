"""Synthetic points in line protocol: twenty hosts, one field, a different time for each point."""

import random
import time
from typing import Final

_HOST_COUNT: Final = 20
_AGE_NANOSECONDS: Final = 3_600 * 10**9


def generate_lines(point_count: int, batch_count: int = 1) -> list[bytes]:
    """Return batches of `point_count` lines. Their times are in the last hour, in nanoseconds."""
    start = time.time_ns() - _AGE_NANOSECONDS
    return [
        b"\n".join(_line(start + (batch * point_count + i) * 1_000) for i in range(point_count))
        for batch in range(batch_count)
    ]


def _line(timestamp: int) -> bytes:
    host, value = random.randrange(_HOST_COUNT), random.random() * 100
    return f"cpu,host=server{host:02d},region=eu-west usage_user={value:.4f} {timestamp}".encode()

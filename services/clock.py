"""The wall clock, for what is stored and shown. Whatever waits uses the monotonic clock."""

import time


def microseconds() -> int:
    """Microseconds since 1970-01-01 UTC."""
    return time.time_ns() // 1000

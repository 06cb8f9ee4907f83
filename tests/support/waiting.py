"""Waiting for conditions, and time limits that allow for a slow machine."""

import hashlib
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

TIMEOUT_SECONDS: Final = 60.0
"""Longest wait of a test for something that normally happens at once."""

_POLL_SECONDS = 0.02
_CALIBRATION_ITERATIONS = 100_000
_CALIBRATION_SECONDS = 0.03
_SAMPLE_INTERVAL_SECONDS = 0.5


def wait_until(
    description: str,
    condition: Callable[[], object],
    timeout_seconds: float = TIMEOUT_SECONDS,
    poll_seconds: float = _POLL_SECONDS,
) -> None:
    """Poll a condition until it is true. For everything that sends no event.

    Raises:
        AssertionError: The condition was still false after the timeout.
    """
    end = time.monotonic() + timeout_seconds
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"not true after {timeout_seconds:.0f} s: {description}")
        time.sleep(poll_seconds)


@contextmanager
def time_limit(description: str, seconds: float) -> Iterator[None]:
    """Fail if the block takes longer than this, scaled by how slow the machine was meanwhile.

    Raises:
        AssertionError: The block took longer than the scaled limit.
    """
    factors = [_slowdown_factor()]
    finished = threading.Event()

    def sample() -> None:
        while not finished.wait(_SAMPLE_INTERVAL_SECONDS):
            factors.append(_slowdown_factor())

    sampler = threading.Thread(target=sample)
    sampler.start()
    start = time.monotonic()
    try:
        yield
    finally:
        elapsed = time.monotonic() - start
        finished.set()
        sampler.join()
    if elapsed > seconds:
        factors.append(_slowdown_factor())
        limit = seconds * max(factors)
        assert elapsed <= limit, f"{description}: took {elapsed:.1f} s, limit {seconds:.1f} s"


def _slowdown_factor() -> float:
    """Return the duration of a fixed computation relative to an idle machine; at least 1."""
    start = time.monotonic()
    hashlib.pbkdf2_hmac("sha256", b"calibration", b"", _CALIBRATION_ITERATIONS)
    return max(1.0, (time.monotonic() - start) / _CALIBRATION_SECONDS)

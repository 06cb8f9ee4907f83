"""A lock for starts of `stripchart up` and `stripchart demo` in tests that run at the same time."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

import pytest


@contextmanager
def up_lock(folders: pytest.TempPathFactory) -> Iterator[None]:
    """Hold the lock: two starts at a time would both find Redis's port 6379 free.

    Args:
        folders: The factory of the session, whose workers share the lock.
    """
    with (folders.getbasetemp().parent / "up.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield

"""Free TCP ports, also for tests that run at the same time."""

import os
import random
import socket
from collections.abc import Iterator
from contextlib import suppress
from itertools import cycle

# Below the range from which systems take the ports of outgoing connections. In that range, a
# connection could take the port before our server does.
_PORTS = range(12_000, 32_000)


def _candidates() -> Iterator[int]:
    """Yield ports of this worker's own section, so that workers of pytest-xdist don't collide."""
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    section = list(_PORTS)[worker::workers]
    start = random.randrange(len(section))  # noqa: S311 (another session may be running)
    return cycle(section[start:] + section[:start])


_next_candidates = _candidates()


def free_port() -> int:
    """Return a TCP port of loopback that is free, and that is not returned again soon."""
    for port in _next_candidates:
        with socket.socket() as probe, suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError("the candidates never end")

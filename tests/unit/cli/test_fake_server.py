"""The stand-in for Redis has one database for all clients."""

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import fakeredis
import pytest

from services.cli.supervise.fake_server import new_fake_server

CLIENTS = 8
ROUNDS = 50


@pytest.fixture
def _frequent_thread_switches() -> Iterator[None]:
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


@pytest.mark.usefixtures("_frequent_thread_switches")
def test_threads_that_connect_at_once_share_the_database() -> None:
    barrier = Barrier(CLIENTS)

    def increment(server: fakeredis.FakeServer) -> None:
        client = fakeredis.FakeRedis(server=server)
        barrier.wait()
        client.incr("connected")

    with ThreadPoolExecutor(CLIENTS) as executor:
        # Threads seldom meet in the moment that matters, so there are many rounds.
        for _ in range(ROUNDS):
            server = new_fake_server()
            list(executor.map(increment, [server] * CLIENTS))
            assert fakeredis.FakeRedis(server=server).get("connected") == b"%d" % CLIENTS

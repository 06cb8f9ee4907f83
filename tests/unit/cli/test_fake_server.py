"""The stand-in for Redis holds one database, however its clients connect."""

import sys
from collections.abc import Iterator
from threading import Barrier, Thread

import pytest
import redis

from services.cli.supervise.fake_server import FakeRedisServer

CLIENTS = 20


@pytest.fixture
def port() -> Iterator[int]:
    with FakeRedisServer(0) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


@pytest.fixture
def _frequent_thread_switches() -> Iterator[None]:
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


@pytest.mark.usefixtures("_frequent_thread_switches")
def test_clients_that_connect_at_once_see_the_same_data(port: int) -> None:
    barrier = Barrier(CLIENTS)

    def increment() -> None:
        with redis.Redis(port=port, protocol=2) as client:
            barrier.wait()
            client.incr("connected")

    threads = [Thread(target=increment) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with redis.Redis(port=port, protocol=2) as client:
        assert client.get("connected") == str(CLIENTS).encode()

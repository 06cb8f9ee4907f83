"""Fixtures for tests of jobs: a queue on a Redis in memory."""

from collections.abc import Iterator

import fakeredis
import pytest

from services.broker import Broker
from services.cli.supervise.fake_server import new_fake_server
from services.jobs.queue import JobQueue
from services.settings import Settings


@pytest.fixture
def client() -> Iterator[fakeredis.FakeRedis]:
    client = fakeredis.FakeRedis(server=new_fake_server())
    yield client
    client.close()


@pytest.fixture
def broker(client: fakeredis.FakeRedis) -> Broker:
    return Broker(client, Settings.from_environ({}))


@pytest.fixture
def queue(broker: Broker) -> JobQueue:
    return JobQueue(broker)

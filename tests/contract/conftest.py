"""Fixtures that run each test with a fake Redis and with a real one."""

from collections.abc import Iterator
from dataclasses import replace

import fakeredis
import pytest

from services.broker import Broker, Journal, Lease, Subscription
from services.cli.supervise.fake_server import new_fake_server
from services.settings import Settings
from services.writer.lease_holder import LeaseHolder
from tests.support.channel_bridges import StartBridge, running_bridges
from tests.support.journals import has_listeners
from tests.support.programs import find_program
from tests.support.recordings import Recording, WaitingRecording
from tests.support.redis_server import RedisServer
from tests.support.waiting import wait_until


@pytest.fixture(scope="session")
def shared_redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """A real Redis server without a file, shared by all tests that don't harm it."""
    with RedisServer.in_folder(tmp_path_factory.mktemp("redis"), "--appendonly", "no") as server:
        yield server


FAKE_MARKS = [pytest.mark.long] if find_program("redis") else []
"""`make test` runs each test with one Redis, the real one if there is one."""


@pytest.fixture(
    params=[
        pytest.param("fakeredis", marks=FAKE_MARKS),
        pytest.param("redis", marks=pytest.mark.redis),
    ]
)
def broker(request: pytest.FixtureRequest, settings: Settings) -> Iterator[Broker]:
    """An empty Redis: the fake one, then a real one."""
    if request.param == "fakeredis":
        client = fakeredis.FakeRedis(server=new_fake_server())
        broker = Broker(client, settings)
    else:
        server: RedisServer = request.getfixturevalue("shared_redis")
        server.client.flushall()
        broker = Broker.connect(replace(settings, redis_url=server.url))
    yield broker
    broker.close()


@pytest.fixture
def own_broker(redis_server: RedisServer, settings: Settings) -> Iterator[Broker]:
    """A connection to a server of the test's own, which it may configure."""
    broker = Broker.connect(replace(settings, redis_url=redis_server.url))
    yield broker
    broker.close()


@pytest.fixture
def journal(broker: Broker) -> Journal:
    """The journal in that Redis."""
    return Journal(broker)


@pytest.fixture
def channel(broker: Broker) -> Iterator[Subscription]:
    """A confirmed subscription to the channel."""
    subscription = Subscription(broker, [broker.keys.channel])
    assert subscription.get(5.0) is not None
    yield subscription
    subscription.close()


@pytest.fixture
def recording(broker: Broker) -> Iterator[Recording]:
    """A database, and a writer that moves the journal into the database."""
    recording = Recording(broker)
    yield recording
    recording.close()


@pytest.fixture(scope="session")
def durable_redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """A real Redis server with a file, shared by all tests that don't harm it."""
    with RedisServer.in_folder(tmp_path_factory.mktemp("durable-redis")) as server:
        yield server


@pytest.fixture
def waiting(durable_redis: RedisServer, settings: Settings) -> Iterator[WaitingRecording]:
    """A writer that commits only after an hour, unless somebody asks for it."""
    durable_redis.client.flushall()
    broker = Broker.connect(replace(settings, redis_url=durable_redis.url, flush_seconds=3_600.0))
    recording = WaitingRecording(broker)
    yield recording
    recording.close()
    broker.close()


@pytest.fixture
def lease(broker: Broker) -> Lease:
    """The writer's lease, which this test holds."""
    lease = Lease(broker, "database")
    assert lease.acquire()
    return lease


@pytest.fixture
def start_bridge() -> Iterator[StartBridge]:
    """A function that starts a channel bridge, which ends with the test."""
    with running_bridges() as start:
        yield start


@pytest.fixture
def listening_bridge(broker: Broker, start_bridge: StartBridge) -> LeaseHolder:
    """A channel bridge that listens; its lease holder."""
    lease_holder = start_bridge(broker)
    wait_until("somebody listens", lambda: has_listeners(broker))
    return lease_holder

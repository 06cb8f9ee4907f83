"""A Redis that answers but refuses writes: every check of the health says so."""

from collections.abc import Callable
from pathlib import Path

import pytest

from services.broker import Announcement, Broker, Journal, Resubscribed, Subscription
from services.clock import now_microseconds
from services.errors import BrokerUnavailableError, JournalFullError, StripchartError
from services.store import Recorder, WriteBatch
from services.web.app import create_app
from tests.support.clock import FakeClock
from tests.support.databases import migrated_engine
from tests.support.ports import free_port
from tests.support.redis_server import RedisServer
from tests.support.waiting import wait_until


def fill_memory(server: RedisServer) -> None:
    server.client.config_set("maxmemory", 1)


def fail_to_save(server: RedisServer) -> None:
    # A folder in place of its file can't be replaced.
    folder = Path(server.client.config_get("dir")["dir"])
    (folder / "dump.rdb" / "full").mkdir(parents=True)
    server.client.set("anything", 1)
    server.client.config_set("save", "3600 1")
    server.client.bgsave()
    wait_until(
        "the save has failed",
        lambda: server.client.info("persistence")["rdb_last_bgsave_status"] == "err",
    )


def become_replica(server: RedisServer) -> None:
    server.client.replicaof("127.0.0.1", free_port())


def test_check_of_writes_changes_nothing(broker: Broker) -> None:
    broker.check_writes()
    assert broker.client.keys("*") == []
    broker.client.set(broker.keys.lease, "token")
    broker.check_writes()
    assert broker.client.get(broker.keys.lease) == b"token"


@pytest.mark.redis
@pytest.mark.parametrize(
    ("break_server", "error_class", "message"),
    [
        (fill_memory, JournalFullError, "out of memory (raise its maxmemory)"),
        (fail_to_save, JournalFullError, "can't write to its disk"),
        (become_replica, BrokerUnavailableError, "is a replica, which accepts no writes"),
    ],
)
def test_refused_writes_show_in_every_health_check(
    redis_server: RedisServer,
    own_broker: Broker,
    break_server: Callable[[RedisServer], None],
    error_class: type[StripchartError],
    message: str,
) -> None:
    engine, end = migrated_engine(own_broker.settings), Journal(own_broker).end()
    Recorder(engine, "readings:journal", now_microseconds).commit(WriteBatch(), end)
    client = create_app(own_broker.settings, own_broker).test_client()
    assert client.get("/readyz").status_code == 200
    assert client.get("/health").status_code == 200
    break_server(redis_server)
    with pytest.raises(error_class) as caught:
        own_broker.check_writes()
    assert message in str(caught.value)
    readiness, health = client.get("/readyz"), client.get("/health")
    assert (readiness.status_code, health.status_code) == (503, 503)
    redis = readiness.get_json()["redis"]
    assert (redis["ok"], redis["answers"]) == (False, True)
    assert message in redis["error"]
    assert message in health.get_json()["message"]


@pytest.mark.redis
def test_refused_ping_is_an_answer_so_live_readings_go_on(
    redis_server: RedisServer, own_broker: Broker
) -> None:
    clock = FakeClock()
    subscription = Subscription(own_broker, ["readings"], clock)
    wait_until("the subscription has begun", lambda: subscription.get(0.1) == Resubscribed())
    fail_to_save(redis_server)
    with pytest.raises(JournalFullError):
        own_broker.ping()
    for _ in range(5):
        clock.now += 4.0
        assert subscription.get(3.0) is None
    redis_server.client.config_set("stop-writes-on-bgsave-error", "no")
    own_broker.client.publish("readings", "still here")
    # Another Resubscribed would mean that messages may have been missed.
    assert subscription.get(3.0) == Announcement("readings", b"still here")
    subscription.close()

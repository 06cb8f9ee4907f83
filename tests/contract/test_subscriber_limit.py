"""The limit up to which a subscriber of our own Redis may be behind."""

import socket
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from services.broker import Broker
from services.cli.supervise import redis_server
from services.cli.supervise.redis_server import command_line
from services.cli.supervise.redis_users import new_password
from services.settings import Settings
from tests.support.ports import free_port
from tests.support.redis_programs import REDIS_PROGRAMS
from tests.support.redis_server import RedisServer
from tests.support.waiting import wait_until

MEGABYTE = 1 << 20
PUBLISH_MANY = "for i = 1, ARGV[1] do redis.call('PUBLISH', 'readings', ARGV[2]) end"


@pytest.fixture(params=REDIS_PROGRAMS)
def operator(request: pytest.FixtureRequest, tmp_path: Path, settings: Settings) -> Iterator[Any]:
    """The operator of a server with our options, which is open to others."""
    program, port, rules = request.param(), free_port(), tmp_path / "redis.acl"
    command = command_line(program, port, tmp_path, rules)
    ours = redis_server.RedisServer("", command, port, rules, new_password(), tmp_path)
    ours.write_files()
    server = RedisServer(command, port, tmp_path)
    server.client = redis.Redis.from_url(ours.url, protocol=2)
    with server, closing(Broker.connect(replace(settings, redis_url=ours.url))) as broker:
        ours.open_to_others(broker, "readings")
        yield server.client


def port_of(client: Any) -> int:
    return int(client.connection_pool.connection_kwargs["port"])


def subscribe(client: Any) -> socket.socket:
    """Return a connection that has subscribed, and whose reply was read."""
    connection = socket.create_connection(("127.0.0.1", port_of(client)))
    connection.sendall(b"SUBSCRIBE readings\r\n")
    assert connection.recv(4096).startswith(b"*3")
    return connection


def test_large_call_reaches_a_subscriber(operator: Any) -> None:
    with closing(subscribe(operator)) as subscriber:
        operator.eval(PUBLISH_MANY, 0, 40, b"x" * MEGABYTE)
        received = 0
        while received < 40 * MEGABYTE:
            chunk = subscriber.recv(MEGABYTE)
            assert chunk, "Redis has cut the subscriber"
            received += len(chunk)


def test_dead_subscriber_is_cut(operator: Any) -> None:
    with closing(subscribe(operator)):
        for _ in range(10):
            operator.publish("readings", b"x" * 10 * MEGABYTE)
        wait_until("it is cut", lambda: operator.pubsub_numsub("readings") == [(b"readings", 0)])
        assert operator.info("memory")["used_memory"] < 80 * MEGABYTE


def test_message_that_would_cut_subscribers_is_refused(operator: Any) -> None:
    with closing(subscribe(operator)) as subscriber:
        once = Retry(NoBackoff(), 0)
        with closing(redis.Redis(port=port_of(operator), protocol=2, retry=once)) as client:
            with pytest.raises(redis.exceptions.ConnectionError):
                client.publish("readings", b"x" * 70 * MEGABYTE)
            client.publish("readings", "small")
        assert b"small" in subscriber.recv(4096)

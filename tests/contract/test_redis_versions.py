"""Errors of a script: each Redis words them in its own way, and ours stay the same."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from services.broker import Broker, Journal
from services.errors import BrokerRefusedError, JournalFullError
from services.settings import Settings
from tests.support.journals import message
from tests.support.ports import free_port
from tests.support.redis_programs import REDIS_PROGRAMS
from tests.support.redis_server import RedisServer


@pytest.fixture(params=REDIS_PROGRAMS)
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[RedisServer]:
    find: Callable[[], str] = request.param
    port = free_port()
    options = ("--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(tmp_path))
    with RedisServer([find(), *options], port, tmp_path) as server:
        yield server


@pytest.fixture
def journal(server: RedisServer, settings: Settings) -> Iterator[Journal]:
    broker = Broker.connect(replace(settings, redis_url=server.url))
    yield Journal(broker)
    broker.close()


def test_redis_without_memory_is_a_full_journal(server: RedisServer, journal: Journal) -> None:
    journal.publish([message(0)])
    server.client.config_set("maxmemory", 1)
    with pytest.raises(JournalFullError, match="out of memory"):
        journal.publish([message(1)])


def test_foreign_key_is_named(server: RedisServer, journal: Journal) -> None:
    server.client.set("readings:state", "of another program")
    with pytest.raises(BrokerRefusedError, match="rename that key, or set CHANNEL"):
        journal.publish([message(1)])


def test_login_leaves_no_refusal_in_the_log_of_redis(
    server: RedisServer, settings: Settings
) -> None:
    rules = ("on", ">pw", "~*", "&*", "+@all", "-client")
    server.client.execute_command("ACL", "SETUSER", "bob", *rules)
    url = f"redis://bob:pw@127.0.0.1:{server.port}/0"
    broker = Broker.connect(replace(settings, redis_url=url))
    broker.ping()
    broker.close()
    assert server.client.execute_command("ACL", "LOG") == []

"""Faults of a Redis that answers: publishing fails without effect, and works again afterwards."""

import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from typing import Any

import pytest
import redis

from services.broker import Broker, Journal
from services.errors import StripchartError
from services.settings import Settings
from tests.support.journals import JOURNAL, STATE, message, times
from tests.support.redis_server import RedisServer
from tests.support.waiting import wait_until

pytestmark = pytest.mark.redis


@contextmanager
def endless_script(client: Any) -> Iterator[None]:
    client.config_set("lua-time-limit", 10)

    def run() -> None:
        other = redis.Redis(port=port_of(client))
        with closing(other), suppress(redis.exceptions.ResponseError):
            other.eval("while true do end", 0)

    thread = threading.Thread(target=run)
    thread.start()
    wait_until("the script runs", lambda: is_refused(client))
    yield
    client.script_kill()
    thread.join()


@contextmanager
def key_of_another_type(client: Any, key: str) -> Iterator[None]:
    client.rename(key, "kept")
    client.set(key, "x")
    yield
    client.rename("kept", key)


@contextmanager
def user_without_rights(client: Any) -> Iterator[None]:
    client.execute_command("ACL", "SETUSER", "default", "-eval", "-evalsha")
    yield
    client.execute_command("ACL", "SETUSER", "default", "+@all")


@contextmanager
def no_memory(client: Any) -> Iterator[None]:
    client.config_set("maxmemory", 1)
    yield
    client.config_set("maxmemory", 0)


@contextmanager
def no_new_connections(client: Any) -> Iterator[None]:
    client.config_set("maxclients", 1)
    client.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
    yield
    client.config_set("maxclients", 100)


def port_of(client: Any) -> int:
    return int(client.connection_pool.connection_kwargs["port"])


def is_refused(client: Any) -> bool:
    try:
        client.get("x")
    except redis.exceptions.ResponseError:
        return True
    return False


@pytest.mark.parametrize(
    "fault",
    [
        endless_script,
        lambda client: key_of_another_type(client, JOURNAL),
        lambda client: key_of_another_type(client, STATE),
        user_without_rights,
        no_memory,
        no_new_connections,
    ],
    ids=["script", "journal", "state", "rights", "memory", "connections"],
)
def test_publishing_fails_without_effect_and_works_again(
    fault: Callable[[Any], Any], redis_server: RedisServer, settings: Settings
) -> None:
    broker = Broker.connect(replace(settings, redis_url=redis_server.url))
    with closing(broker):
        journal = Journal(broker)
        journal.publish([message(1)])
        with fault(redis_server.client):
            for attempt in (
                lambda: journal.publish([message(2)]),
                lambda: raise_first(journal.publish_many([[message(2)]])),
            ):
                with pytest.raises(StripchartError) as refused:
                    attempt()
                assert refused.value.transient
        journal.publish([message(3)])
        assert times(journal) == [1, 3]


def raise_first(results: list[Any]) -> None:
    raise results[0]

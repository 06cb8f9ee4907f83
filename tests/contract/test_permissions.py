"""Users of Redis without some right: nothing is half done, and one sentence names the right."""

import logging
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest

from services.broker import Broker, Journal, Lease
from services.broker.diagnostics import read_redis_info
from services.errors import BrokerRefusedError
from services.settings import Settings
from tests.support.channel_bridges import StartBridge
from tests.support.journals import message, times
from tests.support.redis_server import RedisServer
from tests.support.waiting import wait_until

pytestmark = pytest.mark.redis

Login = Callable[..., Broker]


@pytest.fixture
def login(shared_redis: RedisServer, settings: Settings) -> Iterator[Login]:
    """Return a function that gives the user bob all rights except some, and logs in."""
    shared_redis.client.flushall()
    brokers: list[Broker] = []

    def login(*rules: str, password: str = "pw") -> Broker:  # noqa: S107
        everything = ("reset", "on", ">pw", "~*", "&*", "+@all")
        shared_redis.client.execute_command("ACL", "SETUSER", "bob", *everything, *rules)
        url = f"redis://bob:{password}@127.0.0.1:{shared_redis.port}/0"
        brokers.append(Broker.connect(replace(settings, redis_url=url)))
        return brokers[-1]

    yield login
    for broker in brokers:
        broker.close()
    shared_redis.client.execute_command("ACL", "DELUSER", "bob")


def rejected(server: RedisServer, command: str) -> int:
    """Return how often a command was rejected since the last reset of the statistics."""
    stats: Any = server.client.info("commandstats").get(f"cmdstat_{command}", {})
    return int(stats.get("rejected_calls", 0))


@pytest.mark.parametrize(
    ("rules", "sentence", "min_version"),
    [
        (["-@scripting"], r"run the command EVALSHA \(give it \+@scripting, or \+evalsha", 6),
        (["-script|load"], r"run the command SCRIPT LOAD \(give it \+@scripting", 7),
        (["-publish"], r"PUBLISH( in a script)? \(give it \+publish;", 7),
        (["-xadd"], r"XADD( in a script)? \(give it \+xadd;", 6),
        (["-hset"], r"HSET( in a script)? \(give it \+hset;", 7),
        (["resetchannels"], r"use (a channel|the channel readings) \(give it &", 7),
        (["resetkeys"], r"use (a key|the key readings:\w+) \(give it ~", 6),
        (["resetkeys", "~readings:state", "~readings:backlog"], "use (a|the) key", 6),
        (["resetkeys", "~readings:journal", "~readings:backlog"], "use (a|the) key", 6),
    ],
)
def test_refused_call_appends_nothing_and_names_the_right(
    login: Login, shared_redis: RedisServer, rules: list[str], sentence: str, min_version: int
) -> None:
    if shared_redis.version[0] < min_version:
        pytest.skip("needs Redis 7: older ones keep what a script did before a refused command")
    # Another user has made the journal, or nobody has.
    for has_journal in (False, True):
        if has_journal:
            Journal(login()).publish([message(1)])
        shared_redis.client.script_flush()
        journal = Journal(login(*rules))
        for _ in range(2):
            with pytest.raises(BrokerRefusedError, match=f"^Redis does not allow .*{sentence}"):
                journal.publish([message(2), message(3)])
        journal = Journal(login())
        assert times(journal) == ([1] if has_journal else [])
        assert journal.end().sequence == int(has_journal)


@pytest.mark.parametrize("url", ["redis://bob:wrong@{}", "redis://nobody:pw@{}", "redis://:pw@{}"])
def test_refused_login_names_the_user(
    login: Login, shared_redis: RedisServer, settings: Settings, url: str
) -> None:
    login()
    url = url.format(f"127.0.0.1:{shared_redis.port}/0")
    user = url.partition("//")[2].partition(":")[0] or "default"
    with (
        closing(Broker.connect(replace(settings, redis_url=url))) as broker,
        pytest.raises(BrokerRefusedError, match=f"does not let the user {user} in: ") as error,
    ):
        Journal(broker).publish([message(1)])
    assert "correct user and password in REDIS_URL" in error.value.hint
    assert ":pw" not in str(error.value)


@pytest.mark.parametrize("count", [1, 1_000])
def test_missing_login_is_named(settings: Settings, tmp_path: Any, count: int) -> None:
    """A large command without a login fails in another way."""
    with (
        RedisServer.in_folder(tmp_path, "--appendonly", "no") as server,
        closing(Broker.connect(replace(settings, redis_url=server.url))) as broker,
    ):
        server.client.config_set("requirepass", "pw")
        expected = "does not let the user default in: Authentication required"
        with pytest.raises(BrokerRefusedError, match=expected):
            Journal(broker).publish([message(second) for second in range(count)])


def test_transaction_without_multi_is_named(login: Login) -> None:
    Journal(login()).publish([message(1)])
    journal = Journal(login("-multi"))
    with pytest.raises(BrokerRefusedError, match=r"run the command MULTI \(give it \+multi;"):
        times(journal)


def test_forbidden_info_is_not_taken_for_a_stand_in(login: Login) -> None:
    with pytest.raises(BrokerRefusedError, match=r"run the command INFO \(give it \+info;"):
        read_redis_info(login("-info"))


@pytest.mark.long
@pytest.mark.parametrize("rule", ["resetchannels", "-subscribe"])
def test_bridge_that_may_not_subscribe_says_so_once(
    login: Login,
    shared_redis: RedisServer,
    start_bridge: StartBridge,
    caplog: pytest.LogCaptureFixture,
    rule: str,
) -> None:
    caplog.set_level(logging.INFO)
    shared_redis.client.config_resetstat()
    start_bridge(login(rule))
    wait_until("it has tried often", lambda: rejected(shared_redis, "subscribe") >= 4)
    messages = [record.getMessage() for record in caplog.records if record.name == "writer"]
    (sentence,) = [text for text in messages if "lease" not in text]
    assert sentence.startswith("channel unavailable: Redis does not allow the user bob to ")
    login()
    wait_until("it listens", lambda: "channel available again after" in caplog.text)


def test_lease_may_be_refused(login: Login) -> None:
    with pytest.raises(
        BrokerRefusedError, match=r"run the command SET( in a script)? \(give it \+set"
    ):
        Lease(login("-set"), "database").acquire()

"""The rights of both users of our own Redis, on the stand-in and on real servers."""

import shlex
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from services.broker import Broker, Journal
from services.broker.keys import Keys
from services.cli.supervise.fake_server import FakeRedisServer
from services.cli.supervise.redis_users import (
    OPERATOR,
    OTHERS,
    rights_of_others,
    rules_at_start,
)
from services.errors import BrokerUnavailableError
from services.settings import Settings
from tests.support.journals import message, times
from tests.support.ports import free_port
from tests.support.redis_programs import REDIS_PROGRAMS
from tests.support.redis_server import RedisServer

CHANNEL = "my [own]* réadings"
PASSWORD = "correct-horse"  # noqa: S105

# Those of the first group exist in the stand-in too.
FORBIDDEN_EVERYWHERE = (
    "FLUSHALL", "FLUSHDB", "SAVE", "ACL WHOAMI", "ACL SETUSER default +@all", "EVAL 'return 1' 0",
    "EVALSHA x 0", "SCRIPT FLUSH", "CLIENT KILL TYPE pubsub", "CLIENT LIST", "KEYS x", "SCAN 0",
    "RANDOMKEY", "SWAPDB 0 1", "MULTI",
)  # fmt: skip
FORBIDDEN = (
    "CONFIG GET dir", "CONFIG SET dir /tmp", "MODULE LIST",
    "REPLICAOF localhost 1", "SLAVEOF localhost 1", "BGSAVE", "BGREWRITEAOF", "SHUTDOWN NOSAVE",
    "MONITOR", "CLIENT PAUSE 1000", "SLOWLOG GET", "LATENCY RESET", "MEMORY DOCTOR", "SYNC",
    "PSYNC ? -1", "FAILOVER", "CLUSTER INFO", "PUBSUB CHANNELS", "WAIT 1 0", "OBJECT ENCODING k",
)  # fmt: skip
WRITES = ("SET k 1", "DEL k", "HSET k n abc", "XADD k * a 1", "XTRIM k MAXLEN 0", "EXPIRE k 1")
READS = ("GET k", "HGETALL k", "XRANGE k - +", "XLEN k", "TTL k")


def operator_url(port: int) -> str:
    return f"redis://{OPERATOR}:{PASSWORD}@127.0.0.1:{port}/0"


@contextmanager
def connected(port: int, settings: Settings) -> Iterator[Broker]:
    """One of our own processes."""
    connected_settings = replace(settings, redis_url=operator_url(port), channel=CHANNEL)
    with closing(Broker.connect(connected_settings)) as broker:
        yield broker


class StandIn:
    """The stand-in for Redis, which keeps nothing."""

    def __init__(self, _folder: Path, rules: Path) -> None:
        self._server = FakeRedisServer(0, rules.read_text())
        self.port = self._server.server_address[1]

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.01,)).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def real_server(program: str, folder: Path, rules: Path) -> RedisServer:
    port = free_port()
    command = [
        program, "--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder), "--save", "",
        "--appendonly", "yes", "--appendfsync", "always", "--aclfile", str(rules),
    ]  # fmt: skip
    server = RedisServer(command, port, folder)
    server.client = redis.Redis.from_url(operator_url(port), protocol=2)
    return server


def make_server(kind: Any, folder: Path) -> Any:
    """Return the stand-in for its class, or the server whose program a function returns."""
    rules = folder / "redis.acl"
    rules.write_text(rules_at_start(PASSWORD))
    return StandIn(folder, rules) if kind is StandIn else real_server(kind(), folder, rules)


@pytest.fixture(scope="module", params=[StandIn, *REDIS_PROGRAMS])
def port(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a server that is open to others: the stand-in, and servers of two versions."""
    with make_server(request.param, tmp_path_factory.mktemp("redis")) as server:
        with connected(server.port, Settings.from_environ({})) as broker:
            broker.set_rights(OTHERS, rights_of_others(CHANNEL))
        yield server.port


@pytest.fixture
def anyone(port: int) -> Iterator[Any]:
    """A client without a password."""
    with closing(redis.Redis(port=port, protocol=2)) as client:
        yield client


@pytest.fixture
def operator(port: int, settings: Settings) -> Iterator[Broker]:
    """One of our own processes."""
    with connected(port, settings) as broker:
        yield broker


@pytest.fixture
def is_real(request: pytest.FixtureRequest) -> bool:
    return "StandIn" not in request.node.name


def test_anyone_may_subscribe_and_publish_and_read_what_was_rejected(
    anyone: Any, operator: Broker, port: int
) -> None:
    names = [operator.keys.channel, operator.keys.adopted]
    with closing(redis.Redis(port=port, protocol=2)) as client, client.pubsub() as pubsub:
        pubsub.subscribe(*names)
        confirmed = [pubsub.get_message(timeout=5)["channel"].decode() for _ in names]
        assert confirmed == names
        Journal(operator).publish([message(1)])
        assert pubsub.get_message(timeout=5)["data"].startswith(b'{"id":"')
        assert anyone.publish(CHANNEL, '{"series":"kitchen","value":1}') == 1
        assert pubsub.get_message(timeout=5)["data"] == b'{"series":"kitchen","value":1}'
    assert anyone.ping()
    Journal(operator).add_dead_letters([(b"x", "not JSON")], "channel")
    assert anyone.xlen(operator.keys.rejected) == 1
    assert anyone.xrevrange(operator.keys.rejected, count=1)
    assert anyone.xread({operator.keys.rejected: "0"})
    assert anyone.hget(operator.keys.state, "n") == b"1"


def test_anyone_may_do_nothing_else(anyone: Any, operator: Broker, is_real: bool) -> None:
    operator.client.set("rq:secret", "x")
    commands = [*FORBIDDEN_EVERYWHERE, *(FORBIDDEN if is_real else ())]
    commands += [f"PUBLISH '{name}' x" for name in ("other", "rq:pubsub:x", f"{CHANNEL}s")]
    closed = ("rq:secret", operator.keys.journal, operator.keys.databases)
    for key in closed if is_real else ("rq:secret",):
        commands += [each.replace(" k", f" '{key}'") for each in READS]
    for key in ("rq:secret", operator.keys.journal, operator.keys.lease):
        commands += [each.replace(" k", f" '{key}'") for each in WRITES]
    for command in commands:
        with pytest.raises(redis.exceptions.NoPermissionError):
            anyone.execute_command(*shlex.split(command))
    assert operator.client.get("rq:secret") == b"x"


def test_anyone_may_subscribe_to_no_other_channel(anyone: Any) -> None:
    own = Keys.of(CHANNEL).commands
    names = ("rq:pubsub:commands", own)
    for command, name in (*(("SUBSCRIBE", each) for each in names), ("PSUBSCRIBE", "*")):
        with pytest.raises(redis.exceptions.NoPermissionError):
            anyone.execute_command(command, name)


@pytest.mark.parametrize("command", ["DEBUG SLEEP 0", "MODULE LOAD /tmp/x.so"])
def test_what_newer_servers_bar_for_all_is_off_too(anyone: Any, command: str) -> None:
    with pytest.raises(redis.exceptions.ResponseError, match=r"no permission|not allowed|unknown"):
        anyone.execute_command(*command.split())


def test_operator_needs_the_password(
    operator: Broker, port: int, settings: Settings, is_real: bool
) -> None:
    operator.ping()
    operator.check_writes()
    if is_real:
        assert operator.client.config_get("dir")
    url = operator_url(port).replace("correct", "wrong")
    with closing(Broker.connect(replace(settings, redis_url=url))) as broker:
        with pytest.raises(BrokerUnavailableError) as refused:
            broker.ping()
        assert "horse" not in str(refused.value)


@pytest.mark.parametrize("make", REDIS_PROGRAMS)
def test_restarted_server_has_all_data_and_is_closed_until_it_is_opened(
    make: Any, tmp_path: Path, settings: Settings
) -> None:
    with make_server(make, tmp_path) as server, connected(server.port, settings) as broker:
        for second in range(3):
            # A transaction in the server's file, which it loads as the default user.
            Journal(broker).publish([message(second), message(second, series="b")])
            broker.set_rights(OTHERS, rights_of_others(CHANNEL))
            server.kill()
            server.start()
            once = Retry(NoBackoff(), 0)
            with closing(redis.Redis(port=server.port, protocol=2, retry=once)) as anyone:
                for command in ("PING", "FLUSHALL", "SUBSCRIBE readings"):
                    with pytest.raises(redis.exceptions.AuthenticationError):
                        anyone.execute_command(*command.split())
        assert times(Journal(broker)) == [0, 0, 1, 1, 2, 2]


def test_process_without_the_password_learns_what_to_do(port: int, settings: Settings) -> None:
    url = f"redis://127.0.0.1:{port}/0"
    broker = Broker.connect(replace(settings, redis_url=url, channel=CHANNEL))
    advice = r"does not allow the user default to .*; beside `stripchart up`, leave REDIS_URL unset"
    with closing(broker), pytest.raises(BrokerUnavailableError, match=advice):
        Journal(broker).publish([message(1)])

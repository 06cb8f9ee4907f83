"""The users that `stripchart redis-users` writes, on a real server: each is refused the rest."""

import shlex
import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import pytest
import redis
from click.testing import CliRunner
from redis.backoff import NoBackoff
from redis.retry import Retry

from services.cli.redis_users import redis_users
from services.cli.supervise.redis_rights import ROLES
from tests.support.ports import free_port
from tests.support.redis_programs import REDIS_PROGRAMS
from tests.support.redis_server import RedisServer

pytestmark = pytest.mark.redis

_SERVER: Final = (
    "FLUSHALL", "FLUSHDB", "CONFIG GET dir", "CONFIG SET dir /tmp", "ACL WHOAMI", "ACL LIST",
    "ACL SETUSER default on nopass +@all", "EVAL 'return 1' 0", "SCRIPT FLUSH", "CLIENT LIST",
    "CLIENT KILL TYPE normal", "KEYS *", "SCAN 0", "RANDOMKEY", "SWAPDB 0 1", "MODULE LIST",
    "REPLICAOF localhost 1", "SAVE", "BGSAVE", "BGREWRITEAOF", "SHUTDOWN NOSAVE", "MONITOR",
    "DEBUG SLEEP 0", "MIGRATE 127.0.0.1 1 k 0 1", "RENAME readings:journal x",
    "SORT readings:state", "GET other", "SET other 1", "PUBLISH other x", "SUBSCRIBE other",
    "PSUBSCRIBE *",
)  # fmt: skip
"""Commands that no role may run: they change the server, or read what is not ours."""

_ADD_JOB: Final = ("LPUSH rq:queue:readings-0 x", "HSET rq:job:readings-0-x data x")
_READ_JOURNAL: Final = ("XRANGE readings:journal - +", "HGETALL readings:state")
_CHANGE_JOURNAL: Final = (
    "XADD readings:journal * c '{}'", "XTRIM readings:journal MAXLEN 0", "DEL readings:journal",
    "HSET readings:state n 1", "SET readings:lease x",
)  # fmt: skip

_REFUSED: Final = {
    "producer": (*_ADD_JOB, "SUBSCRIBE readings", "SET readings:lease x", "MULTI"),
    "writer": _ADD_JOB,
    "web": (*_ADD_JOB, "SET readings:lease x"),
    "jobs": (
        "PUBLISH readings x", "SUBSCRIBE readings", "LPUSH rq:queue:other-0 x",
        "SET readings:lease x", "DEL readings:rejected",
    ),
    "operator": ("SET readings:lease x", "LPUSH rq:queue:other-0 x"),
    "tools": (
        *_ADD_JOB, *_CHANGE_JOURNAL, "XRANGE readings:journal - +", "SUBSCRIBE readings:commands",
        "PUBLISH readings:commands x", "EVALSHA x 0", "MULTI",
        "SET readings:state x", "DEL readings:state", "XADD readings:rejected * m x",
    ),
    "subscriber": (*_ADD_JOB, *_CHANGE_JOURNAL, *_READ_JOURNAL, "PUBLISH readings x", "INFO"),
}  # fmt: skip
"""Further commands that a role may not run."""


def write_users(folder: Path, port: int, *options: str) -> None:
    arguments = [str(folder), "--host", f"127.0.0.1:{port}", *options]
    result = CliRunner().invoke(redis_users, arguments)
    assert result.exit_code == 0, result.output


def read_password(folder: Path, role: str) -> str:
    return (folder / role / "password").read_text().strip()


def give_rights(folder: Path, port: int) -> None:
    """Send the rights, as the health check of compose.yaml does."""
    password = read_password(folder, "redis")
    with closing(redis.Redis(port=port, username="stripchart", password=password)) as client:
        for line in (folder / "redis" / "rights").read_text().splitlines():
            assert client.execute_command(*line.split()) == b"OK"


def user_client(folder: Path, role: str) -> Any:
    url = (folder / role / "redis.url").read_text().strip()
    return redis.Redis.from_url(url, protocol=2, retry=Retry(NoBackoff(), 0))


class Server:
    """A server with these users; its folder has a folder for each role."""

    def __init__(self, program: str, folder: Path) -> None:
        self.users = folder / "users"
        self.port = free_port()
        write_users(self.users, self.port)
        command = [
            program, "--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(folder),
            "--appendonly", "yes", "--aclfile", str(self.users / "redis" / "users.acl"),
        ]  # fmt: skip
        self.server = RedisServer(command, self.port, folder)
        self.server.client = redis.Redis(
            port=self.port, username="stripchart", password=read_password(self.users, "redis")
        )


@pytest.fixture(scope="module", params=REDIS_PROGRAMS)
def started(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """A server that has just started: nobody has rights yet."""
    server = Server(request.param(), tmp_path_factory.mktemp("redis"))
    with server.server:
        yield server


@pytest.fixture(scope="module")
def users(started: Server) -> Path:
    """The folder of users who have their rights."""
    for role in ROLES:
        refused = pytest.raises(redis.exceptions.AuthenticationError)
        with closing(user_client(started.users, role)) as client, refused:
            client.ping()
    give_rights(started.users, started.port)
    return started.users


@pytest.mark.parametrize("role", ROLES)
def test_role_is_refused_what_it_must_not_do(users: Path, role: str) -> None:
    with closing(user_client(users, role)) as client:
        for command in (*_SERVER, *_REFUSED[role]):
            # Servers of some versions refuse a few commands to everybody, in other words.
            refusal = r"(?i)no permissions|not allowed|unknown command"
            with pytest.raises(redis.exceptions.ResponseError, match=refusal):
                client.execute_command(*shlex.split(command))


@pytest.mark.usefixtures("users")
def test_clients_without_a_password_are_refused(started: Server) -> None:
    with closing(redis.Redis(port=started.port, protocol=2, retry=Retry(NoBackoff(), 0))) as client:
        for command in ("PING", "SUBSCRIBE readings", "GET readings:lease"):
            with pytest.raises(redis.exceptions.AuthenticationError):
                client.execute_command(*command.split())


def test_role_can_not_log_in_with_the_password_of_another(users: Path, started: Server) -> None:
    password, once = read_password(users, "producer"), Retry(NoBackoff(), 0)
    for name in ("stripchart-operator", "stripchart", "default"):
        client = redis.Redis(
            port=started.port, username=name, password=password, protocol=2, retry=once
        )
        with closing(client), pytest.raises(redis.exceptions.AuthenticationError):
            client.ping()


def test_second_call_keeps_the_passwords_and_running_clients(users: Path, started: Server) -> None:
    with closing(user_client(users, "web")) as client, client.pubsub() as pubsub:
        pubsub.subscribe("readings")
        assert pubsub.get_message(timeout=5)
        write_users(users, started.port, "--others", "tools")
        give_rights(users, started.port)
        with closing(redis.Redis(port=started.port, protocol=2)) as anyone:
            assert anyone.publish("readings", "x") == 1
            with pytest.raises(redis.exceptions.NoPermissionError):
                anyone.execute_command("SET", "readings:lease", "x")
        assert pubsub.get_message(timeout=5)["data"] == b"x"
    write_users(users, started.port)
    give_rights(users, started.port)


def test_files_are_private_and_those_of_the_server_have_no_password_of_a_role(users: Path) -> None:
    files = [path for path in users.rglob("*") if path.is_file()]
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    folders = [users, *(path for path in users.rglob("*") if path.is_dir())]
    assert {stat.S_IMODE(path.stat().st_mode) for path in folders} == {0o700}
    server_texts = "".join(path.read_text() for path in (users / "redis").iterdir())
    for role in ROLES:
        password = read_password(users, role)
        assert len(password) == 64
        assert password not in server_texts

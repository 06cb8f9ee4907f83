"""The connection to Redis: one client for each process, and errors as those of this project.

Redis-py can send a command again if its reply was lost, which would append twice. So nothing is
retried here; the caller knows whether sending again is harmless.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

import redis
from redis.backoff import NoBackoff
from redis.commands.core import Script
from redis.retry import Retry

from services.broker.keys import Keys
from services.broker.lua_scripts import load_script
from services.broker.permissions import explain_refusal
from services.errors import (
    BrokerRefusedError,
    BrokerUnavailableError,
    JournalDamagedError,
    JournalFullError,
    LeaseLostError,
    LeaseTakenError,
    SettingError,
    StripchartError,
)
from services.settings import Settings

SOCKET_TIMEOUT_SECONDS: Final = 5.0
"""Time within which Redis must answer. A blocking read must ask for less."""

_MAX_CONNECTIONS: Final = 1_000

_UNAVAILABLE = ("LOADING", "MASTERDOWN", "CLUSTERDOWN", "NOREPLICAS", "BUSY ")
"""The beginnings of the errors of a Redis that is not ready."""

_NOT_LOGGED_IN: Final = "unauthenticated"
"""A part of the error for a large command without a login."""

_ERRORS: Final[dict[str, tuple[type[StripchartError], str, str]]] = {
    "OOM": (JournalFullError, "Redis is out of memory", "raise its maxmemory"),
    "MISCONF": (
        JournalFullError,
        "Redis accepts no writes, because it can't write to its disk",
        "see its log and the free space on that disk",
    ),
    "JOURNALFULL": (
        JournalFullError,
        "Redis accepts nothing now: the journal is at its bound",
        "check that the writer runs and keeps up",
    ),
    "READONLY": (
        BrokerUnavailableError,
        "Redis is a replica, which accepts no writes",
        "set REDIS_URL to its primary",
    ),
    "WRONGTYPE": (
        BrokerRefusedError,
        "Redis refuses the command: WRONGTYPE, a key has another type",
        "another program uses a key of this channel: rename that key, or set CHANNEL",
    ),
    "STATEDAMAGED": (JournalDamagedError, "the state of the journal in Redis is damaged", ""),
    "LEASETAKEN": (LeaseTakenError, "another writer holds the lease", ""),
    "LEASELOST": (LeaseLostError, "the lease has expired", ""),
}
"""The error of this project, its message and its hint, by the code of an error of Redis."""

# Redis-py puts the first before an error in a pipeline. Redis before version 7 puts the second
# before the error of a command that a script has called, some with a hyphen.
_PREFIXES = re.compile(
    r"^(Command # \d+ \(.*\) of pipeline caused error: )?"
    r"(Error running script .*?: -?(?=[A-Z]{2}))?",
    re.DOTALL,
)


class Broker:
    """A client of Redis, with the key names and scripts of one channel.

    Args:
        client: The client. Its responses to stream commands are left as Redis sends them.
        settings: Settings with the channel and the journal's bound.
    """

    def __init__(self, client: "redis.Redis", settings: Settings) -> None:
        self.client = client
        self.settings = settings
        self.keys = Keys.of(settings.channel)
        # Entries stay flat lists: to build a dictionary for each costs more than all the rest.
        for command in ("XRANGE", "XREVRANGE", "XREAD"):
            client.set_response_callback(command, _unchanged)

    @classmethod
    def connect(cls, settings: Settings) -> "Broker":
        """Create a client, which connects when it is used for the first time.

        Raises:
            SettingError: REDIS_URL is not an address.
        """
        url = settings.redis_url
        try:
            _check_address(url)
            client = redis.Redis.from_url(
                url,
                protocol=2,
                retry=Retry(NoBackoff(), 0),
                socket_connect_timeout=SOCKET_TIMEOUT_SECONDS,
                socket_timeout=SOCKET_TIMEOUT_SECONDS,
                max_connections=_MAX_CONNECTIONS,
                # Our users may not name the library, and Redis would log each attempt.
                driver_info=None,
                # Only TCP has such probes.
                **({} if url.startswith("unix:") else {"socket_keepalive": True}),
            )
        except ValueError as error:
            # The error is not quoted: it can contain a part of the password.
            raise SettingError(
                "REDIS_URL can't be used: it is not an address",
                "write redis://host:port/number or unix:///path?db=number;"
                " in a password, / : @ are %2F %3A %40",
            ) from error
        return cls(client, settings)

    def script(self, name: str) -> Script:
        """Return a script of the folder `lua`. It is loaded into Redis by its first call."""
        return self.client.register_script(load_script(name))

    def ping(self) -> None:
        """Check that Redis answers.

        Raises:
            BrokerUnavailableError: Redis can't be used.
        """
        with translate_errors(self.client):
            self.client.ping()

    def check_writes(self) -> None:
        """Check that Redis accepts writes. Nothing is changed.

        Raises:
            BrokerUnavailableError: Redis can't be used, or is a replica.
            JournalFullError: Redis is out of memory, or can't write to its disk.
        """
        with translate_errors(self.client):
            # To write nothing at an offset changes no key, yet Redis refuses it like any write.
            self.client.setrange(self.keys.lease, 0, "")

    def set_rights(self, user: str, rules: Sequence[str]) -> None:
        """Set the rights of a user of Redis.

        Args:
            user: The user's name.
            rules: The rules in the language of Redis.

        Raises:
            BrokerUnavailableError: Redis can't be used, or refuses the rules.
        """
        with translate_errors(self.client):
            self.client.execute_command("ACL SETUSER", user, *rules)

    def set_option_if_known(self, name: str, value: str) -> None:
        """Set an option of the server, unless its version has no such option.

        Raises:
            BrokerUnavailableError: Redis can't be used, or refuses the value.
        """
        with translate_errors(self.client):
            if self.client.config_get(name):
                self.client.config_set(name, value)

    def close(self) -> None:
        """Close all connections."""
        self.client.close()


def _check_address(url: str) -> None:
    """Raise ValueError for an address that redis-py would read as another one."""
    parts = urlsplit(url)
    if parts.scheme == "unix":
        if not parts.path or parts.hostname:
            raise ValueError("a path of a socket begins with a slash")
    elif re.fullmatch(r"/?\d*", parts.path) is None:
        # Redis-py would take database 0.
        raise ValueError("the path is not the number of a database")


def _unchanged(response: Any, **_options: Any) -> Any:
    return response


_closings: Final["WeakKeyDictionary[redis.ConnectionPool, int]"] = WeakKeyDictionary()


def close_idle_connections(client: "redis.Redis") -> None:
    """Close the connections that are not in use.

    If one connection died, the idle ones did too, and each would cost a timeout.
    """
    pool = client.connection_pool
    _closings[pool] = count_closings(client) + 1
    pool.disconnect(inuse_connections=False)


def count_closings(client: "redis.Redis") -> int:
    """Return how often idle connections were closed. One that is kept elsewhere is then stale."""
    return _closings.get(client.connection_pool, 0)


@contextmanager
def translate_errors(client: "redis.Redis") -> Iterator[None]:
    """Raise an error of this project for each error of redis-py.

    Args:
        client: Loses its idle connections when Redis can't be reached.

    Raises:
        BrokerUnavailableError: Redis can't be reached, or is not ready.
        BrokerRefusedError: Redis refuses the command until an operator acts.
        JournalDamagedError: Another program has written to the journal's state.
        JournalFullError: The journal is at its bound, or Redis can't store more.
        LeaseTakenError: Another writer holds the lease.
        LeaseLostError: The lease has expired.
    """
    try:
        yield
    except redis.exceptions.AuthenticationError as error:
        raise _refuse_login(str(error), _user_of(client)) from error
    except (redis.exceptions.ConnectionError, redis.exceptions.TimeoutError, OSError) as error:
        close_idle_connections(client)
        reason = str(error).rstrip(".")
        hint = "start it, or set REDIS_URL" if "connecting to" in reason else ""
        raise BrokerUnavailableError(f"Redis can't be used: {reason}", hint) from error
    except redis.exceptions.ResponseError as error:
        raise _translate(error, _user_of(client)) from error


def _refuse_login(reason: str, user: str) -> BrokerRefusedError:
    return BrokerRefusedError(
        f"Redis does not let the user {user} in: {reason.rstrip('.')}",
        "correct user and password in REDIS_URL;"
        " if `stripchart up` was restarted, restart this process",
    )


def _user_of(client: "redis.Redis") -> str:
    """Return the name of the user of Redis with which a client logs in."""
    return str(client.get_connection_kwargs().get("username") or "default")


def _translate(error: redis.exceptions.ResponseError, user: str) -> StripchartError:
    if _NOT_LOGGED_IN in str(error):
        return _refuse_login("Authentication required", user)
    refusal = explain_refusal(str(error), user)
    if refusal is not None:
        return BrokerRefusedError(*refusal)
    text = _PREFIXES.sub("", str(error))
    # Redis-py leaves out the codes that it knows. Before version 7, an error in a script is an ERR.
    code = error.status_code
    if code not in _ERRORS:
        code = text.partition(" ")[0]
    if code in _ERRORS:
        error_class, message, hint = _ERRORS[code]
        return error_class(message, hint)
    if text.startswith(_UNAVAILABLE):
        return BrokerUnavailableError(f"Redis is not ready: {text}")
    # An operator can repair it while we run.
    return BrokerRefusedError(f"Redis refuses the command: {text}")

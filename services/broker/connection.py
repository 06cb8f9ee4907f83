"""The connection to Redis: one client a process, and its errors in our own words.

Redis-py sends a command again when its reply was lost, which would append twice. So nothing is
retried here: the caller knows whether sending again is harmless.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from typing import Any, Final

import redis
from redis.backoff import NoBackoff
from redis.commands.core import Script
from redis.retry import Retry

from services.broker.keys import Keys
from services.errors import (
    BrokerUnavailableError,
    JournalFullError,
    LeaseLostError,
    LeaseTakenError,
    SettingError,
    StripchartError,
)
from services.settings import Settings

SOCKET_TIMEOUT_SECONDS: Final = 5.0
"""Seconds that a reply may take. Blocking reads must ask for less."""

_UNAVAILABLE = ("LOADING", "READONLY", "MASTERDOWN", "CLUSTERDOWN", "NOAUTH", "NOREPLICAS", "BUSY ")
_FULL = ("JOURNALFULL", "MISCONF")
# How Redis before 7 begins the error of a command that a script has called.
_IN_SCRIPT = re.compile(r"^Error running script .*?: -(?=[A-Z])")


class Broker:
    """A client of Redis with the names and scripts of one channel."""

    def __init__(self, client: "redis.Redis", settings: Settings) -> None:
        self.client = client
        self.settings = settings
        self.keys = Keys.of(settings.channel)
        # Entries stay the flat lists that Redis sends: a dictionary each costs more than the rest.
        client.set_response_callback("XRANGE", _as_sent)
        client.set_response_callback("XREVRANGE", _as_sent)
        client.set_response_callback("XREAD", _as_sent)

    @classmethod
    def connect(cls, settings: Settings) -> "Broker":
        """Prepare the connection; it is made when it is first used. Raises SettingError."""
        try:
            client = redis.Redis.from_url(
                settings.redis_url,
                protocol=2,
                retry=Retry(NoBackoff(), 0),
                socket_connect_timeout=SOCKET_TIMEOUT_SECONDS,
                socket_timeout=SOCKET_TIMEOUT_SECONDS,
                socket_keepalive=True,
                max_connections=1000,
            )
        except ValueError as error:
            raise SettingError(
                f"REDIS_URL can't be used: {error}", "write redis://host:port/number"
            ) from error
        return cls(client, settings)

    def script(self, name: str) -> Script:
        """One of the scripts in `lua/`, loaded into Redis when it is first called."""
        return self.client.register_script(
            files("services.broker").joinpath("lua", f"{name}.lua").read_text(encoding="utf-8")
        )

    def ping(self) -> None:
        """Raises BrokerUnavailableError unless Redis answers."""
        with translate_errors(self.client):
            self.client.ping()

    def close(self) -> None:
        """Close all connections."""
        self.client.close()


def _as_sent(response: Any, **_options: Any) -> Any:
    return response


def drop_idle(client: "redis.Redis") -> None:
    """Close the connections that nobody uses now.

    Where one link went dead the others did too, and each would take its timeout to find out.
    """
    client.connection_pool.disconnect(inuse_connections=False)


@contextmanager
def translate_errors(client: "redis.Redis") -> Iterator[None]:
    """Raise our errors for those of redis-py.

    Raises BrokerUnavailableError, JournalFullError, LeaseLostError.
    """
    try:
        yield
    except (redis.exceptions.ConnectionError, redis.exceptions.TimeoutError, OSError) as error:
        drop_idle(client)
        raise BrokerUnavailableError(f"Redis can't be used: {error}") from error
    except redis.exceptions.ResponseError as error:
        raise _translation(error) from error


def _translation(error: redis.exceptions.ResponseError) -> StripchartError:
    text = _IN_SCRIPT.sub("", str(error))
    if isinstance(error, redis.exceptions.OutOfMemoryError) or text.startswith("OOM"):
        return JournalFullError("Redis is out of memory", "raise its maxmemory")
    if text.startswith("LEASETAKEN"):
        return LeaseTakenError("another writer holds the lease")
    if text.startswith("LEASELOST"):
        return LeaseLostError("the lease ran out")
    if text.startswith(_FULL):
        return JournalFullError(
            f"Redis takes nothing now: {text}", "the writer may be down or behind"
        )
    if text.startswith(_UNAVAILABLE):
        return BrokerUnavailableError(f"Redis is not ready: {text}")
    # No permission, a key of another type: whoever set that up can mend it while we run.
    return BrokerUnavailableError(f"Redis refuses what it is asked: {text}")

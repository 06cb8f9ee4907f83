"""The users of the Redis server that `stripchart up` starts.

The server listens on loopback, where every user of the machine can connect. Without a password
they can do what other tools need: subscribe, publish, and read the keys of the channel. Our own
processes log in as the operator, who may do everything.
"""

import hashlib
import re
import secrets
from typing import Final

from services.broker.keys import Keys

OPERATOR: Final = "stripchart"
"""The user name of our own processes."""

OTHERS: Final = "default"
"""The user name of clients that don't log in."""

_PASSWORD_BYTES: Final = 32

# Every name here must be known to Redis 6.2, which refuses to start otherwise.
_COMMANDS: Final = (
    "ping", "echo", "auth", "hello", "reset", "select", "info", "command",
    "client|id", "client|getname", "client|setname",
    "subscribe", "unsubscribe", "psubscribe", "punsubscribe", "publish",
    "exists", "type", "ttl", "pttl", "get", "hget", "hmget", "hgetall",
    "xlen", "xrange", "xrevrange", "xread", "xinfo",
)  # fmt: skip
"""Commands for clients without a password: none of these changes a key or the server."""

# A rule ends at a space and has no escapes that every server knows. "?" matches any byte.
_UNSAFE_BYTE: Final = re.compile(rb"[^A-Za-z0-9_.:/@-]")


def new_password() -> str:
    """Return a random password for the operator."""
    return secrets.token_hex(_PASSWORD_BYTES)


def rules_at_start(password: str) -> str:
    """Return the users with which the server starts, as a file for the option `aclfile`.

    Only the operator can log in. The server loads its append-only file as the default user
    and, before Redis 8.4, drops transactions that this user may not carry out. So the default user
    has all rights until then, and no way to log in.

    Args:
        password: The operator's password, of which the rules hold the digest only.
    """
    digest = hashlib.sha256(password.encode()).hexdigest()
    everything = "~* &* +@all"
    return f"user {OPERATOR} reset on #{digest} {everything}\nuser {OTHERS} reset {everything}\n"


def rights_of_others(channel: str) -> list[str]:
    """Return the rules of the default user once the data is loaded.

    Args:
        channel: The setting CHANNEL.
    """
    keys = Keys.of(channel)
    channels = (keys.channel, keys.adopted, keys.commands)
    # Redis 6.2 allows every channel until `resetchannels`.
    rules = ["reset", "on", "nopass", "resetchannels"]
    rules += [f"&{_pattern(name)}" for name in channels]
    return [*rules, f"~{_pattern(channel)}:*", *(f"+{command}" for command in _COMMANDS)]


def _pattern(name: str) -> str:
    return _UNSAFE_BYTE.sub(b"?", name.encode()).decode("ascii")

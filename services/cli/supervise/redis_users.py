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

_PASSWORD_BYTES: Final = 32

# Every name here must be known to Redis 6.2, which refuses to start otherwise.
_COMMANDS: Final = (
    "ping", "echo", "auth", "hello", "reset", "select", "info", "command",
    "client|id", "client|getname", "client|setname",
    "subscribe", "unsubscribe", "psubscribe", "punsubscribe", "publish",
    "exists", "type", "ttl", "pttl", "get", "hget", "hmget", "hgetall",
    "xlen", "xrange", "xrevrange", "xread", "xinfo",
)  # fmt: skip
"""What a client may do without a password: none of these changes a key or the server."""

# A rule ends at a space and has no escapes that every server knows. "?" matches any byte.
_UNSAFE_BYTE: Final = re.compile(rb"[^A-Za-z0-9_.:/@-]")


def new_password() -> str:
    """Return a random password for the operator."""
    return secrets.token_hex(_PASSWORD_BYTES)


def access_rules(channel: str, password: str) -> str:
    """Return the rules of both users, as a file for the option `aclfile`.

    Args:
        channel: The setting CHANNEL.
        password: The operator's password, of which the rules hold the digest only.
    """
    keys = Keys.of(channel)
    digest = hashlib.sha256(password.encode()).hexdigest()
    operator = ["reset", "on", f"#{digest}", "~*", "&*", "+@all"]
    channels = (keys.channel, keys.adopted, keys.commands)
    # Redis 6.2 allows every channel until `resetchannels`.
    everybody = ["reset", "on", "nopass", "resetchannels"]
    everybody += [f"&{_pattern(name)}" for name in channels]
    everybody += [f"~{_pattern(channel)}:*", *(f"+{command}" for command in _COMMANDS)]
    return f"user {OPERATOR} {' '.join(operator)}\nuser default {' '.join(everybody)}\n"


def _pattern(name: str) -> str:
    return _UNSAFE_BYTE.sub(b"?", name.encode()).decode("ascii")

"""The users of the Redis server that `stripchart up` starts.

The server listens on loopback, where every user of the machine can connect. Without a password
they can do what other tools need: subscribe, publish, and read what was rejected. Our own
processes log in as the operator, who may do everything.
"""

import hashlib
import secrets
from typing import Final

from services.cli.supervise.redis_rights import rights_of

OPERATOR: Final = "stripchart"
"""The user name of our own processes."""

OTHERS: Final = "default"
"""The user name of clients that don't log in."""

_PASSWORD_BYTES: Final = 32


def new_password() -> str:
    """Return a random password for the operator."""
    return secrets.token_hex(_PASSWORD_BYTES)


def hash_password(password: str) -> str:
    """Return the digest that stands for a password in rules."""
    return hashlib.sha256(password.encode()).hexdigest()


def rules_at_start(password: str) -> str:
    """Return the users with which the server starts, as a file for the option `aclfile`.

    Only the operator can log in. The server loads its append-only file as the default user
    and, before Redis 8.4, drops transactions that this user may not carry out. So the default user
    has all rights until then, and no way to log in.

    Args:
        password: The operator's password, of which the rules hold the digest only.
    """
    everything = "~* &* +@all"
    operator = f"user {OPERATOR} reset on #{hash_password(password)} {everything}"
    return f"{operator}\nuser {OTHERS} reset {everything}\n"


def rights_of_others(channel: str) -> list[str]:
    """Return the rules of the default user once the data is loaded.

    Args:
        channel: The setting CHANNEL.
    """
    reset, on, *rights = rights_of("tools", channel)
    return [reset, on, "nopass", *rights]

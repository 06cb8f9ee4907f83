"""The rights of each user of Redis: the one table for `stripchart up`, compose and others.

A name of a command here must be known to Redis 6.2, which refuses to start otherwise.
"""

import re
from typing import Final, NamedTuple

from services.jobs.queue import name_instance

_APPEND: Final = (
    "evalsha", "script|load", "publish", "xadd", "xlen", "xrange", "xrevrange", "xtrim", "exists",
    "del", "hdel", "hmget", "hget", "hset", "rpush", "lindex", "lpop", "lpush", "time",
)  # fmt: skip
"""Commands with which every publisher appends to the journal."""

_WRITER: Final = (
    "hgetall", "xread", "hexists", "llen", "get", "set", "multi", "exec", "subscribe", "ping",
    "info",
)  # fmt: skip
_WEB: Final = (
    "hgetall", "multi", "exec", "subscribe", "ping", "setrange", "zadd", "zrange",
    "zremrangebyrank", "info",
    "get", "incrby", "expire", "ttl",
)  # fmt: skip
_JOBS: Final = (
    "@hash", "@list", "@set", "@sortedset", "@stream", "@transaction", "-@dangerous",
    "evalsha", "script|load", "get", "set", "del", "exists", "expire", "persist", "info",
    "time",
)  # fmt: skip
_OPERATOR: Final = (
    "multi", "exec", "subscribe", "ping", "setrange", "get", "info",
    "sadd", "smembers", "zcard", "zremrangebyscore",
)  # fmt: skip
_TOOLS: Final = (
    "ping", "echo", "auth", "hello", "reset", "select", "info", "command",
    "client|id", "client|getname", "client|setname",
    "subscribe", "unsubscribe", "psubscribe", "punsubscribe", "publish",
    "exists", "type", "ttl", "pttl", "get", "hget", "hmget", "hgetall",
    "xlen", "xrange", "xrevrange", "xread", "xinfo",
)  # fmt: skip
"""Commands for other programs: none of these changes a key or the server."""

# A rule ends at a space and has no escapes that every server knows. "?" matches any byte.
_UNSAFE_BYTE: Final = re.compile(rb"[^A-Za-z0-9_.:/@-]")


class _Rights(NamedTuple):
    """Rights of a user.

    Attributes:
        commands: Commands and categories, in the words of Redis; one with "-" is taken away.
        keys: Patterns of keys, in which {channel} and {instance} are replaced.
        channels: Names of channels, with {channel}.
    """

    commands: tuple[str, ...]
    keys: tuple[str, ...] = ("{channel}:*",)
    channels: tuple[str, ...] = ("{channel}", "{channel}:adopted", "{channel}:commands")


_JOB_KEYS: Final = "rq:*:{instance}*"
_OPEN_CHANNELS: Final = ("{channel}", "{channel}:adopted")
"""Channels of readings. Commands, and so the journal, also carry hashes of passwords."""

_RIGHTS: Final = {
    "producer": _Rights((*_APPEND, "hgetall")),
    "writer": _Rights(_APPEND + _WRITER),
    "web": _Rights(_APPEND + _WEB),
    "jobs": _Rights(
        _JOBS,
        (
            _JOB_KEYS,
            "{channel}:journal",
            "{channel}:state",
            "{channel}:requests",
            "{channel}:reports",
        ),
        channels=(),
    ),
    "operator": _Rights(_APPEND + _OPERATOR, ("{channel}:*", _JOB_KEYS)),
    "tools": _Rights(_TOOLS, ("{channel}:state", "{channel}:rejected"), _OPEN_CHANNELS),
    "subscriber": _Rights(("subscribe", "ping"), (), _OPEN_CHANNELS),
}
"""The rights by role. The operator runs the commands of the command line.

Tools publish bare messages, and read what became of them; a subscriber only listens.
"""

ROLES: Final = tuple(_RIGHTS)


def rights_of(role: str, channel: str, database: int = 0) -> list[str]:
    """Return the rules of a role, without a password.

    Args:
        role: One of ROLES.
        channel: The setting CHANNEL.
        database: The number of the Redis database.
    """
    rights = _RIGHTS[role]
    names = {"channel": _pattern(channel), "instance": name_instance(channel, database)}
    # Redis 6.2 allows every channel until `resetchannels`.
    rules = ["reset", "on", "resetchannels"]
    rules += [f"&{name.format(**names)}" for name in rights.channels]
    rules += [f"~{key.format(**names)}" for key in rights.keys]
    rules += [name if name.startswith("-") else f"+{name}" for name in rights.commands]
    # Every connection to another database selects it.
    return [*rules, "+select"] if database and "+select" not in rules else rules


def _pattern(name: str) -> str:
    return _UNSAFE_BYTE.sub(b"?", name.encode()).decode("ascii")

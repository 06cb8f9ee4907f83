"""What Redis says about itself, the journal and the lease, for those who ask whether it is well."""

import time
from typing import Any, NamedTuple

import redis

from services.broker.connection import Broker, translate_errors
from services.broker.entries import parse_number
from services.position import EntryId

_MOST_REJECTED = 1_000
_CANT_SAVE = ("aof_last_write_status", "rdb_last_bgsave_status")


class RedisInfo(NamedTuple):
    """A Redis server. used, limit: bytes of memory, 0 for no limit.

    append_only: whether it keeps what it takes in a file. saves: whether it could, when it tried
    last. ahead: seconds that its clock is ahead of ours.
    """

    name: str
    version: str
    used: int
    limit: int
    policy: str
    append_only: bool
    saves: bool
    replica: bool
    ahead: float


class JournalStats(NamedTuple):
    """How much of the journal there is. size: bytes; n: the number of the last entry ever made."""

    epoch: str | None
    entries: int
    size: int
    n: int
    newest: EntryId | None


def read_redis_info(broker: Broker) -> RedisInfo | None:
    """The server; None for a stand-in that knows nothing of itself. BrokerUnavailableError."""
    with translate_errors(broker.client):
        before = time.time()
        seconds, micros = broker.client.time()
        ahead = seconds + micros / 1e6 - (before + time.time()) / 2
        try:
            told: dict[str, Any] = broker.client.info()
        except redis.exceptions.ResponseError:
            return None
    if "redis_version" not in told:
        return None
    return RedisInfo(
        "Valkey" if "valkey_version" in told else "Redis",
        str(told.get("valkey_version", told["redis_version"])),
        int(told.get("used_memory", 0)),
        int(told.get("maxmemory", 0)),
        str(told.get("maxmemory_policy", "")),
        bool(told.get("aof_enabled")),
        all(told.get(name, "ok") == "ok" for name in _CANT_SAVE),
        told.get("role") == "slave",
        ahead,
    )


def read_journal_stats(broker: Broker) -> JournalStats:
    """The journal as it is now. Raises BrokerUnavailableError."""
    journal, state = broker.keys.journal, broker.keys.state
    with translate_errors(broker.client), broker.client.pipeline(transaction=False) as pipeline:
        pipeline.hmget(state, ["epoch", "n", "b"])
        pipeline.xlen(journal)
        pipeline.xrange(journal, count=1)
        pipeline.xrevrange(journal, count=1)
        (epoch, n, size), entries, first, last = pipeline.execute()
    start = _field(first[0][1], b"b") if first else parse_number(size)
    return JournalStats(
        epoch.decode() if epoch is not None else None,
        entries,
        max(0, parse_number(size) - start),
        parse_number(n),
        EntryId.parse(last[0][0]) if last else None,
    )


def count_dead_letters(broker: Broker, since: int) -> int:
    """Messages that were rejected since a time in milliseconds, a thousand at most."""
    with translate_errors(broker.client):
        found: Any = broker.client.xrange(
            broker.keys.rejected, min=str(since), count=_MOST_REJECTED
        )
    return len(found)


def read_lease_holder(broker: Broker) -> str | None:
    """The identity of the database whose writer holds the lease, or None."""
    with translate_errors(broker.client):
        held = broker.client.get(broker.keys.lease)
    return held.decode("ascii", "replace").split(" ")[0] if isinstance(held, bytes) else None


def _field(flat: list[bytes], name: bytes) -> int:
    return parse_number(flat[flat.index(name) + 1]) if name in flat[::2] else 0

"""Diagnostics: what Redis reports about itself, the journal, the dead letters and the lease."""

import time
from typing import Any, Final, NamedTuple

import redis

from services.broker.connection import SOCKET_TIMEOUT_SECONDS, Broker, translate_errors
from services.broker.entries import parse_counters, parse_number
from services.broker.subscription import Subscription
from services.position import EntryId

_SAVE_STATES: Final = ("aof_last_write_status", "rdb_last_bgsave_status")


class RedisInfo(NamedTuple):
    """A Redis server.

    Attributes:
        name: "Redis" or "Valkey".
        version: Its version.
        used_bytes: Memory that it uses.
        max_bytes: Memory that it may use, 0 for no limit.
        eviction_policy: Its `maxmemory-policy`.
        append_only: True if it writes an append-only file.
        can_save: False if its last attempt to write to the disk failed.
        clock_ahead_seconds: Difference of its clock from the clock of this machine.
    """

    name: str
    version: str
    used_bytes: int
    max_bytes: int
    eviction_policy: str
    append_only: bool
    can_save: bool
    clock_ahead_seconds: float


class JournalStats(NamedTuple):
    """The size of the journal.

    Attributes:
        epoch: The journal's epoch, None if there is no journal.
        entries: Number of entries.
        size_bytes: Bytes of their texts without the first one, as the journal's bound counts.
        last_sequence: Sequence number of the last entry that was ever appended.
        newest: Id of the newest entry, None for an empty journal.
    """

    epoch: str | None
    entries: int
    size_bytes: int
    last_sequence: int
    newest: EntryId | None


def read_redis_info(broker: Broker) -> RedisInfo | None:
    """Return the state of the server, or None for a stand-in that reports nothing.

    Raises:
        BrokerRefusedError: The user may not ask for it.
        BrokerUnavailableError: Redis can't be used.
    """
    with translate_errors(broker.client):
        before = time.time()
        seconds, micros = broker.client.time()
        ahead = seconds + micros / 1e6 - (before + time.time()) / 2
        try:
            info: dict[str, Any] = broker.client.info()
        except redis.exceptions.NoPermissionError:
            raise
        except redis.exceptions.ResponseError:
            return None
    if "redis_version" not in info:
        return None
    return RedisInfo(
        name="Valkey" if "valkey_version" in info else "Redis",
        version=str(info.get("valkey_version", info["redis_version"])),
        used_bytes=int(info.get("used_memory", 0)),
        max_bytes=int(info.get("maxmemory", 0)),
        eviction_policy=str(info.get("maxmemory_policy", "")),
        append_only=bool(info.get("aof_enabled")),
        can_save=all(info.get(name, "ok") == "ok" for name in _SAVE_STATES),
        clock_ahead_seconds=ahead,
    )


def check_rights(broker: Broker) -> None:
    """Check that the user may run scripts and subscribe to the channels. Nothing is changed.

    Raises:
        BrokerRefusedError: The user may not.
        BrokerUnavailableError: Redis can't be used.
    """
    keys = broker.keys
    with translate_errors(broker.client):
        broker.script("snapshot")(keys=[keys.journal, keys.state], args=["-", 1])
    subscription = Subscription(broker, [keys.channel, keys.adopted, keys.commands])
    try:
        subscription.get(SOCKET_TIMEOUT_SECONDS)
    finally:
        subscription.close()


def read_journal_stats(broker: Broker) -> JournalStats:
    """Return the size of the journal.

    Raises:
        BrokerUnavailableError: Redis can't be used.
    """
    journal, state = broker.keys.journal, broker.keys.state
    with translate_errors(broker.client), broker.client.pipeline(transaction=False) as pipeline:
        pipeline.hmget(state, ["epoch", "n", "b"])
        pipeline.xlen(journal)
        pipeline.xrange(journal, count=1)
        pipeline.xrevrange(journal, count=1)
        (epoch, n, b), entries, first, last = pipeline.execute()
    total_bytes = parse_number(b)
    bytes_at_start = parse_counters(first[0]).total_bytes if first else total_bytes
    return JournalStats(
        epoch.decode(errors="replace") if epoch is not None else None,
        entries,
        max(0, total_bytes - bytes_at_start),
        parse_number(n),
        EntryId.parse(last[0][0]) if last else None,
    )


def read_lease_holder(broker: Broker) -> str | None:
    """Return the identity of the database whose writer holds the lease, or None.

    Raises:
        BrokerUnavailableError: Redis can't be used.
    """
    with translate_errors(broker.client):
        token = broker.client.get(broker.keys.lease)
    return token.decode("ascii", "replace").split(" ")[0] if isinstance(token, bytes) else None

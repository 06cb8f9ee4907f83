"""Counters of rate limits in Redis, which all web processes share."""

from limits.storage import RedisStorage

from services.broker.connection import Broker


def shared_limit_storage(broker: Broker) -> RedisStorage:
    """Return a storage for limits. Its methods raise `limits.errors.StorageError`."""
    return RedisStorage(
        "redis://",
        connection_pool=broker.client.connection_pool,
        key_prefix=broker.keys.limits,
        wrap_exceptions=True,
    )

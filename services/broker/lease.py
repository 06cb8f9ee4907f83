"""Leases: the right of one process to do a task. A lease expires unless it is renewed.

A process that was suspended may still believe that it holds the lease. So it sends its fencing
token with each write, and the scripts in Redis refuse a token that no longer holds the lease.
"""

import secrets
from typing import Final

from services.broker.connection import Broker, translate_errors

LEASE_SECONDS: Final = 10.0
"""Time after which the writer's lease expires unless it is renewed."""


class Lease:
    """A lease on a key of Redis.

    Args:
        broker: The Redis with the key.
        owner: Name of the holder, without spaces. Only one process may live under a name: a lease
            that a dead process of the same name left behind is taken over at once. A writer uses
            the identity of its database, whose lock it holds.
        key: The key, by default the one of the writer's lease.
        seconds: Time after which the lease expires.
    """

    def __init__(
        self,
        broker: Broker,
        owner: str,
        key: str | None = None,
        seconds: float = LEASE_SECONDS,
    ) -> None:
        self.key = broker.keys.lease if key is None else key
        self._client = broker.client
        self._owner = owner
        self._token = secrets.token_hex(8)
        self._milliseconds = int(seconds * 1000)
        self._script = broker.script("lease")

    @property
    def fencing_token(self) -> str:
        """The value of the key while this process holds the lease."""
        return f"{self._owner} {self._token}"

    def acquire(self) -> bool:
        """Take the lease if it is free, this process's, or left behind by the same owner.

        Returns:
            True if this process holds the lease now.

        Raises:
            BrokerUnavailableError: Redis can't be used.
        """
        return self._run("acquire")

    def renew(self) -> bool:
        """Extend the lease, also if it has expired and nobody took it.

        Returns:
            True if this process holds the lease now, False if another one does.

        Raises:
            BrokerUnavailableError: Redis can't be used.
        """
        return self._run("renew")

    def release(self) -> None:
        """Give the lease up if this process holds it.

        Raises:
            BrokerUnavailableError: Redis can't be used.
        """
        self._run("release")

    def _run(self, action: str) -> bool:
        with translate_errors(self._client):
            return bool(
                self._script(
                    keys=[self.key],
                    args=[action, self._owner, self._token, self._milliseconds],
                )
            )

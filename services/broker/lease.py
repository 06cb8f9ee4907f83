"""The writer's lease: who adopts strangers' messages and trims the journal.

The database's own lock decides who writes it; the lease decides between writers of different
databases, and is checked by the scripts, so that a writer that was asleep does no harm.
"""

import secrets
from typing import Final

from services.broker.connection import Broker, translate_errors

LEASE_SECONDS: Final = 10.0
"""How long a lease lasts unless it is renewed."""


class Lease:
    """A claim on the lease.

    identity: names the database. Two claims of one identity are never alive together, because
    each needs the database's lock: so a claim replaces a dead one of its own identity at once.
    """

    def __init__(self, broker: Broker, identity: str) -> None:
        self._client = broker.client
        self.key = broker.keys.lease
        self._identity = identity
        self._token = secrets.token_hex(8)
        self._script = broker.script("lease")

    @property
    def fencing_token(self) -> str:
        """What stands in Redis while this claim holds the lease."""
        return f"{self._identity} {self._token}"

    def acquire(self) -> bool:
        """Take or renew the lease; tells whether it is held. Raises BrokerUnavailableError."""
        return self._ask(LEASE_SECONDS)

    def release(self) -> None:
        """Let go of the lease, if it is held. Raises BrokerUnavailableError."""
        self._ask(0)

    def _ask(self, seconds: float) -> bool:
        with translate_errors(self._client):
            return bool(
                self._script(
                    keys=[self.key], args=[self._identity, self._token, int(seconds * 1000)]
                )
            )

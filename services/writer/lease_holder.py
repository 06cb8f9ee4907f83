"""Holds the writer's lease, and sends Redis what only the holder of the lease may send."""

import logging
import time
from collections.abc import Callable, Sequence
from typing import Final

from services.broker import Journal, Lease, Message
from services.errors import BrokerUnavailableError, JournalFullError, LeaseLostError
from services.log import FaultLog
from services.metric import Sample
from services.metric_table import LEASE_HELD
from services.position import Checkpoint

logger = logging.getLogger("writer")

_RENEW_SECONDS: Final = 3.0
"""Time between renewals, less than a third of the time after which the lease expires."""


class LeaseHolder:
    """Shares one lease between the channel bridge and the writer's loop.

    The bridge acquires and renews the lease in its thread. The loop acknowledges in another one.

    Args:
        journal: Receives acknowledgements and external messages.
        lease: The lease to hold.
        monotonic: Clock in seconds that is never set back.
    """

    def __init__(
        self, journal: Journal, lease: Lease, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._journal = journal
        self._lease = lease
        self._monotonic = monotonic
        self._held = False
        self._renewed_at = 0.0
        self._acknowledged: Checkpoint | None = None
        self._waiting = FaultLog(logger, "waiting for the lease", "lease acquired", monotonic)

    @property
    def held(self) -> bool:
        """True if the lease was held when it was last used."""
        return self._held

    def samples(self) -> list[Sample]:
        """Return the sample of the lease."""
        return [Sample(LEASE_HELD, int(self._held))]

    def acquire(self) -> bool:
        """Acquire the lease if no other writer holds it.

        Returns:
            True if the lease is held now.

        Raises:
            BrokerUnavailableError: Redis can't be used.
        """
        self._renewed_at = self._monotonic()
        self._held = self._lease.acquire()
        # Another holder may have acknowledged something else.
        self._acknowledged = None
        if self._held:
            self._waiting.end()
        else:
            self._waiting.begin("another writer holds it")
        return self._held

    def renew_when_due(self) -> None:
        """Renew the lease if it is held and was not renewed for 3 s.

        Raises:
            BrokerUnavailableError: Redis can't be used.
        """
        now = self._monotonic()
        if self._held and now - self._renewed_at > _RENEW_SECONDS:
            self._renewed_at = now
            # If Redis or another program dropped the checkpoint, it is sent again.
            self._acknowledged = None
            self._held = self._lease.renew()

    def suspend(self) -> None:
        """Count the lease as lost until it is acquired again, because Redis can't be used."""
        self._held = False

    def release(self) -> None:
        """Give the lease up, so that another writer gets it at once."""
        self._held = False
        try:
            self._lease.release()
        except BrokerUnavailableError as error:
            logger.debug("lease not released, it will expire: %s", error)

    def append_external(self, messages: Sequence[Message]) -> None:
        """Append external messages to the journal.

        Raises:
            LeaseTakenError: Another writer holds the lease.
            LeaseLostError: The lease has expired.
            JournalFullError: The messages don't fit.
            BrokerUnavailableError: The messages may or may not have been appended.
        """
        try:
            self._journal.append_external(messages, self._lease)
        except LeaseLostError:
            self._held = False
            raise

    def acknowledge(self, position: Checkpoint) -> None:
        """Tell Redis that the database holds everything up to a checkpoint.

        Without the lease this does nothing: its holder acknowledges and trims.

        Raises:
            BrokerUnavailableError: Redis can't be used.
        """
        if not self._held or position == self._acknowledged:
            return
        try:
            self._journal.acknowledge(position, self._lease)
            self._acknowledged = position
        except LeaseLostError:
            # The bridge acquires it again.
            self._held = False
        except JournalFullError as error:
            # Redis can't store the checkpoint. The next batch brings a newer one.
            logger.debug("journal not trimmed: %s", error)

"""A mark beside the journal: the end of Redis's file may be missing.

It was damaged and cut, or the machine went down before all of it was on the disk. What is missing
may have been acknowledged, and the journal alone does not show it. Who notices this is not who
records losses, so the mark waits in the journal's state. If the state is lost, so is the journal,
and that is detected without a mark.
"""

from typing import Final

from services.broker.connection import Broker, translate_errors

_FIELD: Final = "cut"


class TruncationMark:
    """The mark of one journal. All methods may raise BrokerUnavailableError."""

    def __init__(self, broker: Broker) -> None:
        self._client = broker.client
        self._state = broker.keys.state

    def set(self) -> None:
        """Mark the journal."""
        with translate_errors(self._client):
            self._client.hset(self._state, _FIELD, "1")

    def is_set(self) -> bool:
        """Return True if the journal is marked."""
        with translate_errors(self._client):
            return bool(self._client.hexists(self._state, _FIELD))

    def clear(self) -> None:
        """Remove the mark, because the loss is recorded."""
        with translate_errors(self._client):
            self._client.hdel(self._state, _FIELD)

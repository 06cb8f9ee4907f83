"""The backlog: messages that are in the journal, but not on the channel yet.

A call of many bytes is published in steps, with pauses in which subscribers can read. The order on
the channel stays the journal's. Any process may take the next step, so a publisher that dies
leaves nothing unpublished.
"""

import time
from typing import Final

from services.broker.append_script import MAX_STEP_BYTES
from services.broker.connection import Broker, translate_errors

MAX_CALL_BYTES: Final = 64 << 20
"""Bytes of messages of one write over HTTP. It takes about 3 s to publish them."""

_MAX_STEP_ENTRIES: Final = 1_000
_PAUSE_SECONDS: Final = 0.04
"""Time between two steps, which makes 26 MB/s. Redis cuts a silent subscriber after 1.2 s."""

_MAX_SECONDS: Final = 10.0
"""Time for which a publisher works on the backlog, also of others."""


class Backlog:
    """Publishes the backlog of a journal. All methods may raise BrokerUnavailableError."""

    def __init__(self, broker: Broker) -> None:
        self._client = broker.client
        self._keys = [broker.keys.journal, broker.keys.backlog]
        self._script = broker.script("announce")

    def publish_step(self) -> float | None:
        """Publish the next messages if their time has come.

        Returns:
            Seconds until the next step, None if the backlog is empty.
        """
        with translate_errors(self._client):
            milliseconds = self._script(
                keys=self._keys,
                args=[MAX_STEP_BYTES, _MAX_STEP_ENTRIES, round(_PAUSE_SECONDS * 1000)],
            )
        return None if milliseconds < 0 else milliseconds / 1000

    def publish_all(self) -> None:
        """Publish until the backlog is empty, but for at most ten seconds."""
        end = time.monotonic() + _MAX_SECONDS
        while (delay := self.publish_step()) is not None and time.monotonic() < end:
            time.sleep(delay)

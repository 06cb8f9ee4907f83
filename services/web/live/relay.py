"""The relay: feeds the hub with what the follower of the journal brings."""

import logging
import time
from collections.abc import Callable
from typing import Final

import gevent

from services.broker import (
    Broker,
    CaughtUp,
    DataLost,
    Disconnected,
    Event,
    Follower,
    Journal,
    Received,
    Started,
)
from services.command import affected_series
from services.log import FaultLog
from services.web.live import frames
from services.web.live.hub import Hub

logger = logging.getLogger("web")

_BREATH_SECONDS: Final = 0.005
"""How long the relay may go on while others wait: what is there already needs no waiting."""


class Relay:
    """Keeps the hub where the journal is.

    taken: called after the hub has taken something, to have it sent.
    """

    def __init__(
        self, broker: Broker, journal: Journal, hub: Hub, taken: Callable[[], None]
    ) -> None:
        self.follower = Follower(broker, journal)
        self._hub = hub
        self._taken = taken
        self._fault = FaultLog(logger, "live readings unavailable", "live readings available again")

    def run(self) -> None:
        """Relay for ever."""
        breath = time.monotonic()
        for event in self.follower.events():
            self.take(event)
            if time.monotonic() - breath > _BREATH_SECONDS:
                gevent.sleep(0)
                breath = time.monotonic()

    def take(self, event: Event) -> None:
        """Bring the hub to where the follower is."""
        match event:
            case Received(cursor, readings, command):
                self._hub.relay(cursor.entry, readings, affected_series(command) if command else ())
                self._taken()
            case Started(cursor):
                self._hub.start(cursor)
                self._taken()
            case DataLost(reason, cursor):
                self._hub.start(cursor)
                self._hub.send_to_all(frames.reset(reason, cursor))
                self._taken()
            case CaughtUp():
                self._fault.end()
            case Disconnected(error):
                self._fault.begin(error)

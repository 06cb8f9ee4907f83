"""The relay feeds the hub with the events of the journal's follower."""

import logging
import time
from collections.abc import Callable
from typing import Final

from services.access_command import AccessCommand, RecordTokenUse
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
from services.command import Command, DeleteView, PutView
from services.errors import BrokerUnavailableError, JournalFullError
from services.log import FaultLog
from services.position import Cursor
from services.web.http.event_loop import pass_turn
from services.web.live import frames
from services.web.live.hub import Hub
from services.web.live.recent import LiveMessage

logger = logging.getLogger("web")

_MAX_RUN_SECONDS: Final = 0.02
"""Time after which the relay yields: events that are there already never make it wait."""


class Relay:
    """Keeps the hub at the end of the journal.

    Args:
        broker: The connection to Redis.
        journal: The journal to follow.
        hub: Receives the messages.
        on_change: Called when the hub has something to send or has moved.
        on_access_change: Called with the cursor of each command that may change who has access.

    Attributes:
        follower: The follower of the journal.
        error: The reason why nothing is relayed, None while it works.
    """

    def __init__(
        self,
        broker: Broker,
        journal: Journal,
        hub: Hub,
        on_change: Callable[[], None],
        on_access_change: Callable[[Cursor], None],
    ) -> None:
        self.follower: Final = Follower(broker, journal)
        self.error: BrokerUnavailableError | JournalFullError | None = None
        self._hub = hub
        self._on_change = on_change
        self._on_access_change = on_access_change
        self._yielded_at = time.monotonic()
        self._fault = FaultLog(logger, "live readings unavailable", "live readings available again")

    def run(self) -> None:
        """Relay forever."""
        for event in self.follower.events():
            if isinstance(event, Received):
                self._prepare(event)
            self.apply(event)
            self._yield_when_due()

    def _prepare(self, received: Received) -> None:
        """Let the hub compare new series with patterns. Others are served meanwhile."""
        for _ in self._hub.prepare(LiveMessage.from_received(received)):
            self._yield_when_due()

    def _yield_when_due(self) -> None:
        if time.monotonic() - self._yielded_at > _MAX_RUN_SECONDS:
            pass_turn()
            self._yielded_at = time.monotonic()

    def apply(self, event: Event) -> None:
        """Bring the hub to the position of the follower."""
        match event:
            case Received(cursor, _, command):
                if _may_change_access(command):
                    self._on_access_change(cursor)
                self._hub.relay(LiveMessage.from_received(event))
                self._on_change()
            case Started(cursor):
                self._hub.start(cursor)
                self._on_change()
            case DataLost(reason, cursor):
                self._hub.start(cursor)
                self._hub.broadcast(frames.reset(reason, cursor))
                self._on_change()
            case CaughtUp():
                self.error = None
                self._fault.end()
            case Disconnected(error):
                self.error = error
                self._fault.begin(error)


def _may_change_access(command: Command | None) -> bool:
    """Return True if somebody may have other rights after a command. Views may be shared."""
    if isinstance(command, RecordTokenUse):
        return False
    return isinstance(command, AccessCommand | PutView | DeleteView)

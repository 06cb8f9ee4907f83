"""Who watches this process live, and the greenlets that serve them."""

import logging
import os
import signal
import time
from typing import Final

import gevent
import gevent.event

from services.broker import Broker, Journal
from services.web import frames
from services.web.hub import Hub
from services.web.outlet import Outlet
from services.web.relay import Relay

logger = logging.getLogger("web")

PING_SECONDS: Final = 5.0
_FLUSH_SECONDS: Final = 0.05
_LOOK_SECONDS: Final = 1.0


class Live:
    """The viewers of this process, and the greenlets that serve them."""

    def __init__(self, broker: Broker, journal: Journal, hub: Hub, most_viewers: int) -> None:
        self.journal = journal
        self.hub = hub
        self.viewers: set[Outlet] = set()
        self.most_viewers = most_viewers
        self._started = False
        self._dirty = gevent.event.Event()
        self._moved = gevent.event.Event()
        self._relay = Relay(broker, journal, self.hub, self._taken)

    def start(self) -> None:
        """Relay from now on, in greenlets; once is enough."""
        if self._started:
            return
        self._started = True
        for task in (self._relay.run, self._flush, self._ping, self._drop_slow):
            gevent.spawn(task).link_exception(_end_process)

    def close(self) -> None:
        """Ask all viewers to come back, to the next server."""
        self.hub.flush()
        last = frames.close(frames.GOING_AWAY, "the server restarts: come back")
        for viewer in list(self.viewers):
            viewer.finish(last)

    def wait_for_move(self, seconds: float) -> None:
        """Wait until the hub has moved, but not longer than this."""
        self._moved.wait(seconds)

    def _taken(self) -> None:
        self._dirty.set()
        self._moved.set()
        self._moved.clear()

    def _flush(self) -> None:
        """Send at once when it was quiet, else as often as is good for everybody."""
        flushed = 0.0
        while True:
            self._dirty.wait()
            gevent.sleep(max(0.0, flushed + _FLUSH_SECONDS - time.monotonic()))
            self._dirty.clear()
            self.hub.flush()
            flushed = time.monotonic()

    def _ping(self) -> None:
        while True:
            gevent.sleep(PING_SECONDS)
            self.hub.ping(time.time())

    def _drop_slow(self) -> None:
        last = frames.close(frames.TRY_AGAIN, "too slow: come back with the cursor")
        while True:
            gevent.sleep(_LOOK_SECONDS)
            for viewer in list(self.viewers):
                if viewer.slow:
                    viewer.finish(last)


def _end_process(task: gevent.Greenlet) -> None:
    """A process that relays no more must not go on as if it did: gunicorn starts another one."""
    logger.critical("a part of the live relay failed: %r", task.exception)
    os.kill(os.getpid(), signal.SIGTERM)

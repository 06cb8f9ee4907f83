"""Who watches this process live, and the greenlets that serve them."""

import logging
import os
import random
import signal
import time
from typing import Final

import gevent
import gevent.event

from services.broker import Broker, Journal
from services.web.live import frames
from services.web.live.flush_scheduler import FlushScheduler
from services.web.live.hub import Hub
from services.web.live.relay import Relay
from services.web.live.replay import ReplayCache
from services.web.live.send_queue import SendQueue

logger = logging.getLogger("web")

PING_SECONDS: Final = 5.0
_LOOK_SECONDS: Final = 1.0

# A server takes some hundred viewers a second, and the first are to wait until it is there.
_BACK_AFTER_SECONDS: Final = 0.5
_BACK_PER_SECOND: Final = 400


class Broadcaster:
    """The viewers of this process, and the greenlets that serve them."""

    def __init__(self, broker: Broker, journal: Journal, hub: Hub, most_viewers: int) -> None:
        self.journal = journal
        self.hub = hub
        self.replay_cache = ReplayCache(journal, hub)
        self.viewers: set[SendQueue] = set()
        self.max_viewers = most_viewers
        self.closing = False
        self._started = False
        self._dirty = gevent.event.Event()
        self._moved = gevent.event.Event()
        self._pace = FlushScheduler()
        self._relay = Relay(broker, journal, self.hub, self._taken)

    def start(self) -> None:
        """Relay from now on, in greenlets; once is enough."""
        if self._started:
            return
        self._started = True
        for task in (self._relay.run, self._flush, self._ping, self._drop_slow):
            gevent.spawn(task).link_exception(_end_process)

    def close(self) -> None:
        """Ask all viewers to come back, to the next server, and not all at one moment."""
        self.closing = True
        self.hub.flush()
        spread = 1.0 + len(self.viewers) / _BACK_PER_SECOND
        for viewer in list(self.viewers):
            retry = _BACK_AFTER_SECONDS + spread * random.random()  # noqa: S311 (no secret)
            viewer.finish(frames.Close(frames.GOING_AWAY, "the server restarts", retry))

    def request_catch_up(self) -> None:
        """Have the relay look into the journal soon."""
        self._relay.follower.request_catch_up()

    def wait_for_move(self, seconds: float) -> None:
        """Wait until the hub has moved and sent, but not longer than this."""
        self._moved.wait(seconds)

    def _taken(self) -> None:
        self._pace.count += 1
        self._dirty.set()

    def _flush(self) -> None:
        """Send at once when it is quiet, else as often as is good for everybody."""
        while True:
            self._dirty.wait()
            gevent.sleep(self._pace.wait())
            self._dirty.clear()
            begun = self._pace.begin()
            self.hub.flush()
            self._pace.end(begun)
            # Not with each message: all who wait for the hub would wake for each.
            self._moved.set()
            self._moved.clear()

    def _ping(self) -> None:
        while True:
            gevent.sleep(PING_SECONDS)
            self.hub.ping(time.time())
            self.replay_cache.clear()

    def _drop_slow(self) -> None:
        while True:
            gevent.sleep(_LOOK_SECONDS)
            for viewer in list(self.viewers):
                if viewer.is_too_slow:
                    viewer.finish(frames.Close(frames.TRY_AGAIN, "too slow", _BACK_AFTER_SECONDS))


def _end_process(task: gevent.Greenlet) -> None:
    """A process that relays no more must not go on as if it did: gunicorn starts another one."""
    logger.critical("a part of the live relay failed: %r", task.exception)
    os.kill(os.getpid(), signal.SIGTERM)

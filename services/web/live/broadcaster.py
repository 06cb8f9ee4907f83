"""The live stream of one process: its viewers, and the greenlets that serve them."""

import logging
import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from typing import Final

import gevent
from gevent.event import Event

from services.broker import Broker, Journal
from services.metric import Sample
from services.metric_table import QUEUED_BYTES, VIEWERS, VIEWERS_LIMIT
from services.position import Cursor
from services.web.live import frames
from services.web.live.access_watch import ACCESS_CHECK_SECONDS, AccessWatch
from services.web.live.flush_scheduler import FlushScheduler
from services.web.live.hub import Hub
from services.web.live.paced_turns import PacedTurns
from services.web.live.relay import Relay
from services.web.live.replay import ReplayCache
from services.web.live.send_queue import SendQueue

logger = logging.getLogger("web")

PING_SECONDS: Final = 5.0
_SLOW_CHECK_SECONDS: Final = 1.0

MAX_TOTAL_QUEUED_BYTES: Final = 64 << 20
"""Bytes that may be queued for all viewers together. Frames that viewers share count each time."""

_MIN_RECONNECT_SECONDS: Final = 0.5
"""Time that the next server needs until it accepts viewers."""

_RECONNECTS_PER_SECOND: Final = 400
"""Viewers that a server can greet in a second."""


class Pulse:
    """Wakes all greenlets that wait at this moment. It leaves nothing behind for later ones."""

    def __init__(self) -> None:
        self._event = Event()

    def send(self) -> None:
        """Wake all waiting greenlets."""
        # `set` wakes the greenlets that wait, even if the event is cleared before they run.
        self._event.set()
        self._event.clear()

    def wait(self, seconds: float) -> None:
        """Wait for the next `send`, at most this long."""
        self._event.wait(seconds)


class Broadcaster:
    """The live stream of this process.

    Args:
        broker: The connection to Redis.
        journal: The journal to follow.
        hub: Sends messages to viewers.
        max_viewers: Viewers that are admitted.
        replay_cache: Serves reconnecting viewers. The default suits the hub.
        on_access_change: Called with the cursor of each command that may change who has access.
        access_watch: Closes viewers whose access has ended. The default closes none.

    Attributes:
        relay: Feeds the hub.
        viewers: Send queues of all viewers, also before they join the hub.
        access_watch: Knows who the viewers are.
        compare_turns: Turns in which sessions compare series with patterns.
        send_turns: Turns in which sessions encode and send much at once.
        receive_turns: Turns in which viewers' frames are received.
        closing: True when no more viewers are admitted.
    """

    def __init__(
        self,
        broker: Broker,
        journal: Journal,
        hub: Hub,
        max_viewers: int,
        replay_cache: ReplayCache | None = None,
        *,
        on_access_change: Callable[[Cursor], None] = lambda _cursor: None,
        access_watch: AccessWatch | None = None,
    ) -> None:
        self.journal: Final = journal
        self.hub: Final = hub
        if replay_cache is None:
            replay_cache = ReplayCache(journal, hub.recent, hub.series_ids)
        self.replay_cache: Final = replay_cache
        self.relay: Final = Relay(broker, journal, hub, self._request_flush, on_access_change)
        self.viewers: set[SendQueue] = set()
        self.access_watch: Final = access_watch or AccessWatch()
        self.compare_turns: Final = PacedTurns()
        self.send_turns: Final = PacedTurns()
        self.receive_turns: Final = PacedTurns()
        self.max_viewers = max_viewers
        self.closing = False
        self._started = False
        self._flush_requested = Event()
        self._flushed = Pulse()
        self._scheduler = FlushScheduler()

    def start(self) -> None:
        """Start relaying, in greenlets. Later calls have no effect."""
        if self._started:
            return
        self._started = True
        for task in (
            self.relay.run,
            self._flush,
            self._ping,
            self._close_slow_viewers,
            self._close_revoked_viewers,
        ):
            gevent.spawn(task).link_exception(_end_process)

    def close(self) -> None:
        """Ask all viewers to reconnect, each after a different pause."""
        self.closing = True
        self.hub.flush()
        spread = 1.0 + len(self.viewers) / _RECONNECTS_PER_SECOND
        for viewer in list(self.viewers):
            delay = _MIN_RECONNECT_SECONDS + spread * random.random()  # noqa: S311 (no secret)
            viewer.finish(frames.CloseFrame(frames.CLOSE_GOING_AWAY, "the server restarts", delay))

    def samples(self) -> Iterator[Sample]:
        """Yield the samples of viewers and frames."""
        yield Sample(VIEWERS, len(self.viewers))
        yield Sample(VIEWERS_LIMIT, self.max_viewers)
        yield Sample(QUEUED_BYTES, sum(viewer.queued_bytes for viewer in self.viewers))
        yield from self.hub.metrics.samples()

    def request_catch_up(self) -> None:
        """Make the relay read the journal soon."""
        self.relay.follower.request_catch_up()

    def wait_for_flush(self, seconds: float) -> None:
        """Wait until the hub has moved and sent, at most this long."""
        self._flushed.wait(seconds)

    def _request_flush(self) -> None:
        self._scheduler.count_message()
        self._flush_requested.set()

    def _flush(self) -> None:
        """Flush the hub as often as the scheduler allows."""
        while True:
            self._flush_requested.wait()
            gevent.sleep(self._scheduler.delay())
            self._flush_requested.clear()
            begun_at = self._scheduler.begin()
            self.hub.flush()
            self._scheduler.end(begun_at)
            # Once for each flush: a pulse for each message would wake all waiting viewers.
            self._flushed.send()

    def _ping(self) -> None:
        while True:
            gevent.sleep(PING_SECONDS)
            self.hub.ping(time.time())
            self.replay_cache.clear()

    def close_slow_viewers(self, max_bytes: int = MAX_TOTAL_QUEUED_BYTES) -> None:
        """Close viewers above the bounds of a queue, and the slowest of all.

        Args:
            max_bytes: Bytes that may be queued for all viewers together.
        """
        viewers = [viewer for viewer in self.viewers if not viewer.closed]
        total = sum(viewer.queued_bytes for viewer in viewers)
        for viewer in sorted(viewers, key=lambda viewer: viewer.queued_bytes, reverse=True):
            if viewer.is_too_slow or total > max_bytes:
                total -= viewer.queued_bytes
                self.hub.metrics.viewers_dropped += 1
                viewer.finish(
                    frames.CloseFrame(frames.CLOSE_TRY_AGAIN, "too slow", _MIN_RECONNECT_SECONDS)
                )

    def _close_slow_viewers(self) -> None:
        while True:
            gevent.sleep(_SLOW_CHECK_SECONDS)
            self.close_slow_viewers()

    def _close_revoked_viewers(self) -> None:
        while True:
            gevent.sleep(ACCESS_CHECK_SECONDS)
            self.access_watch.close_revoked()


def _end_process(task: gevent.Greenlet) -> None:
    """End a process that no longer relays; gunicorn starts another one."""
    logger.critical("live relay stopped, the process ends: %r", task.exception)
    os.kill(os.getpid(), signal.SIGTERM)

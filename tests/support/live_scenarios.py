"""Scenarios of the live stream: a journal, its channel, a web process, and viewers."""

from dataclasses import dataclass, field
from itertools import count
from typing import Any

import fakeredis
import gevent

from services.broker import Announcement, Broker, Journal, Message
from services.cli.supervise.fake_server import new_fake_server
from services.pattern import SeriesFilter
from services.position import Cursor, EntryId
from services.reading import Reading
from services.settings import Settings
from services.web.live.broadcaster import Broadcaster
from services.web.live.hub import Hub
from services.web.live.recent import MAX_RECENT_READINGS
from services.web.live.replay import ReplayCache
from services.web.live.session import Session, SessionTiming
from tests.support.viewers import Viewer

NAMES = ("kitchen", "cellar", "attic")
ALL_SERIES = SeriesFilter([])
IMPATIENT = SessionTiming(poll_seconds=0.001, ahead_check_seconds=0.001)


@dataclass
class Watch:
    """A viewer, and the readings that it has received.

    Attributes:
        viewer: The current connection.
        first: Number of readings that were published before its first cursor.
        cursor: The newest cursor that it received.
        names: Names of series by id.
        received: Name and time of each reading.
        greenlet: The session's greeting and replay.
    """

    viewer: Viewer
    first: int
    cursor: str
    names: dict[int, str] = field(default_factory=dict)
    received: list[tuple[str, float]] = field(default_factory=list)
    greenlet: gevent.Greenlet = field(default_factory=gevent.Greenlet)

    def read(self) -> None:
        """Take in the frames that have arrived."""
        for document in self.viewer.read():
            assert document["type"] != "reset"
            if document["type"] in {"hello", "series"}:
                self.names |= {series_id: name for name, series_id in document["series"].items()}
            if document["type"] == "readings":
                readings = [
                    (ts, self.names[int(series_id)])
                    for series_id, (times, _values) in document["series"].items()
                    for ts in times
                ]
                self.received += [(name, ts) for ts, name in sorted(readings)]
            self.cursor = document.get("cursor", self.cursor)


class LiveScenario:
    """A journal, a channel whose deliveries the test controls, a broadcaster, and viewers.

    Args:
        max_recent_readings: Readings in the hub's ring buffer.
    """

    def __init__(self, max_recent_readings: int = MAX_RECENT_READINGS) -> None:
        self.settings = Settings.from_environ({})
        self.broker = Broker(fakeredis.FakeRedis(server=new_fake_server()), self.settings)
        self.redis: Any = self.broker.client
        self.journal = Journal(self.broker)
        self.max_recent_readings = max_recent_readings
        self.published: list[tuple[str, float]] = []
        # Every cursor of the journal, and the number of readings before it.
        self.cursors = [(str(self.journal.end().cursor), 0)]
        self.undelivered: list[Announcement] = []
        self.watches: list[Watch] = []
        self._times = count(1)
        self._pubsub = self.redis.pubsub()
        self._pubsub.subscribe(self.broker.keys.channel)
        assert self._pubsub.get_message(timeout=1) is not None
        self.start_web()

    def start_web(self) -> None:
        """Start a web process, which has read the journal."""
        hub = Hub(self.max_recent_readings)
        cache = ReplayCache(
            self.journal, hub.recent, hub.series_ids, page_readings=3, min_cached_readings=2
        )
        self.broadcaster = Broadcaster(self.broker, self.journal, hub, 100, cache)
        self.selection = hub.selections.get(ALL_SERIES)
        self.catch_up()

    # Steps of the property test.

    def publish(self, size: int) -> None:
        """Publish a message of `size` readings, which is not delivered yet."""
        readings = [
            Reading(NAMES[ts % len(NAMES)], ts * 1_000_000, 0.5)
            for ts in (next(self._times) for _ in range(size))
        ]
        cursor = self.journal.publish(Message.of(readings))
        self.published += [(r.series, r.ts / 1e6) for r in readings]
        self.cursors.append((str(cursor), len(self.published)))
        message = self._pubsub.get_message(timeout=1)
        assert message is not None
        self.undelivered.append(Announcement("readings", message["data"]))

    def append_unheard_command(self) -> None:
        """Append a command whose announcement is lost."""
        epoch, n, r, b = self.redis.hmget("readings:state", "epoch", "n", "r", "b")
        fields = {"c": "{}", "n": int(n) + 1, "r": r, "b": b}
        entry = EntryId.parse(self.redis.xadd("readings:journal", fields))
        self.redis.hset("readings:state", "n", int(n) + 1)
        self.cursors.append((str(Cursor(epoch.decode(), entry)), len(self.published)))

    def deliver(self, max_count: int) -> None:
        """Deliver the oldest messages on the channel."""
        for message in self.undelivered[:max_count]:
            self.announce(message)
        del self.undelivered[:max_count]

    def announce(self, message: Announcement) -> None:
        """Deliver a message on the channel."""
        relay = self.broadcaster.relay
        for event in relay.follower.handle_announcement(message):
            relay.apply(event)

    def catch_up(self) -> None:
        """Confirm the subscription: the journal is read, and channel messages come twice."""
        relay = self.broadcaster.relay
        for event in relay.follower.catch_up():
            relay.apply(event)

    def break_subscription(self) -> None:
        """Break the subscription and restore it: messages under way are lost."""
        self.undelivered.clear()
        self.catch_up()

    def restart_web(self) -> None:
        """Replace the web process. All viewers reconnect."""
        self.undelivered.clear()
        former, self.watches = self.watches, []
        for watch in former:
            watch.read()
            watch.viewer.close()
        self.start_web()
        for watch in former:
            self._reconnect(watch)

    def connect(self, place: int) -> None:
        """Connect a viewer that resumes from some cursor."""
        cursor, first = self.cursors[place % len(self.cursors)]
        self._connect(cursor, first, place)

    def reconnect(self, place: int) -> None:
        """Disconnect a viewer, which then resumes from its newest cursor."""
        if self.watches:
            watch = self.watches.pop(place % len(self.watches))
            watch.read()
            self.broadcaster.hub.leave(watch.viewer.queue, self.selection)
            watch.viewer.close()
            self._reconnect(watch)

    def clear_cache(self) -> None:
        self.broadcaster.replay_cache.clear()

    def flush(self) -> None:
        self.broadcaster.hub.flush()

    # Helpers.

    def _connect(self, cursor: str, first: int, number: int) -> Watch:
        viewer = Viewer("sse" if number % 2 else "websocket")
        watch = Watch(viewer, first, cursor)
        self.watches.append(watch)
        watch.greenlet = gevent.spawn(self.session(viewer).begin, cursor)
        gevent.sleep(0)
        return watch

    def _reconnect(self, watch: Watch) -> None:
        watch.greenlet.kill()
        new_watch = self._connect(watch.cursor, watch.first, len(watch.received))
        new_watch.received = watch.received

    def session(self, viewer: Viewer) -> Session:
        """Make the session of a viewer of all series."""
        return Session(self.broadcaster, viewer.queue, self.selection, IMPATIENT)

    def settle(self) -> None:
        """Deliver everything, and read the journal until no session waits for it."""
        self.deliver(len(self.undelivered))
        while not all(watch.greenlet.ready() for watch in self.watches):
            gevent.sleep(0.001)
            if self.broadcaster.relay.follower.clear_catch_up_request():
                self.catch_up()
        self.flush()

    def close(self) -> None:
        """Close all viewers."""
        for watch in self.watches:
            watch.viewer.close()

"""The stream as viewers see it: no gap and no duplicate, under any interleaving."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import fakeredis
import gevent
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.broker import Announcement, Broker, Journal, Message, follower
from services.position import Cursor, EntryId
from services.reading import Reading
from services.settings import Settings
from services.web.live import replay, session
from services.web.live.broadcaster import Broadcaster
from services.web.live.hub import REMEMBERED, Hub, Selection
from services.web.live.relay import Relay
from services.web.live.session import Session
from tests.support.viewers import Viewer

NAMES = ("kitchen", "cellar", "attic")


@dataclass
class Watch:
    """A viewer, where it began, and what it has seen since."""

    viewer: Viewer
    began: int
    cursor: str
    names: dict[int, str] = field(default_factory=dict)
    seen: list[tuple[str, float]] = field(default_factory=list)
    beginning: gevent.Greenlet = field(default_factory=gevent.Greenlet)

    def read(self) -> None:
        for document in self.viewer.read():
            assert document["type"] != "reset"
            if document["type"] in {"hello", "series"}:
                self.names |= {number: name for name, number in document["series"].items()}
            if document["type"] == "readings":
                columns = [
                    (ts, self.names[int(number)])
                    for number, (times, _values) in document["series"].items()
                    for ts in times
                ]
                self.seen += [(name, ts) for ts, name in sorted(columns)]
            self.cursor = document.get("cursor", self.cursor)


@pytest.fixture(autouse=True, scope="module")
def _impatient() -> Iterator[None]:
    """What is not announced is looked for soon: nobody waits for it here. Pages are small."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(follower, "PAGE_READINGS", 5)
        patch.setattr(replay, "PAGE_READINGS", 3)
        patch.setattr(replay, "_WORTH_KEEPING", 2)
        patch.setattr(session, "_BEHIND_LOOK_SECONDS", 0.001)
        patch.setattr(session, "_AHEAD_SECONDS", 0.001)
        yield


class Scene:
    """A journal, a channel whose deliveries the test decides on, a live relay, and viewers."""

    def __init__(self, remembered: int) -> None:
        self.settings = Settings.from_environ({})
        self.broker = Broker(fakeredis.FakeRedis(server=fakeredis.FakeServer()), self.settings)
        self.redis: Any = self.broker.client
        self.journal = Journal(self.broker)
        self.remembered = remembered
        self.published: list[tuple[str, float]] = []
        # Every cursor there ever was, with how many readings came before it.
        self.cursors = [(str(self.journal.end().cursor), 0)]
        self.channel: list[Announcement] = []
        self.watches: list[Watch] = []
        self.resets = 0
        self._ts = count(1)
        self._pubsub = self.redis.pubsub()
        self._pubsub.subscribe(self.broker.keys.channel)
        assert self._pubsub.get_message(timeout=1) is not None
        self.start_web()

    def start_web(self) -> None:
        self.live = Broadcaster(self.broker, self.journal, Hub(self.remembered), 100)
        self.relay = Relay(self.broker, self.journal, self.live.hub, self.live._taken)
        self.live._relay = self.relay
        self.catch_up()

    # What happens

    def publish(self, size: int) -> None:
        readings = [
            Reading(NAMES[ts % len(NAMES)], ts * 1_000_000, 0.5)
            for ts in (next(self._ts) for _ in range(size))
        ]
        cursor = self.journal.publish(Message.of(readings))
        self.published += [(r.series, r.ts / 1e6) for r in readings]
        self.cursors.append((str(cursor), len(self.published)))
        message = self._pubsub.get_message(timeout=1)
        assert message is not None
        self.channel.append(Announcement("readings", message["data"]))

    def unheard_command(self) -> None:
        """Append a command whose announcement nobody hears."""
        epoch, n, r, b = self.redis.hmget("readings:state", "epoch", "n", "r", "b")
        fields = {"c": "{}", "n": int(n) + 1, "r": r, "b": b}
        entry = EntryId.parse(self.redis.xadd("readings:journal", fields))
        self.redis.hset("readings:state", "n", int(n) + 1)
        self.cursors.append((str(Cursor(epoch.decode(), entry)), len(self.published)))

    def trim(self, kept: int) -> None:
        """The database has everything up to here, and the rest yields."""
        self.redis.xtrim("readings:journal", maxlen=kept, approximate=False)

    def deliver(self, most: int) -> None:
        for message in self.channel[:most]:
            self.announced(message)
        del self.channel[:most]

    def announced(self, message: Announcement) -> None:
        for event in self.relay.follower.handle_announcement(message):
            self.relay.take(event)

    def catch_up(self) -> None:
        """The subscription is confirmed, and what it brings then was already read."""
        for event in self.relay.follower.catch_up():
            self.relay.take(event)

    def lose(self) -> None:
        """The subscription broke and is back: what was under way is gone, and a gap is seen."""
        self.channel.clear()
        self.catch_up()

    def restart_web(self) -> None:
        """Another process takes over, and all come to it."""
        self.channel.clear()
        left, self.watches = self.watches, []
        for watch in left:
            watch.read()
            watch.viewer.close()
        self.start_web()
        for watch in left:
            self._come_back(watch)

    def connect(self, place: int) -> None:
        cursor, began = self.cursors[place % len(self.cursors)]
        self._watch(cursor, began, place)

    def _watch(self, cursor: str, began: int, form: int) -> Watch:
        viewer = Viewer("event" if form % 2 else "message")
        watch = Watch(viewer, began, cursor)
        self.watches.append(watch)
        begin = Session(self.live, viewer.outlet, Selection([])).begin
        watch.beginning = gevent.spawn(begin, cursor)
        gevent.sleep(0)
        return watch

    def reconnect(self, place: int) -> None:
        """A viewer goes, and comes back with the last cursor that it has seen."""
        if self.watches:
            watch = self.watches.pop(place % len(self.watches))
            watch.read()
            self.live.hub.leave(watch.viewer.outlet, Selection([]))
            watch.viewer.close()
            self._come_back(watch)

    def _come_back(self, watch: Watch) -> None:
        watch.beginning.kill()
        self._watch(watch.cursor, watch.began, len(watch.seen)).seen = watch.seen

    def forget(self) -> None:
        self.live.replay_cache.clear()

    def flush(self) -> None:
        self.live.hub.flush()

    def settle(self) -> None:
        """What is under way arrives, and what is only in the journal is looked for."""
        self.deliver(len(self.channel))
        while not all(watch.beginning.ready() for watch in self.watches):
            gevent.sleep(0.001)
            if self.relay.follower.clear_catch_up_request():
                self.catch_up()
        self.flush()

    def close(self) -> None:
        for watch in self.watches:
            watch.viewer.close()


STRAIGHT = ["lose", "catch_up", "flush", "unheard_command", "restart_web", "forget"]
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("publish"), st.integers(1, 4)),
        st.tuples(st.just("deliver"), st.integers(1, 5)),
        st.tuples(st.just("connect"), st.integers(0, 100)),
        st.tuples(st.just("reconnect"), st.integers(0, 10)),
        st.tuples(st.sampled_from(STRAIGHT)),
    ),
    max_size=40,
)


@given(steps=STEPS, remembered=st.sampled_from([REMEMBERED, 3]))
def test_every_viewer_sees_every_reading_once_and_in_order(
    steps: list[tuple[str, int]], remembered: int
) -> None:
    scene = Scene(remembered)
    for name, *arguments in steps:
        getattr(scene, name)(*arguments)
    scene.settle()
    for watch in scene.watches:
        watch.read()
        assert watch.seen == scene.published[watch.began :]
    scene.close()


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"garbage",
        b'{"series":"kitchen","value":21.5}',
        b'{"id":"abc:1-0","readings":[]}',
        b'{"id":"%s:99999999999999999999999999-0","readings":[]}',
        b'{"id":"%s:99999999999999999999-0","readings":[]}',
        b'{"id":"%s:0-1","readings":[]}',
        b'{"id":"%s:1-1","readings":"none"}',
    ],
)
def test_what_strangers_publish_changes_nothing(text: bytes) -> None:
    scene = Scene(REMEMBERED)
    scene.publish(1)
    scene.connect(0)
    position = scene.live.hub.position
    assert position is not None
    scene.announced(Announcement("readings", text.replace(b"%s", position.epoch.encode())))
    scene.publish(1)
    scene.settle()
    (watch,) = scene.watches
    watch.read()
    assert watch.seen == scene.published
    scene.close()


def test_a_forged_id_ahead_of_the_journal_is_found_out() -> None:
    scene = Scene(REMEMBERED)
    position = scene.live.hub.position
    assert position is not None
    viewer = Viewer()
    Session(scene.live, viewer.outlet, Selection([])).begin(None)
    forged = b'{"id":"%s:9999999999999-0","readings":[]}' % position.epoch.encode()
    scene.announced(Announcement("readings", forged))
    scene.publish(1)
    scene.settle()
    (reset,) = [frame for frame in viewer.read() if frame["type"] == "reset"]
    assert reset["cursor"] == str(scene.journal.end().cursor)
    assert scene.live.hub.position == scene.journal.end().cursor
    viewer.close()


def test_who_is_ahead_of_a_hub_that_is_behind_waits_for_it() -> None:
    scene = Scene(REMEMBERED)
    scene.publish(2)
    scene.connect(1)
    (watch,) = scene.watches
    for _ in range(20):
        gevent.sleep(0.002)
    assert not watch.beginning.ready()
    scene.publish(1)
    scene.settle()
    watch.read()
    assert watch.seen == scene.published[2:]
    scene.close()


def test_who_is_ahead_of_the_journal_is_told() -> None:
    scene = Scene(REMEMBERED)
    position = scene.live.hub.position
    assert position is not None
    viewer = Viewer()
    Session(scene.live, viewer.outlet, Selection([])).begin(f"{position.epoch}:9999999999999-0")
    (reset,) = [frame for frame in viewer.read() if frame["type"] == "reset"]
    assert reset["reason"] == "the cursor is ahead of the journal"
    viewer.close()
    scene.close()

"""The stream as viewers see it: no gap and no duplicate, under any interleaving."""

from dataclasses import dataclass, field
from itertools import count

import fakeredis
import gevent
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.broker import Broker, Journal, Message
from services.reading import Reading
from services.settings import Settings
from services.web.hub import REMEMBERED, Hub, Selection
from services.web.live import Live
from services.web.relay import Relay
from services.web.session import Session
from tests.unit.viewers import Viewer

NAMES = ("kitchen", "cellar", "attic")


@dataclass
class Watch:
    """A viewer, where it began, and what it has seen since."""

    viewer: Viewer
    began: int
    cursor: str
    names: dict[int, str] = field(default_factory=dict)
    seen: list[tuple[str, float]] = field(default_factory=list)

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


class Scene:
    """A journal, a channel whose deliveries the test decides on, a live relay, and viewers."""

    def __init__(self, remembered: int) -> None:
        ours = Settings.from_environ({})
        broker = Broker(fakeredis.FakeRedis(server=fakeredis.FakeServer()), ours)
        self.journal = Journal(broker)
        self.live = Live(broker, self.journal, Hub(remembered), ours.viewers)
        self.relay = Relay(broker, self.journal, self.live.hub, self.live._taken)
        self.published: list[tuple[str, float]] = []
        # Every cursor there ever was, with how many readings came before it.
        self.cursors = [(str(self.journal.end().cursor), 0)]
        self.channel: list[bytes] = []
        self.watches: list[Watch] = []
        self._ts = count(1)
        self._pubsub = broker.client.pubsub()
        self._pubsub.subscribe(broker.names.channel)
        assert self._pubsub.get_message(timeout=1) is not None
        self.relay.catch_up()

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
        self.channel.append(message["data"])

    def deliver(self, most: int) -> None:
        for text in self.channel[:most]:
            self.relay.announced(text)
        del self.channel[:most]

    def lose(self) -> None:
        """The subscription broke and is back: what was under way is gone, and a gap is seen."""
        self.channel.clear()
        self.relay.catch_up()

    def gap_before_delivery(self) -> None:
        """The subscription is confirmed again, and what it brings was already read."""
        self.relay.catch_up()

    def connect(self, place: int) -> None:
        self._watch(*self.cursors[place % len(self.cursors)])

    def _watch(self, cursor: str, began: int) -> Watch:
        viewer = Viewer()
        watch = Watch(viewer, began, cursor)
        self.watches.append(watch)
        gevent.spawn(Session(self.live, viewer.outlet, Selection([])).begin, cursor)
        gevent.sleep(0)
        return watch

    def reconnect(self, place: int) -> None:
        """A viewer goes, and comes back with the last cursor that it has seen."""
        if self.watches:
            watch = self.watches.pop(place % len(self.watches))
            watch.read()
            self.live.hub.leave(watch.viewer.outlet, Selection([]))
            watch.viewer.close()
            self._watch(watch.cursor, watch.began).seen = watch.seen

    def flush(self) -> None:
        self.live.hub.flush()

    def settle(self) -> None:
        self.deliver(len(self.channel))
        for _ in range(3):
            gevent.sleep(0)
            self.live._taken()
        self.flush()

    def close(self) -> None:
        for watch in self.watches:
            watch.viewer.close()


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("publish"), st.integers(1, 4)),
        st.tuples(st.just("deliver"), st.integers(1, 5)),
        st.tuples(st.just("connect"), st.integers(0, 100)),
        st.tuples(st.just("reconnect"), st.integers(0, 10)),
        st.tuples(st.sampled_from(["lose", "gap_before_delivery", "flush"])),
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
    scene.relay.announced(text.replace(b"%s", position.epoch.encode()))
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
    scene.relay.announced(b'{"id":"%s:9999999999999-0","readings":[]}' % position.epoch.encode())
    scene.publish(1)
    scene.settle()
    (reset,) = [frame for frame in viewer.read() if frame["type"] == "reset"]
    assert reset["cursor"] == str(scene.journal.end().cursor)
    assert scene.live.hub.position == scene.journal.end().cursor
    viewer.close()

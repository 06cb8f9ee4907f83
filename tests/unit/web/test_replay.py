"""Those who come back at one time: what they missed is read and encoded once for all of them."""

from collections.abc import Iterator

import fakeredis
import gevent
import pytest

from services.broker import PAGE_READINGS, Broker, Journal, Message
from services.broker.entries import JournalSnapshot
from services.position import Cursor, EntryId
from services.reading import Reading
from services.settings import Settings
from services.web.live.broadcaster import Broadcaster
from services.web.live.hub import REMEMBERED, Hub, Selection
from services.web.live.session import Session
from tests.support.viewers import Viewer

VIEWERS = 30


class CountedJournal(Journal):
    """Says how often its entries were read."""

    reads = 0

    def read(self, after: EntryId, count: int) -> JournalSnapshot:
        self.reads += 1
        # As a server elsewhere would: meanwhile the others ask too.
        gevent.sleep(0)
        return super().read(after, count)


class Scene:
    """A journal, a relay that reads it when it is told to, and viewers who come back."""

    def __init__(self, remembered: int) -> None:
        self.broker = Broker(
            fakeredis.FakeRedis(server=fakeredis.FakeServer()), Settings.from_environ({})
        )
        self.journal = CountedJournal(self.broker)
        self.live = Broadcaster(self.broker, self.journal, Hub(remembered), VIEWERS)
        self.viewers: list[Viewer] = []
        self.sizes: list[int] = []
        self._ts = 0
        self.relay()

    def publish(self, messages: int, size: int) -> list[Cursor]:
        made = []
        for _ in range(messages):
            readings = [Reading(f"s{ts % 3}", ts, 0.5) for ts in range(self._ts, self._ts + size)]
            self._ts += size
            made.append(self.journal.publish(Message.of(readings)))
        return made

    def relay(self) -> None:
        for event in self.live._relay.follower.catch_up():
            self.live._relay.take(event)
        self.live.hub.flush()

    def come_back(self, cursor: Cursor, count: int, *patterns: str) -> list[list[float]]:
        """The times that each of so many viewers is sent, in order."""
        viewers = [Viewer() for _ in range(count)]
        self.viewers += viewers
        for viewer in viewers:
            session = Session(self.live, viewer.outlet, Selection(patterns))
            gevent.spawn(session.begin, str(cursor))
        waiting = set(viewers)
        while waiting:
            gevent.sleep(0.001)
            waiting -= {v for v in waiting if v.read() and v.documents[-1]["type"] == "recovered"}
        return [self._times(viewer) for viewer in viewers]

    def _times(self, viewer: Viewer) -> list[float]:
        times = []
        for frame in viewer.documents:
            if frame["type"] == "readings":
                found = [ts for column, _ in frame["series"].values() for ts in column]
                self.sizes.append(len(found))
                times += sorted(found)
        assert viewer.documents[-1]["count"] == len(times)
        return times

    def close(self) -> None:
        for viewer in self.viewers:
            viewer.close()


@pytest.fixture(params=[REMEMBERED, 1], ids=["from the memory", "from the journal"])
def scene(request: pytest.FixtureRequest) -> Iterator[Scene]:
    made = Scene(request.param)
    yield made
    made.close()


@pytest.fixture
def forgetful() -> Iterator[Scene]:
    """One where nearly all is in the journal only."""
    made = Scene(1)
    yield made
    made.close()


def times(first: int, last: int) -> list[float]:
    return [ts / 1e6 for ts in range(first, last)]


def test_all_get_what_was_read_once(forgetful: Scene) -> None:
    scene = forgetful
    begin = scene.journal.end().cursor
    third = scene.publish(25, 1_000)[2]
    scene.relay()
    before = scene.journal.reads
    assert scene.come_back(begin, VIEWERS) == [times(0, 25_000)] * VIEWERS
    reads = scene.journal.reads - before
    # About 5,000 readings a page, whatever the number of viewers.
    assert reads <= 8
    # Who comes from elsewhere needs a page of its own, and then goes on with the others.
    assert scene.come_back(third, 1) == [times(3_000, 25_000)]
    assert scene.journal.reads - before <= reads + 1
    assert scene.come_back(begin, 1, "s1") == [times(0, 25_000)[1::3]]
    assert scene.journal.reads - before <= reads + 1
    assert max(scene.sizes) <= PAGE_READINGS + 1_000
    scene.live.replay_cache.clear()
    scene.come_back(begin, 1)
    assert scene.journal.reads - before > reads + 1


def test_what_comes_meanwhile_comes_once(scene: Scene) -> None:
    begin = scene.journal.end().cursor
    for last in (2_000, 3_000, 3_001):
        scene.publish(1, last - scene._ts)
        scene.relay()
        assert scene.come_back(begin, 2) == [times(0, last)] * 2


def test_nothing_is_kept_of_what_redis_has_lost(scene: Scene) -> None:
    begin = scene.journal.end().cursor
    cursors = scene.publish(3, 600)
    scene.relay()
    assert scene.come_back(begin, 1) == [times(0, 1_800)]
    redis = scene.broker.client
    redis.xdel("readings:journal", str(cursors[-1].entry))
    redis.hset("readings:state", mapping={"n": 2, "r": 1_200})
    scene.relay()
    assert scene.come_back(begin, 1) == [times(0, 1_200)]


def test_no_more_is_kept_than_a_few_pages(forgetful: Scene) -> None:
    scene = forgetful
    begin = scene.journal.end().cursor
    scene.publish(120, 1_000)
    scene.relay()
    assert scene.come_back(begin, 1) == [times(0, 120_000)]
    assert len(scene.live.replay_cache._pages) == 16


def test_viewers_of_the_same_series_share_what_they_know_of_them(scene: Scene) -> None:
    begin = scene.journal.end().cursor
    scene.publish(1, 100)
    scene.relay()
    sessions = []
    for _ in range(2):
        viewer = Viewer()
        scene.viewers.append(viewer)
        sessions.append(Session(scene.live, viewer.outlet, Selection(["s*"])))
        sessions[-1].begin(str(begin))
    assert sessions[0]._selection is sessions[1]._selection
    assert not any(session._told for session in sessions)

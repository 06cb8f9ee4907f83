"""Replays: a page is read and encoded once for all viewers that reconnect together."""

import tracemalloc
from collections.abc import Iterator

import gevent
import pytest

from services.broker import PAGE_READINGS, Journal, Message
from services.broker.entries import JournalSnapshot
from services.position import Cursor, EntryId
from services.reading import Reading
from services.web.live.recent import MAX_RECENT_READINGS
from services.web.live.replay import MAX_CACHED_PAGES
from tests.support.live_stream import LiveStream
from tests.support.viewers import Viewer

VIEWERS = 30


class CountingJournal(Journal):
    """Counts how often entries are read."""

    reads = 0

    def read(self, after: EntryId, count: int) -> JournalSnapshot:
        self.reads += 1
        # A real Redis would let the other viewers ask meanwhile.
        gevent.sleep(0)
        return super().read(after, count)


class Replays(LiveStream):
    """A stream whose readings have increasing times, and viewers that reconnect.

    Attributes:
        frame_sizes: Number of readings in each frame.
    """

    journal: CountingJournal

    def __init__(self, max_recent_readings: int) -> None:
        super().__init__(max_recent_readings, CountingJournal)
        self.frame_sizes: list[int] = []
        self.published = 0

    def publish(self, message_count: int, size: int) -> list[Cursor]:
        """Publish messages of `size` readings each, and relay them. Returns their cursors."""
        cursors = []
        for _ in range(message_count):
            times = range(self.published, self.published + size)
            self.published += size
            readings = [Reading(f"s{ts % 3}", ts, 0.5) for ts in times]
            cursors.append(self.journal.publish(Message.of(readings)))
        self.catch_up()
        return cursors

    def reconnect(self, cursor: Cursor, count: int, *patterns: str) -> list[list[float]]:
        """Reconnect viewers at the same time. Returns the times that each of them receives."""
        viewers = [self.add_viewer() for _ in range(count)]
        for viewer in viewers:
            gevent.spawn(self.session(viewer, *patterns).begin, str(cursor))
        waiting = set(viewers)
        while waiting:
            gevent.sleep(0.001)
            waiting -= {v for v in waiting if v.read() and v.documents[-1]["type"] == "recovered"}
        return [self._received_times(viewer) for viewer in viewers]

    def _received_times(self, viewer: Viewer) -> list[float]:
        received = []
        for document in viewer.documents:
            if document["type"] == "readings":
                times = [ts for column, _values in document["series"].values() for ts in column]
                self.frame_sizes.append(len(times))
                received += sorted(times)
        assert viewer.documents[-1]["count"] == len(received)
        return received


@pytest.fixture(params=[MAX_RECENT_READINGS, 1], ids=["ring buffer", "journal"])
def stream(request: pytest.FixtureRequest) -> Iterator[Replays]:
    """A stream whose replays come from the ring buffer or from the journal."""
    stream = Replays(request.param)
    yield stream
    stream.close()


@pytest.fixture
def journal_stream() -> Iterator[Replays]:
    """A stream whose replays come from the journal."""
    stream = Replays(1)
    yield stream
    stream.close()


def times(first: int, last: int) -> list[float]:
    return [ts / 1e6 for ts in range(first, last)]


def test_page_is_read_once_for_all_viewers(journal_stream: Replays) -> None:
    stream = journal_stream
    begin = stream.journal.end().cursor
    third = stream.publish(25, 1_000)[2]
    reads_before = stream.journal.reads
    assert stream.reconnect(begin, VIEWERS) == [times(0, 25_000)] * VIEWERS
    reads = stream.journal.reads - reads_before
    # About 5,000 readings in a page, for any number of viewers.
    assert reads <= 8
    # A viewer with another cursor needs one page of its own, and then shares the others.
    assert stream.reconnect(third, 1) == [times(3_000, 25_000)]
    assert stream.journal.reads - reads_before <= reads + 1
    assert stream.reconnect(begin, 1, "s1") == [times(0, 25_000)[1::3]]
    assert stream.journal.reads - reads_before <= reads + 1
    assert max(stream.frame_sizes) <= PAGE_READINGS + 1_000
    stream.broadcaster.replay_cache.clear()
    stream.reconnect(begin, 1)
    assert stream.journal.reads - reads_before > reads + 1


def test_replay_after_further_messages_has_each_reading_once(stream: Replays) -> None:
    begin = stream.journal.end().cursor
    for last in (2_000, 3_000, 3_001):
        stream.publish(1, last - stream.published)
        assert stream.reconnect(begin, 2) == [times(0, last)] * 2


def test_cached_pages_are_dropped_when_redis_loses_entries(stream: Replays) -> None:
    begin = stream.journal.end().cursor
    cursors = stream.publish(3, 600)
    assert stream.reconnect(begin, 1) == [times(0, 1_800)]
    redis = stream.broker.client
    redis.xdel("readings:journal", str(cursors[-1].entry))
    redis.hset("readings:state", mapping={"n": 2, "r": 1_200})
    stream.catch_up()
    assert stream.reconnect(begin, 1) == [times(0, 1_200)]


@pytest.mark.long
def test_cache_is_bounded(journal_stream: Replays) -> None:
    stream = journal_stream
    begin = stream.journal.end().cursor
    stream.publish(120, 1_000)
    assert stream.reconnect(begin, 1) == [times(0, 120_000)]
    assert stream.broadcaster.replay_cache.page_count == MAX_CACHED_PAGES == 16


@pytest.mark.long
def test_joined_viewers_hold_no_names_of_their_own(stream: Replays) -> None:
    begin = stream.journal.end().cursor
    names, viewers = 4_000, 5
    readings = [Reading(f"s{i}", 1, 0.5) for i in range(names)]
    stream.journal.publish(Message.of(readings))
    stream.catch_up()
    sessions = []

    def join() -> None:
        viewer = stream.add_viewer()
        session = stream.session(viewer, "s*")
        begun = gevent.spawn(session.begin, str(begin))
        while not begun.ready():
            gevent.sleep(0)
            viewer.read()
            viewer.documents.clear()
        viewer.read()
        viewer.documents.clear()
        sessions.append(session)

    join()
    tracemalloc.start()
    for _ in range(viewers):
        join()
    growth = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    # A dict of 4,000 names takes 147 kB, and so does the cache of a filter.
    assert growth / viewers < 50_000

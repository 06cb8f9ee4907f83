"""The way out to a viewer: whole frames, a bound, and a last word."""

import os
from collections.abc import Iterator
from typing import Any

import gevent
import pytest

from services.web.live import frames
from services.web.live.send_queue import MAX_PENDING_BYTES, MAX_STALL_SECONDS, SendQueue, write_each
from tests.support.viewers import Viewer

FRAME = frames.series({"x" * 50_000: 1})


class Clock:
    """A clock that stands still until it is set."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def viewer() -> Iterator[Viewer]:
    made = Viewer()
    yield made
    made.close()


def test_frames_of_every_size_arrive_whole(viewer: Viewer) -> None:
    for size in (1, 50, 125, 126, 127, 65_535, 65_536, 70_000):
        viewer.outlet.write(frames.series({"x" * size: 1}))
        gevent.sleep(0)
        assert viewer.read() == [{"type": "series", "series": {"x" * size: 1}}]


def test_a_slow_reader_gets_whole_frames_in_order(viewer: Viewer) -> None:
    for number in range(12):
        viewer.outlet.write(frames.series({"x" * 50_000: number}))
        # The library answers pings in between: through the same door.
        viewer.outlet.send(frames.series({"pong": number}).message)
    arrived: list[dict[str, Any]] = []
    while len(arrived) < 24:
        gevent.sleep(0)
        arrived += viewer.read()
    assert [next(iter(d["series"].values())) for d in arrived] == [
        n for n in range(12) for _ in "ab"
    ]


def test_a_reader_that_takes_nothing_is_slow_and_gets_a_last_word(viewer: Viewer) -> None:
    while not viewer.outlet.is_too_slow:
        viewer.outlet.write(FRAME)
    viewer.outlet.finish(frames.Close(frames.TRY_AGAIN, "too slow", 0.5))
    assert viewer.outlet.closed
    viewer.outlet.write(FRAME)
    while not viewer.closes:
        gevent.sleep(0)
        viewer.read()
    assert viewer.closes == [1013]
    # What was under way was finished; what was only pending was left out.
    assert len(viewer.documents) * len(FRAME.message) < MAX_PENDING_BYTES


@pytest.mark.parametrize(
    ("seconds", "slow"), [(MAX_STALL_SECONDS - 1, False), (MAX_STALL_SECONDS + 1, True)]
)
def test_a_reader_that_takes_nothing_for_long_is_slow(seconds: float, slow: bool) -> None:
    clock = Clock()
    made = Viewer()
    outlet = SendQueue(made.outlet._connection, monotonic=clock)
    for _ in range(15):
        outlet.write(FRAME)
    clock.now = seconds
    assert outlet.is_too_slow is slow
    made.close()


def test_a_reader_that_took_something_is_not_slow(viewer: Viewer) -> None:
    for _ in range(15):
        viewer.outlet.write(FRAME)
    reading = gevent.spawn(lambda: [viewer.read() for _ in iter(lambda: gevent.sleep(0), 0)])
    viewer.outlet.drain()
    reading.kill()
    assert not viewer.outlet.is_too_slow


def test_nothing_is_written_to_a_closed_socket(viewer: Viewer) -> None:
    """Its number may be another viewer's a moment later."""
    descriptor = viewer.outlet.descriptor
    viewer.outlet.close()
    again = os.open(os.devnull, os.O_RDWR)
    assert again <= descriptor or again > descriptor
    viewer.outlet.write(FRAME)
    viewer.outlet.finish(FRAME)
    viewer.outlet.abort()
    os.close(again)
    assert viewer.read() == []


@pytest.mark.parametrize("hold_lock", [False, True])
def test_each_gets_a_frame_in_its_form(hold_lock: bool) -> None:
    viewers = [Viewer("message"), Viewer("event"), Viewer("message")]
    viewers[0].outlet.abort()
    write_each([viewer.outlet for viewer in viewers], frames.ping(1.5, None), hold_lock)
    assert [len(viewer.read()) for viewer in viewers] == [0, 1, 1]
    # More than a socket takes: what is left over is kept, and comes whole.
    for number in range(40):
        write_each([viewer.outlet for viewer in viewers], frames.ping(number, None), hold_lock)
        write_each([viewer.outlet for viewer in viewers], FRAME, hold_lock)
    for viewer in viewers[1:]:
        while len(viewer.documents) < 81:
            gevent.sleep(0)
            viewer.read()
        assert [d["now"] for d in viewer.documents[1:] if d["type"] == "ping"] == list(range(40))
    for viewer in viewers:
        viewer.close()


def test_a_link_that_was_cut_takes_nothing_more(viewer: Viewer) -> None:
    """Also who is only just being brought up to date is to be known as gone."""
    viewer.outlet.abort()
    assert viewer.outlet.closed
    viewer.outlet.write(FRAME)
    assert viewer.read() == []


def test_an_event_stream_gets_its_last_word_as_an_event() -> None:
    made = Viewer("event")
    made.outlet.write(frames.series({"x": 1}))
    made.outlet.finish(frames.Close(frames.GOING_AWAY, "the server restarts", 1.5))
    last = {"type": "close", "code": 1012, "reason": "the server restarts: retry in 1.50 s"}
    assert made.read() == [{"type": "series", "series": {"x": 1}}, last]
    made.close()


def test_a_viewer_who_says_very_much_leaves_others_their_turn(viewer: Viewer) -> None:
    others = gevent.spawn(lambda: None)
    viewer._theirs.send(b"x" * 10)
    for _ in range(10):
        assert viewer.outlet.recv(1) == b"x"
    assert others.ready()

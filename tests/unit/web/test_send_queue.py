"""Send queue of a viewer: whole frames, a bound, and a last frame."""

import os
from collections.abc import Iterator
from typing import Any

import gevent
import pytest

from services.web.live import frames
from services.web.live.frames import Transport
from services.web.live.receive_limit import RECEIVE_BURST
from services.web.live.send_queue import MAX_QUEUED_BYTES, MAX_STALL_SECONDS, send_to_all
from tests.support.clock import FakeClock
from tests.support.viewers import Viewer

LARGE_FRAME = frames.series({"x" * 50_000: 1})


@pytest.fixture
def viewer() -> Iterator[Viewer]:
    viewer = Viewer()
    yield viewer
    viewer.close()


@pytest.mark.parametrize("size", [1, 50, 125, 126, 127, 65_535, 65_536, 70_000])
def test_frame_of_any_size_arrives_whole(viewer: Viewer, size: int) -> None:
    viewer.queue.send_frame(frames.series({"x" * size: 1}))
    gevent.sleep(0)
    assert viewer.read() == [{"type": "series", "series": {"x" * size: 1}}]


def test_slow_reader_receives_whole_frames_in_order(viewer: Viewer) -> None:
    for number in range(12):
        viewer.queue.send_frame(frames.series({"x" * 50_000: number}))
        # The library answers pings in between, through the same queue.
        viewer.queue.send(frames.series({"pong": number}).websocket_message)
    arrived: list[dict[str, Any]] = []
    while len(arrived) < 24:
        gevent.sleep(0)
        arrived += viewer.read()
    assert [next(iter(d["series"].values())) for d in arrived] == [
        n for n in range(12) for _ in "ab"
    ]


def test_full_queue_is_too_slow_and_ends_with_last_frame(viewer: Viewer) -> None:
    while not viewer.queue.is_too_slow:
        viewer.queue.send_frame(LARGE_FRAME)
    viewer.queue.finish(frames.CloseFrame(frames.CLOSE_TRY_AGAIN, "too slow", 0.5))
    assert viewer.queue.closed
    viewer.queue.send_frame(LARGE_FRAME)
    while not viewer.close_codes:
        gevent.sleep(0)
        viewer.read()
    assert viewer.close_codes == [1013]
    # The frame that was partly written is complete, the others were dropped.
    assert len(viewer.documents) * len(LARGE_FRAME.websocket_message) < MAX_QUEUED_BYTES


@pytest.mark.parametrize(
    ("seconds", "is_too_slow"), [(MAX_STALL_SECONDS - 1, False), (MAX_STALL_SECONDS + 1, True)]
)
def test_stalled_reader_becomes_too_slow(seconds: float, is_too_slow: bool) -> None:
    clock = FakeClock()
    viewer = Viewer(monotonic=clock)
    for _ in range(15):
        viewer.queue.send_frame(LARGE_FRAME)
    clock.now += seconds
    assert viewer.queue.is_too_slow is is_too_slow
    viewer.close()


def test_reader_that_has_caught_up_is_not_too_slow(viewer: Viewer) -> None:
    for _ in range(15):
        viewer.queue.send_frame(LARGE_FRAME)
    reader = gevent.spawn(lambda: [viewer.read() for _ in iter(lambda: gevent.sleep(0), 0)])
    viewer.queue.drain()
    reader.kill()
    assert not viewer.queue.is_too_slow


def test_closed_queue_writes_nothing(viewer: Viewer) -> None:
    """Its descriptor may be another viewer's a moment later."""
    descriptor = viewer.queue.descriptor
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    viewer.queue.close()
    os.dup2(writer, descriptor)
    viewer.queue.send_frame(LARGE_FRAME)
    viewer.queue.finish(LARGE_FRAME)
    viewer.queue.abort()
    with pytest.raises(BlockingIOError):
        os.read(reader, 1)
    for number in (reader, writer, descriptor):
        os.close(number)


@pytest.mark.parametrize("hold_lock", [False, True])
def test_each_viewer_receives_frames_for_its_transport(hold_lock: bool) -> None:
    viewers = [Viewer("websocket"), Viewer("sse"), Viewer("websocket")]
    queues = [viewer.queue for viewer in viewers]
    viewers[0].queue.abort()
    send_to_all(queues, frames.ping(1.5, None), hold_lock)
    assert [len(viewer.read()) for viewer in viewers] == [0, 1, 1]
    # More than a socket accepts: the rest is queued, and arrives whole.
    for number in range(40):
        send_to_all(queues, frames.ping(number, None), hold_lock)
        send_to_all(queues, LARGE_FRAME, hold_lock)
    for viewer in viewers[1:]:
        while len(viewer.documents) < 81:
            gevent.sleep(0)
            viewer.read()
        assert [d["now"] for d in viewer.documents[1:] if d["type"] == "ping"] == list(range(40))
    for viewer in viewers:
        viewer.close()


def test_aborted_queue_sends_nothing(viewer: Viewer) -> None:
    """A viewer that disconnects during its replay must be known as gone."""
    viewer.queue.abort()
    assert viewer.queue.closed
    viewer.queue.send_frame(LARGE_FRAME)
    assert viewer.read() == []


def test_event_stream_ends_with_close_event() -> None:
    viewer = Viewer("sse")
    viewer.queue.send_frame(frames.series({"x": 1}))
    viewer.queue.finish(frames.CloseFrame(frames.CLOSE_GOING_AWAY, "the server restarts", 1.5))
    last = {"type": "close", "code": 1012, "reason": "the server restarts: retry in 1.50 s"}
    assert viewer.read() == [{"type": "series", "series": {"x": 1}}, last]
    viewer.close()


@pytest.mark.parametrize("transport", ["websocket", "sse"])
def test_viewer_that_sends_too_often_is_disconnected(transport: Transport) -> None:
    viewer = Viewer(transport)
    for number in range(RECEIVE_BURST):
        viewer.send(b"%x" % number)
        assert viewer.queue.recv(4_096) == b"%x" % number
    viewer.send(b"x" * 50_000)
    reader = gevent.spawn(viewer.queue.recv, 4_096)
    while not viewer.queue.closed:
        gevent.sleep(0)
    last_frames = viewer.read()
    assert viewer.close_codes == [1008] or last_frames[-1]["code"] == 1008
    # What it sent before it noticed is read: unread bytes would reset the connection.
    viewer.disconnect()
    assert reader.get() == b""
    viewer.close()


def test_viewer_that_pings_may_stay() -> None:
    clock = FakeClock()
    viewer = Viewer(monotonic=clock)
    for _ in range(100):
        viewer.send(b"ping")
        assert viewer.queue.recv(4_096) == b"ping"
        clock.now += 1
    viewer.close()


def test_large_receipt_comes_in_small_parts(viewer: Viewer) -> None:
    """Parsing each part takes little time, and others are served in between."""
    viewer.send(b"x" * 1_000)
    assert [len(viewer.queue.recv(4_096)) for _ in range(4)] == [256, 256, 256, 232]


def test_chatty_viewer_does_not_starve_others(viewer: Viewer) -> None:
    other = gevent.spawn(lambda: None)
    viewer.send(b"x" * 10)
    for _ in range(10):
        assert viewer.queue.recv(1) == b"x"
    assert other.ready()

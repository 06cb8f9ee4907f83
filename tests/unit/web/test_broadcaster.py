"""The broadcaster: which viewers are closed because they do not read."""

from collections.abc import Iterator

import gevent
import pytest

from services.web.live import frames
from services.web.live.recent import MAX_RECENT_READINGS
from tests.support.live_stream import LiveStream

FRAME = frames.series({"x" * 50_000: 1})


@pytest.fixture
def stream() -> Iterator[LiveStream]:
    stream = LiveStream(MAX_RECENT_READINGS)
    yield stream
    stream.close()


def test_slowest_viewers_are_closed_above_the_bound_of_all_queues(stream: LiveStream) -> None:
    viewers = [stream.connect(None) for _ in range(4)]
    queues = [viewer.queue for viewer in viewers]
    stream.broadcaster.viewers.update(queues)
    for queue, count in zip(queues, (0, 10, 12, 14), strict=True):
        for _ in range(count):
            queue.send_frame(FRAME)
    *_, medium, large, largest = sizes = [queue.queued_bytes for queue in queues]
    assert 0 < medium < large < largest
    assert not any(queue.is_too_slow for queue in queues)
    stream.broadcaster.close_slow_viewers(sum(sizes))
    assert not any(queue.closed for queue in queues)
    stream.broadcaster.close_slow_viewers(medium + large)
    assert [queue.closed for queue in queues] == [False, False, False, True]
    stream.broadcaster.close_slow_viewers(medium)
    assert [queue.closed for queue in queues] == [False, False, True, True]
    while not viewers[-1].close_codes:
        gevent.sleep(0)
        viewers[-1].read()
    assert viewers[-1].close_codes == [1013]

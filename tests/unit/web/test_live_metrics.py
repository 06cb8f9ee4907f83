"""Metrics of the live stream: frames, viewers, and the time of a message to its frame."""

from collections.abc import Iterator

import pytest

from services.broker import Message
from services.metric import Distribution
from services.position import EntryId
from services.process_report import decode_report, encode_report
from services.reading import Reading
from services.web.live.live_metrics import LiveMetrics
from tests.support.live_stream import LiveStream


@pytest.fixture
def stream() -> Iterator[LiveStream]:
    stream = LiveStream(100)
    yield stream
    stream.close()


def value(stream: LiveStream, name: str) -> float | None:
    samples = stream.broadcaster.samples()
    return decode_report("web", 1, encode_report("1", samples, {})).value(f"stripchart_{name}")


def publish(stream: LiveStream, series: str) -> None:
    stream.journal.publish(Message.of([Reading(series, 1, 1.0)]))
    stream.catch_up()


def test_each_viewer_of_a_frame_counts(stream: LiveStream) -> None:
    publish(stream, "a")
    assert value(stream, "frames_sent_total") == 0
    for _ in range(2):
        stream.connect(None, "a")
    publish(stream, "a")
    # The first reading of a series comes with a frame that names it.
    assert value(stream, "frames_sent_total") == 4
    publish(stream, "a")
    publish(stream, "b")
    assert value(stream, "frames_sent_total") == 6


def test_viewers_are_counted_with_their_limit_and_queue(stream: LiveStream) -> None:
    viewer = stream.connect(None)
    stream.broadcaster.viewers.add(viewer.queue)
    assert value(stream, "viewers") == 1
    assert value(stream, "viewers_limit") == 100
    assert value(stream, "send_queue_bytes") == 0


def test_dropped_viewer_is_counted(stream: LiveStream) -> None:
    viewer = stream.connect(None)
    stream.broadcaster.viewers.add(viewer.queue)
    stream.broadcaster.close_slow_viewers(max_bytes=-1)
    assert value(stream, "viewers_dropped_total") == 1


def test_message_takes_from_its_entry_to_the_flush() -> None:
    metrics = LiveMetrics(lambda: 10_000_000)
    metrics.count_message(EntryId(9_750, 0))
    metrics.count_message(EntryId(9_998, 0))
    # The clock of Redis is ahead.
    metrics.count_message(EntryId(10_500, 0))
    for _ in range(2):
        metrics.count_flush()
    *_, delays = metrics.samples()
    assert isinstance(delays.value, Distribution)
    counts, total = delays.value
    assert total == pytest.approx(0.252)
    assert (counts[0], counts[1], counts[7], sum(counts)) == (1, 1, 1, 3)

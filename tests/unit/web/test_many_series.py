"""Viewers of tens of thousands of series: others are served meanwhile, and little is queued."""

from collections.abc import Iterator
from typing import Any

import gevent
import pytest

from services.broker import Message
from services.pattern import SeriesFilter
from services.reading import Reading
from services.web.live.recent import MAX_RECENT_READINGS, LiveMessage
from services.web.live.selection import Selection
from tests.support.live_stream import LiveStream
from tests.support.viewers import Viewer

SERIES = 10_000
# Together about 2 MB, more than a socket accepts.
NAMES = [f"{'x' * 190}.{number}" for number in range(SERIES)]


@pytest.fixture
def stream() -> Iterator[LiveStream]:
    stream = LiveStream(MAX_RECENT_READINGS)
    for name in NAMES:
        stream.broadcaster.hub.series_ids.get_or_add(name)
    yield stream
    stream.close()


def start(stream: LiveStream, *patterns: str) -> tuple[Viewer, gevent.Greenlet]:
    """Start a viewer, and wait until it waits for its client."""
    viewer = stream.add_viewer()
    greeting = gevent.spawn(stream.session(viewer, *patterns).begin, None)
    while viewer.queue.ready and not greeting.ready():
        gevent.sleep(0.001)
    return viewer, greeting


def read_all(viewer: Viewer, greeting: gevent.Greenlet) -> list[dict[str, Any]]:
    """Read until the viewer has joined the hub. Return all documents."""
    while not greeting.ready():
        viewer.read()
        gevent.sleep(0.001)
    greeting.get()
    viewer.read()
    while not viewer.queue.ready:
        gevent.sleep(0.001)
        viewer.read()
    return viewer.documents


def announced(documents: list[dict[str, Any]]) -> dict[str, int]:
    names: dict[str, int] = {}
    for document in documents:
        if document["type"] in {"hello", "series"}:
            names |= document["series"]
    return names


@pytest.mark.parametrize("patterns", [(), ("x*",)], ids=["all", "pattern"])
def test_viewer_that_does_not_read_has_little_in_its_queue(
    stream: LiveStream, patterns: tuple[str, ...]
) -> None:
    viewer, greeting = start(stream, *patterns)
    for _ in range(100):
        gevent.sleep(0)
        assert not viewer.queue.is_too_slow
    assert not greeting.ready()
    documents = read_all(viewer, greeting)
    assert announced(documents) == {name: number for number, name in enumerate(NAMES, 1)}


@pytest.mark.parametrize("patterns", [(), ("x*",)], ids=["all", "pattern"])
def test_readings_during_a_long_greeting_arrive_once(
    stream: LiveStream, patterns: tuple[str, ...]
) -> None:
    viewer, greeting = start(stream, *patterns)
    for name in ("x new", NAMES[-1]):
        stream.journal.publish(Message.of([Reading(name, 1, 1.0)]))
    stream.catch_up()
    documents = read_all(viewer, greeting)
    stream.journal.publish(Message.of([Reading("x new", 2_000_000, 2.0)]))
    stream.catch_up()
    viewer.read()
    received = [
        (series_id, times)
        for document in documents
        if document["type"] == "readings"
        for series_id, (times, _values) in document["series"].items()
    ]
    ids = announced(documents)
    new_id, last_id = str(ids["x new"]), str(ids[NAMES[-1]])
    assert sorted(received) == sorted([(new_id, [1e-6]), (last_id, [1e-6]), (new_id, [2.0])])
    assert {"reset", "recovered"}.isdisjoint(document["type"] for document in documents)


def test_viewer_that_leaves_during_its_greeting_ends_it(stream: LiveStream) -> None:
    viewer, greeting = start(stream)
    viewer.queue.abort()
    greeting.join(timeout=60)
    assert greeting.ready()


def test_comparison_with_patterns_lets_others_run(
    stream: LiveStream, monkeypatch: pytest.MonkeyPatch
) -> None:
    compare, other_rounds = Selection.compare, []
    rounds = 0

    def count_and_compare(selection: Selection, seconds: float) -> None:
        other_rounds.append(rounds)
        compare(selection, seconds)

    monkeypatch.setattr(Selection, "compare", count_and_compare)
    viewer = stream.add_viewer()
    patterns = [f"*{letter}*y*" for letter in "xabcdefghijklmnopqrs"]
    selection = stream.broadcaster.hub.selections.get(SeriesFilter(patterns))
    greeting = gevent.spawn(stream.session(viewer, *patterns).begin, None)
    while not selection.is_up_to_date:
        gevent.sleep(0)
        rounds += 1
    monkeypatch.undo()
    greeting.get()
    assert announced(viewer.read()) == {}
    # Others ran between any two steps.
    assert len(other_rounds) > 10
    assert other_rounds == sorted(set(other_rounds))


def test_new_series_of_one_message_are_compared_in_steps(stream: LiveStream) -> None:
    viewer = stream.connect(None, *(f"*{letter}*y*" for letter in "xabcdefghijklmnopqrs"))
    hub = stream.broadcaster.hub
    assert hub.position is not None
    names = [f"{'new' * 60} {number}" for number in range(1_000)]
    message = LiveMessage(
        hub.position.entry._replace(sequence=hub.position.entry.sequence + 1),
        [Reading(name, 1, 1.0) for name in names],
    )
    assert len(list(hub.prepare(message))) > 1
    # Nothing is left to compare.
    assert not list(hub.prepare(message))
    hub.relay(message)
    hub.flush()
    assert [document["type"] for document in viewer.read()] == ["hello"]

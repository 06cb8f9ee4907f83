"""The hub: corrections in the journal's order, and bounded memory."""

import tracemalloc
from collections.abc import Iterator
from typing import Any

import pytest

from services.broker import Message
from services.command import (
    Command,
    Delete,
    DeleteView,
    Erase,
    PutView,
    Rename,
    SetSettings,
    SetUnit,
)
from services.formats.line_protocol import decode_lines
from services.pattern import SeriesFilter
from services.position import Cursor, EntryId
from services.reading import Reading
from services.tag_filter import TagFilter
from services.web.live.hub import Hub
from services.web.live.recent import MAX_RECENT_READINGS, LiveMessage
from tests.support.live_stream import LiveStream
from tests.support.viewers import Viewer

START = Cursor("a", EntryId(0, 0))


@pytest.fixture(params=[MAX_RECENT_READINGS, 1], ids=["ring buffer", "journal"])
def stream(request: pytest.FixtureRequest) -> Iterator[LiveStream]:
    """A stream whose replays come from the ring buffer or from the journal."""
    stream = LiveStream(request.param)
    yield stream
    stream.close()


def publish(stream: LiveStream, *names: str) -> Cursor:
    """Publish one reading of each series."""
    return stream.journal.publish(Message.of([Reading(name, 1, 1.0) for name in names]))


NOTICES = ("changed", "settings")


def summary(viewer: Viewer) -> list[Any]:
    """Return the types of the frames that arrived, notices with their series and cursor."""
    return [
        (document["type"], document["series"], document["cursor"])
        if document["type"] in NOTICES
        else document["type"]
        for document in viewer.read()
        if document["type"] in {"readings", *NOTICES, "recovered", "reset"}
    ]


@pytest.mark.parametrize(
    ("command", "names"),
    [
        (Rename("a", "b"), ["a", "b"]),
        (Delete("a"), ["a"]),
        (Erase("a", 1, 2), ["a"]),
    ],
)
def test_correction_arrives_in_journal_order(
    stream: LiveStream, command: Command, names: list[str]
) -> None:
    viewers = [stream.connect(None), stream.connect(None, "a", "x"), stream.connect(None, "x")]
    publish(stream, "a", "x")
    cursor = stream.send_command(command)
    publish(stream, "a", "x")
    stream.catch_up()
    changed = ("changed", names, cursor)
    assert summary(viewers[0]) == ["readings", changed, "readings"]
    assert summary(viewers[1]) == ["readings", changed, "readings"]
    # A viewer of other series does not receive it.
    assert set(summary(viewers[2])) == {"readings"}


def test_change_of_view_reaches_every_viewer_in_journal_order(stream: LiveStream) -> None:
    before = publish(stream, "a")
    stream.catch_up()
    viewers = [stream.connect(None, "a"), stream.connect(None, "x")]
    publish(stream, "a")
    cursors = [stream.send_command(PutView("home", 0, "{}"))]
    cursors.append(stream.send_command(DeleteView("home", None)))
    publish(stream, "a")
    stream.catch_up()
    viewers.append(stream.connect(before, "x"))
    for viewer in viewers:
        found = [frame for frame in viewer.read() if frame["type"] == "views"]
        assert [(frame["views"], frame["cursor"]) for frame in found] == [
            (["home"], cursor) for cursor in cursors
        ]
    types = [frame["type"] for frame in viewers[0].documents]
    assert [each for each in types if each in {"readings", "views"}] == [
        "readings",
        "views",
        "views",
        "readings",
    ]


def test_viewer_of_new_name_receives_rename(stream: LiveStream) -> None:
    viewer = stream.connect(None, "b")
    cursor = stream.send_command(Rename("a", "b"))
    stream.catch_up()
    assert summary(viewer) == [("changed", ["a", "b"], cursor)]


def test_reconnecting_viewer_receives_missed_correction(stream: LiveStream) -> None:
    before = publish(stream, "a")
    publish(stream, "a")
    cursor = stream.send_command(Delete("a"))
    publish(stream, "a")
    stream.catch_up()
    changed = ("changed", ["a"], cursor)
    assert summary(stream.connect(before)) == ["readings", changed, "readings", "recovered"]
    assert summary(stream.connect(Cursor.parse(cursor))) == ["readings", "recovered"]
    assert summary(stream.connect(before, "x")) == ["recovered"]


@pytest.mark.parametrize("command", [SetSettings("a", {"label": "A"}), SetUnit("a", "V")])
def test_settings_arrive_in_journal_order_without_a_reload(
    stream: LiveStream, command: Command
) -> None:
    before = publish(stream, "a")
    stream.catch_up()
    viewers = [stream.connect(before), stream.connect(before, "a"), stream.connect(before, "x")]
    publish(stream, "a", "x")
    cursor = stream.send_command(command)
    publish(stream, "a", "x")
    stream.catch_up()
    settings = ("settings", ["a"], cursor)
    for viewer in viewers[:2]:
        assert summary(viewer) == ["recovered", "readings", settings, "readings"]
    assert settings not in summary(viewers[2])
    # A viewer that reconnects receives the same, until it has the cursor.
    replayed = ["readings", settings, "readings", "recovered"]
    assert summary(stream.connect(before, "a")) == replayed
    assert summary(stream.connect(Cursor.parse(cursor), "a")) == ["readings", "recovered"]


def test_viewer_that_leaves_before_correction_receives_it_on_resume(stream: LiveStream) -> None:
    before = publish(stream, "a")
    stream.catch_up()
    live = stream.connect(before, "a")
    publish(stream, "a")
    changed = ("changed", ["a"], stream.send_command(Delete("a")))
    stream.catch_up()
    for viewer in (live, stream.connect(before, "a")):
        viewer.read()
        (readings,) = [frame for frame in viewer.documents if frame["type"] == "readings"]
        assert changed in summary(stream.connect(Cursor.parse(readings["cursor"]), "a"))


def test_series_beyond_limit_gets_no_id_and_is_not_relayed() -> None:
    hub, viewer = Hub(max_series=2), Viewer()
    hub.start(START)
    hub.join(viewer.queue, hub.selections.get(SeriesFilter([])))
    readings = [Reading(name, i, 1.0) for i, name in enumerate(["a", "b", "c", "a"])]
    hub.relay(LiveMessage(EntryId(1, 0), readings))
    hub.flush()
    series_frame, readings_frame = viewer.read()
    assert series_frame["series"] == {"a": 1, "b": 2}
    counts = {id_: len(times) for id_, (times, _values) in readings_frame["series"].items()}
    assert counts == {"1": 2, "2": 1}
    assert hub.series_ids.get_or_add("c") is None
    assert hub.series_ids.last == 2
    viewer.close()


@pytest.mark.long
def test_flood_of_names_leaves_memory_bounded() -> None:
    hub, viewers = Hub(100, max_series=50), [Viewer() for _ in range(3)]
    hub.start(START)
    for viewer, patterns in zip(viewers, ([], ["x*"], ["kitchen"]), strict=True):
        hub.join(viewer.queue, hub.selections.get(SeriesFilter(patterns)))
    tracemalloc.start()
    for i in range(1, 1_000):
        if i == 250:
            before = tracemalloc.get_traced_memory()[0]
        hub.relay(LiveMessage(EntryId(i, 0), [Reading(f"x{i}.{j}", 1, 1.0) for j in range(50)]))
        hub.flush()
        for viewer in viewers:
            viewer.read()
            viewer.documents.clear()
    # Three quarters of 50,000 names came after the first measurement.
    growth = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert hub.series_ids.last == 50
    # A filter caches which names match, up to a bound of its own.
    assert growth < 37_500 * 150
    for viewer in viewers:
        viewer.close()


class TestTags:
    """Viewers of series with certain tags."""

    ATTIC = TagFilter.parse([("tag.host", "attic")])

    @staticmethod
    def publish(stream: LiveStream, *lines: str) -> Cursor:
        """Publish points, each of which has the value and time of its place."""
        text = "\n".join(f"{line}={place} {place}000000000" for place, line in enumerate(lines, 1))
        decoded = decode_lines(text.encode(), 1_000_000_000)
        return stream.journal.publish(Message.of(decoded.readings, decoded.points))

    @staticmethod
    def values(viewer: Viewer) -> dict[str, list[float]]:
        """Return the values that arrived, by series, as a client puts them together."""
        names: dict[str, str] = {}
        values: dict[str, list[float]] = {}
        for document in viewer.read():
            if document["type"] in {"hello", "series"}:
                names |= {str(number): name for name, number in document["series"].items()}
            elif document["type"] == "readings":
                for number, (_, column) in document["series"].items():
                    values.setdefault(names[number], []).extend(column)
        return values

    def test_matching_series_are_sent_also_new_ones(self, stream: LiveStream) -> None:
        viewer = stream.connect(None, tags=self.ATTIC)
        self.publish(stream, "cpu,host=attic a", "cpu,host=cellar a", "cpu,host=attic,x=b\\,c a")
        publish(stream, "cpu,host=attic json")
        stream.catch_up()
        self.publish(stream, "mem,host=attic a", "mem a")
        stream.catch_up()
        assert self.values(viewer) == {
            "cpu,host=attic a": [1.0],
            "cpu,host=attic,x=b,c a": [3.0],
            "mem,host=attic a": [1.0],
        }

    def test_missed_readings_are_replayed(self, stream: LiveStream) -> None:
        cursor = publish(stream, "other")
        self.publish(stream, "cpu,host=attic a", "cpu,host=cellar a")
        stream.catch_up()
        viewer = stream.connect(cursor, tags=self.ATTIC)
        assert self.values(viewer) == {"cpu,host=attic a": [1.0]}

    def test_series_matches_once_its_point_is_known(self, stream: LiveStream) -> None:
        viewers = [stream.connect(None, tags=self.ATTIC), stream.connect(None)]
        name = "cpu,host=attic a"
        publish(stream, name)
        stream.catch_up()
        self.publish(stream, name)
        publish(stream, name)
        stream.catch_up()
        assert [self.values(viewer) for viewer in viewers] == [
            {name: [1.0, 1.0]},
            {name: [1.0, 1.0, 1.0]},
        ]

    def test_correction_reaches_viewers_whose_series_it_may_be(self, stream: LiveStream) -> None:
        viewer = stream.connect(None, tags=self.ATTIC)
        self.publish(stream, "cpu,host=attic a", "cpu,host=cellar a")
        for name in ("cpu,host=attic a", "cpu,host=cellar a", "unknown"):
            stream.send_command(Delete(name))
        stream.catch_up()
        changed = [frame[1] for frame in summary(viewer) if frame[0] == "changed"]
        assert changed == [["cpu,host=attic a"], ["unknown"]]

    def test_names_and_tags_must_both_match(self, stream: LiveStream) -> None:
        viewer = stream.connect(None, "*a", tags=self.ATTIC)
        self.publish(stream, "cpu,host=attic a", "cpu,host=attic b", "cpu,host=cellar a")
        stream.catch_up()
        assert self.values(viewer) == {"cpu,host=attic a": [1.0]}

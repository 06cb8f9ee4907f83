"""Limits of viewers: frames hold nothing of other series, nor of other times."""

import json
import time
from collections.abc import Callable, Iterator
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.allowed_series import AllowedSeries
from services.broker import Message
from services.command import Command, Delete, DeleteView, Rename, SetUnit
from services.pattern import SeriesFilter
from services.position import Cursor
from services.reading import MICROSECONDS, Reading
from services.web.live.recent import MAX_RECENT_READINGS
from services.web.live.selection import Selections
from services.web.live.series_ids import SeriesIds
from services.web.live.viewer_limits import ViewerLimits
from tests.support.live_stream import LiveStream

KITCHEN: Final = ViewerLimits(AllowedSeries.of_names(["kitchen.*"]))
NAMES: Final = ("kitchen.heat", "kitchen.door", "cellar", "secret", "kitchen")


@pytest.fixture(params=[MAX_RECENT_READINGS, 1])
def stream(request: pytest.FixtureRequest) -> Iterator[LiveStream]:
    """A live stream whose replays come from the ring buffer, or from the journal."""
    stream = LiveStream(request.param)
    yield stream
    stream.close()


def publish(stream: LiveStream, *names: str, age_seconds: float = 0.0) -> Cursor:
    ts = round((time.time() - age_seconds) * MICROSECONDS)
    cursor = stream.journal.publish(Message.of([Reading(name, ts, 1.0) for name in names]))
    stream.catch_up()
    return cursor


def names_in(documents: list[dict[str, Any]]) -> set[str]:
    """Return the names of all numbers that a viewer has learned."""
    return {
        name for one in documents if one["type"] in {"hello", "series"} for name in one["series"]
    }


def readings_in(documents: list[dict[str, Any]]) -> list[str]:
    """Return the series of all readings that a viewer has received."""
    names = {
        str(number): name
        for one in documents
        if one["type"] in {"hello", "series"}
        for name, number in one["series"].items()
    }
    return [
        names[number]
        for one in documents
        if one["type"] == "readings"
        for number, (times, _) in one["series"].items()
        for _ in times
    ]


@pytest.mark.parametrize("patterns", [[], ["*"], ["kitchen.heat", "secret"], ["secret", "*t"]])
def test_viewer_learns_only_allowed_series(stream: LiveStream, patterns: list[str]) -> None:
    publish(stream, *NAMES)
    everything = stream.connect(None, *patterns)
    viewer = stream.connect(None, *patterns, limits=KITCHEN)
    publish(stream, *NAMES, "kitchen.new", "secret.new")
    expected = {n for n in (*NAMES, "kitchen.new", "secret.new") if n in SeriesFilter(patterns)}
    viewer.read()
    everything.read()
    assert set(readings_in(everything.documents)) == expected
    allowed = {name for name in expected if name.startswith("kitchen.")}
    assert set(readings_in(viewer.documents)) == names_in(viewer.documents) == allowed
    assert "secret" not in json.dumps(viewer.documents)


def test_replay_holds_only_allowed_series(stream: LiveStream) -> None:
    cursor = publish(stream, *NAMES)
    publish(stream, "secret", "kitchen.heat")
    publish(stream, "secret")
    publish(stream, "kitchen.door", "cellar")
    everything = stream.connect(cursor)
    viewer = stream.connect(cursor, limits=KITCHEN)
    again = stream.connect(cursor)
    for one in (everything, viewer, again):
        one.read()
    assert readings_in(viewer.documents) == ["kitchen.heat", "kitchen.door"]
    assert len(readings_in(everything.documents)) == len(readings_in(again.documents)) == 5
    assert viewer.documents[-1] == {"type": "recovered", "count": 2}
    assert "secret" not in json.dumps(viewer.documents)


def test_notice_names_only_allowed_series(stream: LiveStream) -> None:
    cursor = publish(stream, *NAMES)
    commands: list[Command] = [
        SetUnit("secret", "K"),
        Delete("cellar"),
        DeleteView("secret", None),
        SetUnit("kitchen.heat", "K"),
        Rename("kitchen.heat", "secret.heat"),
        Rename("secret.heat", "kitchen.heat"),
    ]
    viewer = stream.connect(None, limits=KITCHEN)
    for command in commands:
        stream.send_command(command)
    stream.catch_up()
    late = stream.connect(cursor, limits=KITCHEN)
    for one in (viewer, late):
        one.read()
        notices = [d for d in one.documents if d["type"] in {"settings", "changed", "views"}]
        assert [(d["type"], d["series"]) for d in notices] == [
            ("settings", ["kitchen.heat"]),
            ("changed", ["kitchen.heat"]),
            ("changed", ["kitchen.heat"]),
        ]
        assert "secret" not in json.dumps(one.documents)


def test_renamed_series_leaves_and_enters(stream: LiveStream) -> None:
    viewer = stream.connect(None, limits=KITCHEN)
    publish(stream, "kitchen.heat")
    stream.send_command(Rename("kitchen.heat", "secret.heat"))
    publish(stream, "secret.heat")
    stream.send_command(Rename("secret.heat", "kitchen.warmth"))
    publish(stream, "kitchen.warmth")
    viewer.read()
    assert readings_in(viewer.documents) == ["kitchen.heat", "kitchen.warmth"]


def test_old_readings_are_beyond_the_window(stream: LiveStream) -> None:
    limits = ViewerLimits(AllowedSeries.of_names(["kitchen.*"]), window_seconds=60.0)
    cursor = publish(stream, "cellar")
    viewer = stream.connect(None, limits=limits)
    publish(stream, "kitchen.heat", age_seconds=30)
    publish(stream, "kitchen.heat", "kitchen.door", age_seconds=90)
    late = stream.connect(cursor, limits=limits)
    for one in (viewer, late):
        one.read()
        assert readings_in(one.documents) == ["kitchen.heat"]
    everything = stream.connect(cursor, limits=KITCHEN)
    everything.read()
    assert len(readings_in(everything.documents)) == 3


def test_link_to_a_range_receives_late_readings_of_the_range_alone(stream: LiveStream) -> None:
    end = round((time.time() - 60) * MICROSECONDS)
    limits = ViewerLimits(AllowedSeries.of_names(["kitchen.*"]), None, end - 60 * MICROSECONDS, end)
    cursor = publish(stream, "cellar")
    viewer = stream.connect(None, limits=limits)
    for age_seconds in (0, 30, 90, 150):
        publish(stream, "kitchen.heat", "cellar", age_seconds=age_seconds)
    late = stream.connect(cursor, limits=limits)
    for one in (viewer, late):
        one.read()
        assert readings_in(one.documents) == ["kitchen.heat"]


def test_viewers_with_other_limits_share_nothing() -> None:
    selections = Selections(SeriesIds())
    series = SeriesFilter(["a"])
    made = [
        selections.get(series),
        selections.get(series, limits=ViewerLimits(AllowedSeries.of_names(["a"]))),
        selections.get(series, limits=ViewerLimits(AllowedSeries.of_names(["b"]))),
        selections.get(series, limits=ViewerLimits(AllowedSeries.of_names(["a"]), 1.0)),
        selections.get(series, limits=ViewerLimits(AllowedSeries.of_names(["a"]), 2.0)),
        selections.get(series, limits=ViewerLimits(window_seconds=1.0)),
        selections.get(series, limits=ViewerLimits(AllowedSeries.of_names(["a"]), None, 1, 2)),
        selections.get(series, limits=ViewerLimits(AllowedSeries.of_names(["a"]), None, 1, 3)),
    ]
    assert len(set(map(id, made))) == len(made)
    same = selections.get(
        SeriesFilter(["a"]), limits=ViewerLimits(AllowedSeries.of_names(["a"]), 2.0)
    )
    assert same is made[4]


def test_window_alone_selects_all_series(stream: LiveStream) -> None:
    viewer = stream.connect(None, limits=ViewerLimits(window_seconds=60.0))
    publish(stream, *NAMES)
    viewer.read()
    assert set(readings_in(viewer.documents)) == set(NAMES)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["publish", "rename", "connect"]),
        st.sampled_from(NAMES),
        st.sampled_from(["kitchen.new", "secret.new", *NAMES]),
    ),
    max_size=12,
)
TEXTS = st.lists(st.sampled_from([*NAMES, "kitchen*", "*e*", "*"]), max_size=3)


@pytest.mark.long
@given(STEPS, TEXTS, TEXTS.filter(bool))
def test_any_order_of_events_shows_nothing_of_other_series(
    steps: list[tuple[str, str, str]], patterns: list[str], allowed: list[str]
) -> None:
    stream = LiveStream(3)
    limits = ViewerLimits(AllowedSeries.of_names(allowed))
    start = stream.journal.end().cursor
    viewers = [stream.connect(None, *patterns, limits=limits), stream.connect(None, *patterns)]
    actions: dict[str, Callable[[str, str], object]] = {
        "publish": lambda one, other: publish(stream, one, other),
        "rename": lambda one, other: stream.send_command(Rename(one, other)),
        "connect": lambda *_: viewers.append(stream.connect(start, *patterns, limits=limits)),
    }
    for action, one, other in steps:
        actions[action](one, other)
        stream.catch_up()
    forbidden = {*NAMES, "kitchen.new", "secret.new"} - {
        name
        for name in (*NAMES, "kitchen.new", "secret.new")
        if name in limits.series  # type: ignore[operator]
    }
    for viewer in (viewers[0], *viewers[2:]):
        viewer.read()
        text = json.dumps(viewer.documents)
        assert not any(json.dumps(name) in text for name in forbidden)
    stream.close()

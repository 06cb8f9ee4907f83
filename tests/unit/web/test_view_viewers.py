"""Viewers of a shared view: they learn only of its series and of its own changes."""

import json
import time
from collections.abc import Iterator
from typing import Any, Final

import pytest

from services.allowed_series import AllowedSeries, SeriesSelector
from services.broker import Message
from services.command import Delete, DeleteView, PutView, SetUnit
from services.pattern import SeriesFilter
from services.point import SeriesPoint
from services.reading import MICROSECONDS, Reading
from services.tag_filter import TagFilter
from services.web.live.recent import MAX_RECENT_READINGS
from services.web.live.viewer_limits import ViewerLimits
from tests.support.live_stream import LiveStream

RACK: Final = TagFilter.parse([("tag.host", "rack-*")])
SERIES: Final = AllowedSeries(
    [SeriesSelector(SeriesFilter(["kitchen"])), SeriesSelector(SeriesFilter(()), RACK)]
)
HOME: Final = ViewerLimits(SERIES, view="home")
POINTS: Final = {
    f"cpu,host={host}": SeriesPoint("cpu", "value", {"host": host}) for host in ("rack-1", "attic")
}


@pytest.fixture(params=[MAX_RECENT_READINGS, 1])
def stream(request: pytest.FixtureRequest) -> Iterator[LiveStream]:
    """A live stream whose replays come from the ring buffer, or from the journal."""
    stream = LiveStream(request.param)
    yield stream
    stream.close()


def publish(stream: LiveStream, *names: str) -> None:
    now = round(time.time() * MICROSECONDS)
    readings = [Reading(name, now, 1.0) for name in names]
    stream.journal.publish(Message.of(readings, POINTS))
    stream.catch_up()


def names_in(documents: list[dict[str, Any]]) -> set[str]:
    return {
        name for one in documents if one["type"] in {"hello", "series"} for name in one["series"]
    }


def test_viewer_learns_only_series_of_the_panels(stream: LiveStream) -> None:
    names = ("kitchen", "secret", *POINTS, "kitchen,host=rack-1")
    cursor = stream.broadcaster.hub.position
    publish(stream, *names)
    for asked in ((), ("*",), ("secret", "kitchen", "cpu*")):
        late = stream.connect(cursor, *asked, limits=HOME)
        viewer = stream.connect(None, *asked, limits=HOME)
        publish(stream, *names)
        for one in (viewer, late):
            one.read()
            assert names_in(one.documents) == {"kitchen", "cpu,host=rack-1"}
            assert "secret" not in json.dumps(one.documents)
            assert "attic" not in json.dumps(one.documents)


def test_viewer_learns_of_changes_of_its_own_view_only(stream: LiveStream) -> None:
    viewer, plain = (stream.connect(None, limits=limits) for limits in (HOME, ViewerLimits(SERIES)))
    stream.send_command(PutView("home", 0, "{}"))
    stream.send_command(PutView("secret", 0, "{}"))
    stream.send_command(DeleteView("other", None))
    stream.catch_up()
    for one in (viewer, plain):
        one.read()
    assert [d["views"] for d in viewer.documents if d["type"] == "views"] == [["home"]]
    assert [d for d in plain.documents if d["type"] == "views"] == []


def test_notice_of_an_unknown_series_does_not_name_it(stream: LiveStream) -> None:
    viewer = stream.connect(None, limits=HOME)
    named = stream.connect(None, limits=ViewerLimits(AllowedSeries.of_names(["kitchen"])))
    # Nobody has seen a reading of it, so its tags are not known: it may be in a panel.
    stream.send_command(Delete("hidden"))
    stream.send_command(SetUnit("kitchen", "K"))
    publish(stream, *POINTS)
    stream.send_command(Delete("cpu,host=attic"))
    stream.send_command(Delete("cpu,host=rack-1"))
    stream.catch_up()
    for one in (viewer, named):
        one.read()

    def notices(documents: list[dict[str, Any]]) -> list[tuple[str, list[str]]]:
        types = {"changed", "settings"}
        return [(one["type"], one["series"]) for one in documents if one["type"] in types]

    assert notices(viewer.documents) == [
        ("changed", []),
        ("settings", ["kitchen"]),
        ("changed", ["cpu,host=rack-1"]),
    ]
    assert notices(named.documents) == [("settings", ["kitchen"])]

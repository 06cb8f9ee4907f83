"""Viewers learn that a series was corrected, at once or when they come back."""

from collections.abc import Iterator
from typing import Any

import fakeredis
import pytest

from services.broker import Broker, Journal, Message
from services.command import Command, Delete, Erase, Rename, SetUnit
from services.position import Cursor
from services.reading import Reading
from services.settings import Settings
from services.web.live.broadcaster import Broadcaster
from services.web.live.hub import REMEMBERED, Hub, Selection
from services.web.live.session import Session
from tests.support.viewers import Viewer


class Scene:
    """A journal, and a relay that reads it when it is told to."""

    def __init__(self, remembered: int) -> None:
        self.broker = Broker(
            fakeredis.FakeRedis(server=fakeredis.FakeServer()), Settings.from_environ({})
        )
        self.journal = Journal(self.broker)
        self.live = Broadcaster(self.broker, self.journal, Hub(remembered), 100)
        self.viewers: list[Viewer] = []
        self.relay()

    def publish(self, *names: str) -> Cursor:
        return self.journal.publish(Message.of([Reading(name, 1, 1.0) for name in names]))

    def relay(self) -> None:
        for event in self.live._relay.follower.catch_up():
            self.live._relay.take(event)
        self.live.hub.flush()

    def watch(self, cursor: Cursor | None, *patterns: str) -> Viewer:
        viewer = Viewer()
        self.viewers.append(viewer)
        session = Session(self.live, viewer.outlet, Selection(patterns))
        session.begin(str(cursor) if cursor else None)
        return viewer

    def close(self) -> None:
        for viewer in self.viewers:
            viewer.close()


@pytest.fixture(params=[REMEMBERED, 1], ids=["from the memory", "from the journal"])
def scene(request: pytest.FixtureRequest) -> Iterator[Scene]:
    made = Scene(request.param)
    yield made
    made.close()


def told(viewer: Viewer) -> list[Any]:
    """The kinds of frames that came, and the series of those that say a change."""
    return [
        (document["type"], document["series"], document["cursor"])
        if document["type"] == "changed"
        else document["type"]
        for document in viewer.read()
        if document["type"] in {"readings", "changed", "recovered", "reset"}
    ]


@pytest.mark.parametrize(
    ("command", "names"),
    [
        (Rename("a", "b"), ["a", "b"]),
        (SetUnit("a", "V"), ["a"]),
        (Delete("a"), ["a"]),
        (Erase("a", 1, 2), ["a"]),
    ],
)
def test_who_watches_the_series_is_told_in_the_journals_order(
    scene: Scene, command: Command, names: list[str]
) -> None:
    viewers = [scene.watch(None), scene.watch(None, "a", "x"), scene.watch(None, "x")]
    scene.publish("a", "x")
    cursor = str(scene.journal.send_commands([command]))
    scene.publish("a", "x")
    scene.relay()
    changed = ("changed", names, cursor)
    assert told(viewers[0]) == ["readings", changed, "readings"]
    assert told(viewers[1]) == ["readings", changed, "readings"]
    assert told(viewers[2])[-1] == "readings"


def test_a_series_of_the_new_name_is_watched(scene: Scene) -> None:
    viewer = scene.watch(None, "b")
    cursor = str(scene.journal.send_commands([Rename("a", "b")]))
    scene.relay()
    assert told(viewer) == [("changed", ["a", "b"], cursor)]


def test_who_comes_back_is_told_what_was_changed_meanwhile(scene: Scene) -> None:
    before = scene.publish("a")
    scene.publish("a")
    cursor = str(scene.journal.send_commands([Delete("a")]))
    scene.publish("a")
    scene.relay()
    changed = ("changed", ["a"], cursor)
    assert told(scene.watch(before)) == ["readings", changed, "readings", "recovered"]
    assert told(scene.watch(Cursor.parse(cursor))) == ["readings", "recovered"]
    assert told(scene.watch(before, "x")) == ["recovered"]


def test_who_goes_just_before_a_change_is_told_when_it_is_back(scene: Scene) -> None:
    before = scene.publish("a")
    scene.relay()
    live = scene.watch(before, "a")
    scene.publish("a")
    changed = ("changed", ["a"], str(scene.journal.send_commands([Delete("a")])))
    scene.relay()
    for viewer in (live, scene.watch(before, "a")):
        viewer.read()
        (readings,) = [frame for frame in viewer.documents if frame["type"] == "readings"]
        assert changed in told(scene.watch(Cursor.parse(readings["cursor"]), "a"))

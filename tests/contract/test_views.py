"""Views through the journal: saved once, refused if stale, and with revisions that only grow."""

import json
import sqlite3
import threading
from contextlib import closing
from typing import Any

import pytest
from flask.testing import FlaskClient

from services.broker import Broker
from services.command import Delete, DeleteView, PutView
from services.store import CommandResults, ViewReader, reading_engine
from services.store.views import MAX_VIEW_TOMBSTONES, MAX_VIEWS
from services.web.app import create_app
from tests.support.journals import message
from tests.support.recordings import Recording, lose_newest_entries
from tests.support.views import HOME, titled


def put(recording: Recording, revision: int, title: str, name: str = "home") -> str:
    """Save a view. Returns why it was refused, otherwise ""."""
    return carry_out(recording, PutView(name, revision, titled(title)))


def carry_out(recording: Recording, command: PutView | DeleteView) -> str:
    cursor = recording.journal.send_commands([command])
    recording.write()
    results = CommandResults(reading_engine(recording.broker.settings))
    refusal = results.refusal(cursor)
    assert refusal is not None
    return refusal


def reader(recording: Recording) -> ViewReader:
    return ViewReader(reading_engine(recording.broker.settings))


def titles(recording: Recording) -> dict[str, tuple[int, str]]:
    """Return revision and title of each view."""
    stored = reader(recording).list_all()
    return {view.name: (view.revision, view.document.title) for view in stored if view.document}


class TestCommands:
    """The writer decides, in the order of the journal."""

    def test_view_is_saved_and_replaced(self, recording: Recording) -> None:
        assert put(recording, 0, "one") == ""
        assert put(recording, 1, "two") == ""
        assert titles(recording) == {"home": (2, "two")}

    @pytest.mark.parametrize("revision", [0, 1, 3, 7])
    def test_stale_revision_is_refused(self, recording: Recording, revision: int) -> None:
        put(recording, 0, "one")
        put(recording, 1, "two")
        assert "was changed meanwhile: its revision is 2" in put(recording, revision, "three")
        assert titles(recording) == {"home": (2, "two")}

    def test_revision_never_goes_back(self, recording: Recording) -> None:
        put(recording, 0, "one")
        assert carry_out(recording, DeleteView("home", 1)) == ""
        assert titles(recording) == {}
        assert "was deleted meanwhile" in put(recording, 1, "edited before")
        assert "was deleted meanwhile" in put(recording, 0, "as if never there")
        assert put(recording, 2, "new") == ""
        assert titles(recording) == {"home": (3, "new")}

    def test_stale_delete_is_refused(self, recording: Recording) -> None:
        put(recording, 0, "one")
        put(recording, 1, "two")
        assert "was changed meanwhile" in carry_out(recording, DeleteView("home", 1))
        assert carry_out(recording, DeleteView("home", None)) == ""
        assert "there is no view" in carry_out(recording, DeleteView("home", None))

    def test_command_without_document_is_refused(self, recording: Recording) -> None:
        assert "no document" in carry_out(recording, PutView("home", 0, None))
        assert titles(recording) == {}

    def test_restart_and_other_commands_keep_views(self, recording: Recording) -> None:
        recording.journal.publish([message(1, 2)])
        put(recording, 0, "one")
        recording.journal.send_commands([Delete("a")])
        recording.restart()
        recording.write()
        assert titles(recording) == {"home": (1, "one")}
        assert recording.rows("SELECT count(*) FROM readings") == [(0,)]

    def test_replay_changes_no_view(self, recording: Recording) -> None:
        recording.journal.publish([message(1)])
        put(recording, 0, "one")
        carry_out(recording, DeleteView("home", 1))
        put(recording, 2, "two")
        recording.journal.publish([message(2), message(3)])
        recording.write()
        lose_newest_entries(recording, 3)
        recording.write()
        assert titles(recording) == {"home": (3, "two")}
        assert recording.stored() == [1, 2, 3]

    def test_documents_are_not_kept_in_corrections(self, recording: Recording) -> None:
        put(recording, 0, "one")
        ((command,),) = recording.rows("SELECT command FROM corrections")
        assert json.loads(command) == {
            "do": "put_view",
            "view": "home",
            "revision": 0,
            "document": None,
        }

    def test_one_view_too_many_is_refused(self, recording: Recording) -> None:
        add_rows(recording, "{}", MAX_VIEWS)
        assert f"there are {MAX_VIEWS} views" in put(recording, 0, "more")
        assert carry_out(recording, PutView("v1", 1, "{}")) == ""
        assert carry_out(recording, DeleteView("v1", None)) == ""
        assert put(recording, 0, "more") == ""

    def test_oldest_tombstones_are_forgotten(self, recording: Recording) -> None:
        add_rows(recording, None, MAX_VIEW_TOMBSTONES)
        put(recording, 0, "one")
        carry_out(recording, DeleteView("home", 1))
        query = "SELECT count(*), min(id), max(name) FROM views WHERE document IS NULL"
        assert recording.rows(query) == [(MAX_VIEW_TOMBSTONES, 2, "v9999")]


def add_rows(recording: Recording, document: str | None, count: int) -> None:
    """Add views, or tombstones, to the database."""
    with closing(sqlite3.connect(recording.path)) as file, file:
        query = "INSERT INTO views (name, revision, document) VALUES (?, 1, ?)"
        file.executemany(query, [(f"v{i}", document) for i in range(1, count + 1)])


class TestRequests:
    """An answer comes when the result is known."""

    def test_one_of_two_simultaneous_saves_wins(self, recording: Recording, broker: Broker) -> None:
        with recording.running():
            for revision in (None, 1, 2):
                save_twice(broker, revision)


def save_twice(broker: Broker, revision: int | None) -> None:
    """Save a view from two web processes at once, and check that one of them is told to look."""
    apps = [create_app(broker.settings, broker) for _ in range(2)]
    begin = threading.Barrier(2)
    answers: dict[str, Any] = {}

    def save(title: str, client: FlaskClient) -> None:
        begin.wait()
        body = HOME | {"title": title, "revision": revision}
        answers[title] = client.put("/api/views/home", json=body)

    threads = [
        threading.Thread(target=save, args=[title, app.test_client()])
        for title, app in zip(("one", "two"), apps, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.status_code for answer in answers.values()) == [200, 409]
    (winner,) = (title for title, answer in answers.items() if answer.status_code == 200)
    stored = apps[0].test_client().get("/api/views/home").get_json()
    assert stored["title"] == winner
    assert {answer.get_json()["revision"] for answer in answers.values()} == {stored["revision"]}

"""Corrections over HTTP: judged before they are taken, and then in the journal."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import fakeredis
import pytest
from flask.testing import FlaskClient

from services.broker import Broker, Journal
from services.clock import now_microseconds
from services.command import Command, Delete, Erase, Rename, SetUnit
from services.formats.commands import decode_command
from services.position import JOURNAL_START, Checkpoint, Cursor, EntryId
from services.reading import MICROSECONDS, Reading
from services.settings import Settings
from services.store import Recorder, WriteBatch, writing_engine
from services.store.migrations import upgrade
from services.web.app import create_app

POSITION = Checkpoint(Cursor("abc", EntryId(5, 0)), 1, 1)
NAMES = ["kitchen", "cellar/door", "/", "a//b", "a/", "50 % ?#ü", "..", "[x]*"]
SECOND = MICROSECONDS


@pytest.fixture
def server() -> fakeredis.FakeServer:
    return fakeredis.FakeServer()


@pytest.fixture
def broker(settings: Settings, server: fakeredis.FakeServer) -> Broker:
    return Broker(fakeredis.FakeRedis(server=server), settings)


@pytest.fixture
def commands(broker: Broker) -> Callable[[], list[Command]]:
    """The commands that the journal holds."""
    journal = Journal(broker)
    return lambda: [decode_command(e.text) for e in journal.read(JOURNAL_START, 100).entries]


@pytest.fixture
def client(settings: Settings, broker: Broker) -> FlaskClient:
    """A client of a service whose database has the series of these names."""
    engine = writing_engine(settings)
    upgrade(engine)
    recorder = Recorder(engine, "readings:journal", now_microseconds)
    recorder.commit(WriteBatch([Reading(name, SECOND, 1.0) for name in NAMES]), POSITION)
    engine.dispose()
    return create_app(settings, broker).test_client()


def address(name: str) -> str:
    return f"/api/series/{quote(name, safe='')}"


@pytest.mark.parametrize("name", NAMES)
def test_any_name_can_be_addressed(
    client: FlaskClient, commands: Callable[[], list[Command]], name: str
) -> None:
    answer = client.delete(address(name))
    assert answer.status_code == 202, answer.text
    assert commands() == [Delete(name)]


def test_name_and_unit_are_changed_in_one_step(
    client: FlaskClient, commands: Callable[[], list[Command]], broker: Broker
) -> None:
    answer = client.patch(address("kitchen"), json={"name": "küche", "unit": "°C"})
    assert answer.status_code == 202
    assert answer.get_json() == {
        "ok": True,
        "cursor": str(Journal(broker).end().cursor),
        "commands": [
            {"do": "unit", "series": "kitchen", "unit": "°C"},
            {"do": "rename", "series": "kitchen", "name": "küche"},
        ],
    }
    assert commands() == [SetUnit("kitchen", "°C"), Rename("kitchen", "küche")]


@pytest.mark.parametrize("unit", [None, ""])
def test_a_unit_is_taken_away(
    client: FlaskClient, commands: Callable[[], list[Command]], unit: str | None
) -> None:
    assert client.patch(address("kitchen"), json={"unit": unit}).status_code == 202
    assert commands() == [SetUnit("kitchen", None)]


def test_a_range_is_erased(client: FlaskClient, commands: Callable[[], list[Command]]) -> None:
    answer = client.delete(f"{address('kitchen')}?from=1.5&to=1970-01-01T00:00:02Z")
    assert answer.status_code == 202
    (told,) = answer.get_json()["commands"]
    assert told == {"do": "erase", "series": "kitchen", "from": 1.5, "to": 2.0}
    assert commands() == [Erase("kitchen", 1_500_000, 2_000_000)]


@pytest.mark.parametrize(
    "query", ["from=1", "to=1", "form=1&to=2", "from=1&to=2&x=3", "from=1&from=2&to=3", "all"]
)
def test_a_misspelt_range_deletes_nothing(
    client: FlaskClient, commands: Callable[[], list[Command]], query: str
) -> None:
    assert client.delete(f"{address('kitchen')}?{query}").status_code == 400
    assert commands() == []


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "not JSON"),
        (b"[]", "not an object"),
        (b"{}", "must be given"),
        (b'{"nmae":"b"}', "must be given"),
        (b'{"unit":"V","x":1}', "nothing else"),
        (b'{"name":""}', "must not be empty"),
        (b'{"name":7}', "must be a string"),
        (b'{"name":"a\\u0000"}', "control characters"),
        (b'{"unit":7}', "unit must be a string"),
        (b'{"unit":0}', "unit must be a string"),
        (b'{"name":"' + b"x" * 201 + b'"}', "200 characters"),
    ],
)
def test_what_is_wrong_is_said(
    client: FlaskClient, commands: Callable[[], list[Command]], body: bytes, reason: str
) -> None:
    answer = client.patch(address("kitchen"), data=body)
    assert answer.status_code == 400
    assert reason in answer.get_json()["error"]
    assert commands() == []


def test_a_large_body_is_refused(client: FlaskClient) -> None:
    body = b'{"name":"' + b"x" * 70_000 + b'"}'
    assert client.patch(address("kitchen"), data=body).status_code == 413


def test_a_range_that_ends_before_it_begins(client: FlaskClient) -> None:
    answer = client.delete(f"{address('kitchen')}?from=2&to=1")
    assert (answer.status_code, answer.get_json()["error"]) == (400, "from must not be after to")


@pytest.mark.parametrize("method", ["patch", "delete"])
def test_an_unknown_series_is_not_found(
    client: FlaskClient, commands: Callable[[], list[Command]], method: str
) -> None:
    send: Any = getattr(client, method)
    answer = send(address("nobody"), json={"unit": "V"})
    assert answer.status_code == 404
    assert answer.get_json() == {
        "ok": False,
        "error": "there is no series 'nobody'",
        "status": 404,
    }
    assert commands() == []


@pytest.mark.parametrize("name", ["a//b", "kitchen"])
def test_a_name_that_is_taken_is_refused(
    client: FlaskClient, commands: Callable[[], list[Command]], name: str
) -> None:
    answer = client.patch(address("kitchen"), json={"name": name, "unit": "V"})
    assert answer.status_code == 409
    assert commands() == []


def test_without_redis_it_is_asked_to_come_later(
    client: FlaskClient, server: fakeredis.FakeServer
) -> None:
    server.connected = False
    answer = client.delete(address("kitchen"))
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]


@pytest.mark.parametrize("method", ["patch", "delete"])
def test_a_page_from_elsewhere_may_not(
    client: FlaskClient, commands: Callable[[], list[Command]], method: str
) -> None:
    send: Any = getattr(client, method)
    answer = send(address("kitchen"), json={"unit": "V"}, headers={"Origin": "http://evil.example"})
    assert answer.status_code == 403
    assert commands() == []

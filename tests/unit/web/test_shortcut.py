"""The shortcut for writes: it answers as Flask does, and does no write twice."""

from types import SimpleNamespace
from typing import Any

import fakeredis
import pytest
from flask import Flask
from flask.testing import FlaskClient

from services.broker import Broker, Journal
from services.cli.supervise.fake_server import new_fake_server
from services.errors import JournalFullError
from services.settings import Settings
from services.web.app import create_app
from services.web.write.ingest import Ingest
from services.web.write.shortcut import WriteShortcut

PATHS = ["/write?db=a", "/api/v2/write?bucket=a", "/api/v3/write_lp?db=a", "/api/readings"]
BODIES: dict[str, Any] = {
    "good lines": {"data": b"cpu,host=a load=1,n=2i"},
    "a bad line": {"data": b"cpu load=1\ncpu load=x"},
    "a text": {"data": b'cpu load=1,state="on"'},
    "an unstorable name": {"data": b"cpu load=1," + b"n" * 1_100 + b"=2"},
    "good JSON": {"data": b'{"series": "a", "value": 1}'},
    "a bad reading": {"data": b'[{"series": "a", "value": 1}, {"series": "b"}]'},
    "nothing": {"data": b""},
    "an unknown precision": {"data": b"cpu load=1 1", "query_string": "db=a&precision=week"},
    "no database": {"data": b"cpu load=1", "query_string": "a=1"},
    "not all or nothing": {
        "data": b"cpu load=1\ncpu load=x",
        "query_string": "db=a&accept_partial=false",
    },
    "an unknown encoding": {"data": b"cpu load=1", "headers": {"Content-Encoding": "br"}},
    "a damaged encoding": {"data": b"cpu load=1", "headers": {"Content-Encoding": "gzip"}},
    "another host": {"data": b"cpu load=1", "headers": {"Host": "evil.example"}},
    "another origin": {"data": b"cpu load=1", "headers": {"Origin": "http://evil.example"}},
    "another site": {"data": b"cpu load=1", "headers": {"Sec-Fetch-Site": "cross-site"}},
    "an incomplete body": {"data": b"cpu", "headers": {"Content-Length": "5"}},
    "too many bytes": {"data": b"cpu", "headers": {"Content-Length": "25000001"}},
}


@pytest.fixture(scope="module")
def both_clients(tmp_path_factory: pytest.TempPathFactory) -> tuple[FlaskClient, FlaskClient]:
    """Clients of an application with the shortcut, and of one without it.

    They serve many tests, because an application takes much longer to create than to answer.
    """
    with_shortcut, without_shortcut = (
        create_app(settings, Broker(fakeredis.FakeRedis(server=new_fake_server()), settings))
        for settings in (
            Settings.from_environ({"DATA_DIR": str(tmp_path_factory.mktemp(name))})
            for name in ("with", "without")
        )
    )
    outer: Any = without_shortcut.wsgi_app
    shortcut = outer._app._app
    assert isinstance(shortcut, WriteShortcut)
    shortcut._routes = {}
    return with_shortcut.test_client(), without_shortcut.test_client()


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_response_is_that_of_flask(
    both_clients: tuple[FlaskClient, FlaskClient], path: str, body: dict[str, Any]
) -> None:
    ours, theirs = (
        client.post(path.partition("?")[0] if "query_string" in body else path, **body)
        for client in both_clients
    )
    assert (ours.status, list(ours.headers), ours.data) == (
        theirs.status,
        list(theirs.headers),
        theirs.data,
    )


@pytest.mark.parametrize("path", PATHS)
def test_complete_write_never_comes_to_flask(
    app: Flask, client: FlaskClient, broker: Broker, path: str
) -> None:
    dispatched: list[str] = []
    app.before_request(lambda: dispatched.append("request"))
    body = b'{"series": "a", "value": 1}' if path == "/api/readings" else b"a value=1"
    assert client.post(path, data=body).status_code in {200, 204}
    assert Journal(broker).end().reading_count == 1
    assert dispatched == []


@pytest.mark.parametrize("path", PATHS)
def test_refused_part_leaves_the_rest_written_once(
    client: FlaskClient, broker: Broker, path: str
) -> None:
    lines = b'{"series": "a", "value": 1}\n{"series": "b"}'
    body = lines if path == "/api/readings" else b"a value=1\na value=x"
    assert client.post(path, data=body).status_code == 400
    assert Journal(broker).end().reading_count == 1


@pytest.mark.parametrize("path", PATHS)
def test_failed_publish_is_not_repeated(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    attempts: list[str] = []

    def fail(*_: object) -> None:
        attempts.append("publish")
        raise JournalFullError("the journal is full")

    monkeypatch.setattr(Ingest, "publish", fail)
    body = b'{"series": "a", "value": 1}' if path == "/api/readings" else b"a value=1"
    assert client.post(path, data=body).status_code == 503
    assert attempts == ["publish"]


def test_write_waits_for_its_turn_after_its_publish(client: FlaskClient) -> None:
    turns: list[str] = []
    connection = SimpleNamespace(wait_for_turn=lambda: turns.append("turn"), fileno=lambda: -1)
    client.post(PATHS[0], data=b"a value=1", environ_overrides={"gunicorn.socket": connection})
    assert turns == ["turn"]

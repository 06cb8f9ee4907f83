"""A web application on fakeredis, and the database that it reads."""

from collections.abc import Callable, Iterator
from functools import partialmethod

import fakeredis
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from services.broker import Broker
from services.broker.commit_requests import CommitWaiter
from services.cli.supervise.fake_server import new_fake_server
from services.clock import now_microseconds
from services.position import Checkpoint, Cursor, EntryId
from services.reading import Reading
from services.settings import Settings
from services.store import AccessReader, AccessRecords, Recorder, WriteBatch, reading_engine
from services.web.app import create_app
from tests.support.databases import migrated_engine
from tests.support.recordings import Recording

CHECKPOINT = Checkpoint(Cursor("abc", EntryId(5, 0)), 1, 1)

Record = Callable[[list[Reading]], object]


@pytest.fixture(scope="session", autouse=True)
def address_builders() -> Iterator[None]:
    """Compile what builds the addresses of a route only once for the applications of all tests.

    It takes most of the 20 ms in which an application is made.
    """
    compile_builder = Rule._compile_builder
    known: dict[object, Callable[..., tuple[str, str]]] = {}

    def compile_once(rule: Rule, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        defaults = sorted((rule.defaults or {}).items())
        key = (rule.rule, rule.subdomain, rule.host, str(defaults), append_unknown)
        if key not in known:
            known[key] = compile_builder(rule, append_unknown)
        return known[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rule, "_compile_builder", compile_once)
        yield


@pytest.fixture
def server() -> fakeredis.FakeServer:
    """A Redis server, which is down while its `connected` is False."""
    return new_fake_server()


@pytest.fixture
def broker(settings: Settings, server: fakeredis.FakeServer) -> Broker:
    return Broker(fakeredis.FakeRedis(server=server), settings)


@pytest.fixture(autouse=True)
def no_wait_for_a_writer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorten the wait of a query for the writer: none runs here, and it would take a second."""
    monkeypatch.setattr(CommitWaiter, "wait", partialmethod(CommitWaiter.wait, seconds=0.0))


@pytest.fixture
def writer(broker: Broker, monkeypatch: pytest.MonkeyPatch) -> Recording:
    """A writer that writes whenever somebody asks for a commit."""
    recording = Recording(broker)
    monkeypatch.setattr(CommitWaiter, "wait", lambda _waiter: recording.write())
    return recording


@pytest.fixture
def records(settings: Settings) -> Callable[[], AccessRecords]:
    """Return a function that reads what gives access."""
    return AccessReader(reading_engine(settings)).read


@pytest.fixture
def app(broker: Broker) -> Flask:
    return create_app(broker.settings, broker)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def record(settings: Settings) -> Record:
    """Store readings, as the writer would."""
    engine = migrated_engine(settings)
    recorder = Recorder(engine, "readings:journal", now_microseconds)
    return lambda readings: recorder.commit(WriteBatch(readings), CHECKPOINT)

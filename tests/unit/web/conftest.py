"""A web application on fakeredis, and the database that it reads."""

from collections.abc import Callable
from functools import partialmethod

import fakeredis
import pytest
from flask import Flask
from flask.testing import FlaskClient

from services.broker import Broker
from services.broker.commit_requests import CommitWaiter
from services.cli.supervise.fake_server import new_fake_server
from services.clock import now_microseconds
from services.position import Checkpoint, Cursor, EntryId
from services.reading import Reading
from services.settings import Settings
from services.store import AccessReader, AccessRecords, Recorder, WriteBatch, reading_engine
from services.web.app import create_app
from tests.support.access import AccessRecorder, new_token
from tests.support.databases import migrated_engine
from tests.support.recordings import Recording

CHECKPOINT = Checkpoint(Cursor("abc", EntryId(5, 0)), 1, 1)

Record = Callable[[list[Reading]], object]


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


@pytest.fixture
def access(settings: Settings) -> AccessRecorder:
    """Return a recorder of what gives access."""
    return AccessRecorder(settings)


@pytest.fixture
def guarded(access: AccessRecorder, client: FlaskClient) -> FlaskClient:
    """Return a client of an application with a token for each role."""
    access.carry_out(new_token("view"), new_token("write"), new_token("admin"))
    return client

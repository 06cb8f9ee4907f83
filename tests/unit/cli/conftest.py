"""Runners for commands."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from services.broker import Broker
from services.broker.commit_requests import CommitWaiter
from services.cli.main import main
from services.settings import Settings
from tests.support.recordings import Recording
from tests.support.redis_server import RedisServer

Call = Callable[..., Result]


@pytest.fixture
def offline_runner() -> CliRunner:
    """A runner without Redis: nothing may be sent."""
    return CliRunner(env={"REDIS_URL": "redis://127.0.0.1:1/0", "REDIS_URL_FILE": None})


@pytest.fixture(scope="session")
def shared_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    with RedisServer.in_folder(tmp_path_factory.mktemp("shared") / "redis") as server:
        yield server


@pytest.fixture
def redis_server(shared_server: RedisServer) -> RedisServer:
    """A real Redis server, which is empty when a test begins."""
    shared_server.client.flushall()
    return shared_server


@pytest.fixture
def settings(redis_server: RedisServer, tmp_path: Path) -> Settings:
    return Settings.from_environ(
        {"REDIS_URL": redis_server.url, "DATA_DIR": str(tmp_path / "data")}
    )


@pytest.fixture
def recording(settings: Settings) -> Iterator[Recording]:
    broker = Broker.connect(settings)
    recording = Recording(broker)
    yield recording
    recording.close()
    broker.close()


@pytest.fixture
def call(settings: Settings, recording: Recording, monkeypatch: pytest.MonkeyPatch) -> Call:
    """Return a function that calls a command beside a writer that writes when it is asked."""
    monkeypatch.setattr(CommitWaiter, "wait", lambda _waiter: recording.write())
    env = {"REDIS_URL": settings.redis_url, "DATA_DIR": str(settings.data_dir)}
    return lambda *words, **more: CliRunner().invoke(
        main, list(words), env=env | more.pop("env", {}), **more
    )

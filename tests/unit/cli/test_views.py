"""`stripchart views`: what it prints, and what it saves."""

import json
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
from tests.support.views import HOME

pytestmark = pytest.mark.redis

Call = Callable[..., Result]


@pytest.fixture
def settings(redis_server: RedisServer, tmp_path: Path) -> Settings:
    return Settings.from_environ({"REDIS_URL": redis_server.url, "DATA_DIR": str(tmp_path)})


@pytest.fixture
def recording(settings: Settings) -> Iterator[Recording]:
    broker = Broker.connect(settings)
    recording = Recording(broker)
    yield recording
    recording.close()
    broker.close()


@pytest.fixture
def call(settings: Settings, recording: Recording, monkeypatch: pytest.MonkeyPatch) -> Call:
    """Return a function that calls the command beside a writer that writes when it is asked."""
    monkeypatch.setattr(CommitWaiter, "wait", lambda _waiter: recording.write())
    env = {"REDIS_URL": settings.redis_url, "DATA_DIR": str(settings.data_dir)}
    return lambda *words, **more: CliRunner().invoke(main, ["views", *words], env=env, **more)


def test_view_is_imported_listed_shown_and_deleted(call: Call) -> None:
    assert call("import", "home", input=json.dumps(HOME)).output == "home is saved as revision 1\n"
    assert call("list").output == "home\tHome\t1\t2\n"
    assert json.loads(call("list", "--json").output) == {
        "views": [{"name": "home", "title": "Home", "revision": 1, "panels": 2}]
    }
    assert call("show", "home").output.splitlines() == [
        "Home, revision 1",
        "window 24h",
        "p1\tline\tRooms\t*.temperature",
        "p2\tbars\t\tenergy",
    ]
    assert "Delete the view home?" in call("delete", "home", input="n\n").output
    assert call("delete", "home", "--yes").output == "home is deleted\n"
    assert call("list").output == ""


def test_exported_view_replaces_the_view_that_it_came_from(call: Call, tmp_path: Path) -> None:
    call("import", "home", input=json.dumps(HOME))
    file = tmp_path / "home.json"
    assert call("export", "home", str(file)).exit_code == 0
    assert json.loads(file.read_text("utf-8")) == json.loads(call("show", "home", "--json").output)
    assert call("import", "home", str(file)).output == "home is saved as revision 2\n"
    refused = call("import", "home", str(file))
    assert refused.exit_code == 1
    assert "with the revision 2 (--replace replaces it)" in refused.output
    assert call("import", "--replace", "home", str(file)).output == "home is saved as revision 3\n"
    assert call("import", "copy", str(file)).output == "copy is saved as revision 1\n"


@pytest.mark.parametrize(
    ("words", "text", "reason"),
    [
        (["show", "other"], "", "there is no view 'other' (`stripchart views list` lists them)"),
        (["delete", "other", "--yes"], "", "there is no view 'other'"),
        (["import", "a b"], "{}", "may only have letters"),
        (["import", "home"], "{", "not JSON"),
        (["import", "home"], '{"panels":[{"series":[]}]}', "panels[0].series: give a name"),
    ],
)
def test_mistake_is_one_sentence(call: Call, words: list[str], text: str, reason: str) -> None:
    result = call(*words, input=text)
    assert result.exit_code == 1
    assert result.output.startswith("stripchart: ")
    assert reason in result.output


def test_silent_writer_is_reported(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(CommitWaiter, "wait", lambda _waiter: False)
    result = call("import", "home", input="{}")
    assert result.exit_code == 1
    assert "the writer does not answer" in result.output

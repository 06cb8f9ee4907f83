"""`stripchart series`: its list, and the corrections that it publishes."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from services.broker import Broker, Journal
from services.cli.main import main
from services.clock import now_microseconds
from services.command import Command, Delete, Erase, Rename, SetUnit
from services.formats.commands import decode_command
from services.position import JOURNAL_START, Checkpoint, Cursor, EntryId
from services.reading import MICROSECONDS, Reading
from services.settings import Settings
from services.store import Recorder, WriteBatch
from tests.support.databases import migrated_engine
from tests.support.redis_server import RedisServer

pytestmark = pytest.mark.redis

Call = Callable[..., Result]
START = 1_795_342_272 * MICROSECONDS


@pytest.fixture
def settings(redis_server: RedisServer, tmp_path: Path) -> Settings:
    return Settings.from_environ({"REDIS_URL": redis_server.url, "DATA_DIR": str(tmp_path)})


@pytest.fixture
def call(settings: Settings) -> Call:
    """Return a function that calls the command for a database with two series."""
    engine = migrated_engine(settings)
    recorder = Recorder(engine, "readings:journal", now_microseconds)
    readings = [Reading("kitchen", START, 21.5, "°C"), Reading("cellar", START + 1, 1e6)]
    recorder.commit(
        WriteBatch(readings, points={"cellar": None}),
        Checkpoint(Cursor("abc", EntryId(5, 0)), 1, 1),
    )
    engine.dispose()
    env = {"REDIS_URL": settings.redis_url, "DATA_DIR": str(settings.data_dir)}
    return lambda *words, **more: CliRunner().invoke(main, ["series", *words], env=env, **more)


@pytest.fixture
def commands(settings: Settings) -> Iterator[Callable[[], list[Command]]]:
    """Return a function that reads the commands in the journal."""
    broker = Broker.connect(settings)
    journal = Journal(broker)
    yield lambda: [decode_command(e.text) for e in journal.read(JOURNAL_START, 100).entries]
    broker.close()


def test_list_has_one_line_for_each_series(call: Call) -> None:
    assert call("list").output.splitlines() == [
        "cellar\t\t1000000\t2026-11-22 10:11:12.000001+00:00\t2026-11-22 10:11:12.000001+00:00",
        "kitchen\t°C\t21.5\t2026-11-22 10:11:12.000000+00:00\t2026-11-22 10:11:12.000000+00:00",
    ]


def test_list_shows_series_with_tags(call: Call) -> None:
    for words in (["--measurement", "c*"], ["--field", "value"], ["--tag", "room=", "cel*"]):
        lines = call("list", *words).output.splitlines()
        assert [line.partition("\t")[0] for line in lines] == ["cellar"], words
    assert call("list", "--tag", "host=attic").output == ""
    result = call("list", "--tag", "host")
    assert (result.exit_code, "'host' is not KEY=VALUE" in result.output) == (2, True)


def test_list_as_json_has_tags(call: Call) -> None:
    assert json.loads(call("list", "--json", "cellar").output) == {
        "series": [
            {
                "name": "cellar",
                "unit": None,
                "tags": {"measurement": "cellar", "field": "value", "tags": {}},
                "first": 1795342272.000001,
                "last": 1795342272.000001,
                "value": 1e6,
            }
        ]
    }


@pytest.mark.parametrize(
    ("words", "command"),
    [
        (["rename", "kitchen", "küche"], Rename("kitchen", "küche")),
        (["unit", "kitchen", "K"], SetUnit("kitchen", "K")),
        (["unit", "kitchen"], SetUnit("kitchen", None)),
        (["delete", "kitchen", "--yes"], Delete("kitchen")),
        (
            ["erase", "kitchen", "--from", "1.5", "--to", "2"],
            Erase("kitchen", 1_500_000, 2_000_000),
        ),
    ],
)
def test_correction_is_published(
    call: Call, commands: Callable[[], list[Command]], words: list[str], command: Command
) -> None:
    result = call(*words)
    assert result.exit_code == 0, result.output
    assert "kitchen" in result.output
    assert commands() == [command]


def test_deletion_needs_a_confirmation(call: Call, commands: Callable[[], list[Command]]) -> None:
    assert call("delete", "kitchen", input="n\n").exit_code == 1
    assert commands() == []
    assert call("delete", "kitchen", input="y\n").exit_code == 0
    assert commands() == [Delete("kitchen")]


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["delete", "nobody"], "there is no series 'nobody' (`stripchart series list` lists them)"),
        (["rename", "kitchen", "cellar"], "there is a series 'cellar' already"),
        (["rename", "kitchen", ""], "series must not be empty"),
        (["erase", "kitchen", "--from", "2", "--to", "1"], "from must not be after to"),
        (["erase", "kitchen", "--from", "soon", "--to", "1"], "'soon' is not a time"),
    ],
)
def test_impossible_correction_is_an_error(
    call: Call, commands: Callable[[], list[Command]], words: list[str], reason: str
) -> None:
    result = call(*words)
    assert result.exit_code == 1
    assert reason in result.output
    assert commands() == []

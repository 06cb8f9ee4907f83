"""`stripchart series`: its list, and the corrections that it publishes."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from services.broker import Broker, Journal
from services.cli.main import main
from services.clock import now_microseconds
from services.command import Command, Delete, Erase, Rename, SetSettings, SetUnit
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
    settings_command = SetSettings("kitchen", {"label": "Küche", "kind": "counter"})
    recorder.commit(
        WriteBatch(command=settings_command), Checkpoint(Cursor("abc", EntryId(6, 0)), 2, 1)
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
    cellar_time, kitchen_time = (f"2026-11-22 10:11:12.00000{i}+00:00" for i in (1, 0))
    assert call("list").output.splitlines() == [
        f"cellar\t\t1000000\t{cellar_time}\t{cellar_time}\tmeasure\t",
        f"kitchen\t°C\t21.5\t{kitchen_time}\t{kitchen_time}\tcounter\tKüche",
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
                "label": None,
                "kind": None,
                "decimals": None,
                "color": None,
                "states": None,
                "guessed_kind": "measure",
                "sample": {"decimals": 0, "typical": 1e6, "spread": 0.0},
            }
        ]
    }


@pytest.mark.parametrize(
    ("words", "command"),
    [
        (["rename", "kitchen", "küche"], Rename("kitchen", "küche")),
        (["unit", "kitchen", "K"], SetUnit("kitchen", "K")),
        (["unit", "kitchen"], SetUnit("kitchen", None)),
        (
            ["set", "kitchen", "--label", "Küche", "--kind", "state", "--decimals", "0"],
            SetSettings("kitchen", {"label": "Küche", "kind": "state", "decimals": 0}),
        ),
        (
            ["set", "kitchen", "--color", "#0B7285", "--state", "0=closed", "--state", "1=o=n"],
            SetSettings("kitchen", {"color": "#0b7285", "states": {"0": "closed", "1": "o=n"}}),
        ),
        (
            ["set", "kitchen", "--label", "", "--kind", "", "--decimals", "", "--state", ""],
            SetSettings("kitchen", {"label": None, "kind": None, "decimals": None, "states": None}),
        ),
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
        (["set", "nobody", "--label", "x"], "there is no series 'nobody'"),
        (["set", "kitchen", "--kind", "gauge"], "kind must be one of measure, state, counter"),
        (["set", "kitchen", "--decimals", "2.5"], "decimals must be a whole number from 0 to 10"),
        (["set", "kitchen", "--state", "on=1"], "states must have numbers as values"),
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


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["set", "kitchen"], "give at least one option, such as --label"),
        (["set", "kitchen", "--state", "closed"], "'closed' is not VALUE=WORD"),
    ],
)
def test_settings_without_a_meaning_are_a_usage_error(
    call: Call, commands: Callable[[], list[Command]], words: list[str], reason: str
) -> None:
    result = call(*words)
    assert (result.exit_code, reason in result.output) == (2, True)
    assert commands() == []


def test_stats_have_one_line_for_each_value(call: Call) -> None:
    lines = dict(
        line.split("\t")
        for line in call("stats", "cellar", "--from", "1795342000").output.splitlines()
    )
    assert (lines["kind"], lines["count"], lines["mean"]) == ("measure", "1", "1000000.0")
    assert lines["first"] == "2026-11-22 10:11:12+00:00"
    as_json = call("stats", "cellar", "--from", "1795342000", "--json").output
    assert json.loads(as_json)["max"] == 1e6


def test_increase_has_one_line_for_each_local_day(call: Call) -> None:
    options = ["--from", "2026-11-22T00:00:00Z", "--to", "2026-11-23T12:00:00Z"]
    result = call("increase", "cellar", *options, "--timezone", "Europe/Berlin")
    assert result.output.splitlines() == [
        "2026-11-22 00:00+01:00\t0",
        "2026-11-23 00:00+01:00\t",
        "total\t0",
    ]


def test_question_about_unknown_series_is_refused(call: Call) -> None:
    for command in ("stats", "increase"):
        result = call(command, "garage")
        assert result.exit_code != 0
        assert "there is no series 'garage'" in result.output

"""`stripchart send`, with the stand-in for Redis."""

import json
import subprocess
import sys
from collections.abc import Iterator

import pytest
import redis
from click.testing import CliRunner

from services.broker import Broker, Journal
from services.cli.main import main
from services.reading import Reading
from services.settings import Settings
from tests.support.journals import readings_in
from tests.support.waiting import TIMEOUT_SECONDS

TIME = 1763793660_000000


@pytest.fixture(scope="module")
def server_url() -> Iterator[str]:
    """Address of a stand-in for all tests."""
    command = [sys.executable, "-m", "services.cli.supervise.fake_server", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        line = server.stdout.readline()
        assert "listening on 127.0.0.1:" in line
        yield f"redis://{line.split()[-1]}/0"
        server.terminate()
        assert server.wait(TIMEOUT_SECONDS) == 0


@pytest.fixture
def url(server_url: str) -> str:
    """Address of the stand-in, which is empty."""
    with redis.Redis.from_url(server_url) as client:
        client.flushall()
    return server_url


@pytest.fixture
def runner(url: str) -> CliRunner:
    return CliRunner(env={"REDIS_URL": url, "REDIS_URL_FILE": None})


@pytest.fixture
def journal(url: str) -> Iterator[Journal]:
    broker = Broker.connect(Settings.from_environ({"REDIS_URL": url}))
    yield Journal(broker)
    broker.close()


def test_reading_of_the_arguments_is_sent(runner: CliRunner, journal: Journal) -> None:
    answer = runner.invoke(
        main, ["send", "cellar", "-3.5", "--unit", "°C", "--ts", "1763793660.25"]
    )
    assert answer.exit_code == 0, answer.output
    assert answer.output == "sent cellar = -3.5 °C at 2025-11-22 06:41:00.250+00:00\n"
    assert readings_in(journal) == [Reading("cellar", 1763793660_250000, -3.5, "°C")]


def test_time_can_be_iso_8601(runner: CliRunner, journal: Journal) -> None:
    assert runner.invoke(main, ["send", "a", "1", "--ts", "2025-11-22T06:41:00Z"]).exit_code == 0
    assert [reading.ts for reading in readings_in(journal)] == [1763793660_000000]


@pytest.mark.parametrize(
    ("arguments", "status", "sentence"),
    [
        (["a", "nan"], 1, "value must be a finite number"),
        (["", "1"], 1, "series must not be empty"),
        (["a", "1", "--ts", "99999999999"], 1, "10 minutes ahead"),
        (["a", "1", "--ts", "soon"], 1, "ts can't be read"),
        (["a", "warm"], 2, "'warm' is not a valid float"),
        (["a"], 2, "the value of a is missing"),
        (["--unit", "V"], 2, "need a reading"),
    ],
)
def test_invalid_reading_is_an_error(
    runner: CliRunner, journal: Journal, arguments: list[str], status: int, sentence: str
) -> None:
    answer = runner.invoke(main, ["send", *arguments])
    assert answer.exit_code == status
    assert sentence in answer.stderr
    assert "Traceback" not in answer.stderr
    assert readings_in(journal) == []


def test_invalid_lines_are_refused_and_the_others_sent(runner: CliRunner, journal: Journal) -> None:
    lines = [
        '{"series": "a", "value": 1, "ts": 1763793660}',
        "",
        "kitchen 21.5",
        '[{"series": "b", "value": 2}, {"value": 3}]',
        '{"series": "c", "value": null}',
        '{"series": "d", "value": 4}',
    ]
    answer = runner.invoke(main, ["send"], input="\n".join(lines))
    assert answer.exit_code == 1
    assert answer.stdout.startswith("sent 3 readings of 3 series, refused 3\n")
    refused = answer.stderr.splitlines()
    assert refused[0].startswith("line 3: not JSON")
    assert refused[1:] == ["line 4: item 2: series is missing", "line 5: value must be a number"]
    assert [reading.series for reading in readings_in(journal)] == ["a", "b", "d"]


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("time,series,value,unit\n2025-11-22T06:41:00Z,a,1.5,V\n", Reading("a", TIME, 1.5, "V")),
        ("1763793660,a,1.5\n", Reading("a", TIME, 1.5)),
        ("cpu,host=box load=1.5 1763793660000000000\n", Reading("cpu,host=box load", TIME, 1.5)),
        ('{"series": "a", "value": 1.5, "ts": 1763793660}', Reading("a", TIME, 1.5)),
    ],
)
def test_format_is_detected_from_the_first_line(
    runner: CliRunner, journal: Journal, text: str, sent: Reading
) -> None:
    answer = runner.invoke(main, ["send"], input=text)
    assert answer.output.startswith("sent 1 reading of 1 series\n")
    assert answer.exit_code == 0
    assert readings_in(journal) == [sent]


@pytest.mark.parametrize("indent", [None, 1])
@pytest.mark.parametrize("encode", ["utf-8-sig", "utf-16", "cp1252"])
def test_json_in_any_layout_and_encoding_is_sent(
    runner: CliRunner, journal: Journal, indent: int | None, encode: str
) -> None:
    reading = {"series": "küche", "value": 1.5, "unit": "°C", "time": TIME / 1_000_000}
    text = json.dumps([reading, reading | {"series": "b"}], indent=indent, ensure_ascii=False)
    answer = runner.invoke(main, ["send"], input=text.encode(encode))
    assert answer.exit_code == 0, answer.output
    expected = [Reading("küche", TIME, 1.5, "°C"), Reading("b", TIME, 1.5, "°C")]
    assert readings_in(journal) == expected


@pytest.mark.parametrize(
    ("member", "reason"),
    [
        ('"created_at": "2026-08-02"', "'created_at' looks like its time"),
        ('"time": 1785684600, "ts": "2026-08-03"', "ts and time state different times"),
        ('"ts": 1', "is before 2000"),
    ],
)
@pytest.mark.parametrize("names", ['"series": "a", "value": 1', '"entity_id": "a", "state": "1"'])
def test_doubtful_time_is_refused_and_not_sent_as_now(
    runner: CliRunner, journal: Journal, names: str, member: str, reason: str
) -> None:
    if "entity_id" in names:
        member = member.replace('"ts": ', '"last_changed": ')
    answer = runner.invoke(main, ["send"], input=f"{{{names}, {member}}}\n")
    assert answer.exit_code == 1
    assert reason in answer.stderr
    assert readings_in(journal) == []


@pytest.mark.parametrize("arguments", [["a", "1"], []])
def test_dry_run_sends_nothing(runner: CliRunner, journal: Journal, arguments: list[str]) -> None:
    answer = runner.invoke(main, ["send", "--dry-run", *arguments], input="a value=1\n")
    assert answer.exit_code == 0
    assert answer.stdout.startswith("understood ")
    assert readings_in(journal) == []


def test_format_and_precision_can_be_given(runner: CliRunner, journal: Journal) -> None:
    arguments = ["send", "--format", "lines", "--precision", "s"]
    answer = runner.invoke(main, arguments, input='a value=1.5 1763793660\na text="on"\nb,1\n')
    assert answer.exit_code == 1
    assert answer.stdout.startswith("sent 1 reading of 1 series, skipped 1 text value, refused 1\n")
    assert answer.stderr.startswith("line 3: ")
    assert readings_in(journal) == [Reading("a", TIME, 1.5)]


def test_only_the_first_refused_lines_are_printed(runner: CliRunner) -> None:
    answer = runner.invoke(main, ["send", "--format", "lines"], input="a value=warm\n" * 50)
    assert answer.stdout.startswith("sent 0 readings of 0 series, refused 50\n")
    lines = answer.stderr.splitlines()
    assert lines[:2] == ["line 1: invalid number", "line 2: invalid number"]
    assert lines[20:] == ["and 30 more"]


def test_many_lines_are_sent_in_order(runner: CliRunner, journal: Journal) -> None:
    count = 2500
    lines = "".join(json.dumps({"series": "a", "value": i}) + "\n" for i in range(count))
    answer = runner.invoke(main, ["send"], input=lines)
    assert answer.output.startswith(f"sent {count} readings of 1 series\n")
    assert [reading.value for reading in readings_in(journal)] == list(range(count))


def test_unavailable_redis_is_one_sentence() -> None:
    runner = CliRunner(env={"REDIS_URL": "redis://127.0.0.1:1/0", "REDIS_URL_FILE": None})
    answer = runner.invoke(main, ["send", "a", "1"])
    assert answer.exit_code == 1
    assert answer.stderr.startswith("stripchart: Redis can't be used: ")
    assert answer.stderr.count("\n") == 1

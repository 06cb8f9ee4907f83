"""`stripchart import`: the lines that it accepts and refuses."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from services.broker import Broker, Journal
from services.cli.main import main
from services.reading import Reading
from services.settings import Settings
from tests.support.journals import readings_in
from tests.support.redis_server import RedisServer

START = 1_700_000_000
FIRST = 1_785_684_600


@pytest.fixture
def offline_runner() -> CliRunner:
    """A runner without Redis: nothing may be sent."""
    return CliRunner(env={"REDIS_URL": "redis://127.0.0.1:1/0", "REDIS_URL_FILE": None})


@pytest.mark.redis
def test_valid_lines_are_imported_and_the_others_reported(
    redis_server: RedisServer, tmp_path: Path
) -> None:
    file, report = tmp_path / "past.lp.gz", tmp_path / "report.txt"
    lines = [
        f"kitchen value=21.5 {START}000000000",
        "kitchen value=22",
        f'kitchen value=warm,text="x" {START}000000000',
        "# a comment",
        f"kitchen value=23 {START + 10**9}000000000",
        f'kitchen value=22.5,text="x" {START + 1}000000000',
    ]
    with gzip.open(file, "wt", encoding="utf-8") as compressed:
        compressed.write("\n".join(lines))
    runner = CliRunner(env={"REDIS_URL": redis_server.url, "REDIS_URL_FILE": None})
    answer = runner.invoke(main, ["import", "--report", str(report), str(file)])
    assert answer.exit_code == 1
    assert answer.stdout.splitlines() == [
        "imported 2 readings of 1 series, skipped 1 text value, refused 3",
        "format: line protocol in UTF-8",
        "series: kitchen (2 readings)",
        "times: 2023-11-14T22:13:20Z to 2023-11-14T22:13:21Z",
    ]
    errors = answer.stderr.splitlines()
    assert errors[0] == "line 2: its time is missing"
    assert errors[1].startswith("line 3: ")
    assert errors[2].startswith("line 5: ts must not be more than 10 minutes ahead")
    assert report.read_text(encoding="utf-8").splitlines() == errors
    broker = Broker.connect(Settings.from_environ({"REDIS_URL": redis_server.url}))
    assert readings_in(Journal(broker)) == [
        Reading("kitchen", START * 1_000_000, 21.5),
        Reading("kitchen", (START + 1) * 1_000_000, 22.5),
    ]
    broker.close()


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("past.csv.gz", b"\x1f\x8b\x08\x00 this is not compressed", "can't be decompressed"),
        ("past.gz", gzip.compress(b"a value=1", mtime=0)[:-9], "can't be decompressed"),
        ("past.bin", b"\xff\xfe\x00\x01", "line 1: "),
        ("past.xlsx", b"PK\x05\x06" + bytes(18), "the archive past.xlsx is empty"),
        ("past.csv", b"time,series,value\n,a,1\n", "line 2: its time is missing"),
    ],
)
def test_invalid_file_is_one_sentence(
    offline_runner: CliRunner, tmp_path: Path, name: str, content: bytes, sentence: str
) -> None:
    (tmp_path / name).write_bytes(content)
    answer = offline_runner.invoke(main, ["import", str(tmp_path / name)])
    assert answer.exit_code == 1
    assert answer.stdout.startswith("imported 0 readings of 0 series")
    assert len(answer.stderr.splitlines()) == 1
    assert sentence in answer.stderr


HISTORY = [
    [
        {
            "entity_id": "sensor.attic",
            "state": state,
            "attributes": {"unit_of_measurement": "°C", "friendly_name": "Attic"},
            "last_changed": f"2026-08-02T10:0{minute}:00.123456+00:00",
            "last_updated": "2026-08-02T11:00:00+00:00",
        }
        for minute, state in enumerate(["21.5", "unavailable", "21.75"])
    ],
    [
        {
            "entity_id": "switch.pump",
            "state": "on",
            "attributes": {},
            "last_changed": "2026-08-02T10:00:00+00:00",
        },
        {"state": "off", "last_changed": "2026-08-02T10:01:00+00:00"},
        {"state": "", "last_changed": "2026-08-02T10:02:00+00:00"},
    ],
    [{"entity_id": "sun.sun", "state": "below_horizon", "last_changed": "2026-08-02T10:00:00Z"}],
]


def understood(runner: CliRunner, path: Path, *options: str) -> dict[str, Any]:
    """Return the report of a dry run, with the exit status."""
    answer = runner.invoke(main, ["import", "--dry-run", "--json", *options, str(path)])
    assert "Traceback" not in answer.output
    report: dict[str, Any] = json.loads(answer.stdout)
    return report | {"exit": answer.exit_code, "errors": answer.stderr.splitlines()}


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_history_of_home_assistant_is_understood(
    offline_runner: CliRunner, tmp_path: Path, indent: int | None, pack: Callable[[bytes], bytes]
) -> None:
    text = json.dumps(HISTORY, indent=indent, ensure_ascii=False)
    (tmp_path / "history.json").write_bytes(pack(text.encode()))
    report = understood(offline_runner, tmp_path / "history.json")
    assert report["series"] == [
        {"name": "sensor.attic", "unit": "°C", "readings": 2},
        {"name": "switch.pump", "unit": None, "readings": 2},
    ]
    assert (report["first"], report["last"]) == (
        "2026-08-02T10:00:00Z",
        "2026-08-02T10:02:00.123456Z",
    )
    assert report["skipped"] == {"unavailable": 1, "empty": 1}
    assert (report["refused"], report["exit"]) == (1, 1)
    assert report["refusals"][0].endswith("item 1: value 'below_horizon' is not a number")


@pytest.mark.parametrize(
    ("text", "readings", "last", "notes"),
    [
        (
            json.dumps([{"series": "a", "ts": FIRST + i, "value": "2"} for i in (0, 60)], indent=1),
            2,
            "2026-08-02T15:31:00Z",
            ["times are Unix seconds"],
        ),
        ('{"series":"a","value":1,"time":1785684600000}', 1, "2026-08-02T15:30:00Z",
         ["times are Unix milliseconds"]),
        ('{"series":"a","value":1,"timestamp":1785684600000000}', 1, "2026-08-02T15:30:00Z",
         ["times are Unix microseconds"]),
        ('{"series":"a","value":1,"ts":1785684600123456789}', 1, "2026-08-02T15:30:00.123457Z",
         ["times are Unix nanoseconds"]),
        ('{"series":"a","value":1,"ts":"2026-08-02 15:30:00"}', 1, "2026-08-02T15:30:00Z",
         ["times without a zone are in UTC"]),
        ('{"series":"a","value":1,"ts":"02.08.2026 15:30"}', 1, "2026-08-02T15:30:00Z",
         ["times without a zone are in UTC"]),
        ('{"series":"a","value":1,"ts":1785684600.123456}', 1, "2026-08-02T15:30:00.123456Z",
         ["times are Unix seconds"]),
    ],
)  # fmt: skip
def test_json_in_files_is_understood(  # noqa: PLR0917
    offline_runner: CliRunner,
    tmp_path: Path,
    text: str,
    readings: int,
    last: str,
    notes: list[str],
) -> None:
    (tmp_path / "past.json").write_text(text, encoding="utf-8")
    report = understood(offline_runner, tmp_path / "past.json")
    assert (report["readings"], report["exit"], report["errors"]) == (readings, 0, [])
    assert (report["last"], report["notes"]) == (last, notes)
    assert report["format"] == "json"


@pytest.mark.parametrize(
    ("member", "reason"),
    [
        ('"ts":1', "the time 1970-01-01 00:00:01 is before 2000"),
        ('"ts":"1999-12-31"', "the time 1999-12-31 00:00:00 is before 2000"),
        ('"ts":"03/04/2026"', "has several meanings"),
        ('"created_at":"2026-08-02"', "'created_at' looks like its time"),
        ('"room":1', "its time is missing"),
        ('"ts":true', "ts must be a Unix time or a date and time"),
        ('"ts":99999999999', "10 minutes ahead"),
        ('"ts":"2026-08-02","value":"1,5"', "value '1,5' has separators"),
        ('"ts":"2026-08-02","value":"warm"', "value 'warm' is not a number"),
        ('"ts":"2026-08-02","value":null', "value must be a number"),
        ('"ts":"2026-08-02","value":Infinity', "value must be a finite number"),
    ],
)
def test_json_in_files_is_refused_with_reason(
    offline_runner: CliRunner, tmp_path: Path, member: str, reason: str
) -> None:
    (tmp_path / "past.json").write_text(f'{{"series":"a","value":1,{member}}}', encoding="utf-8")
    report = understood(offline_runner, tmp_path / "past.json")
    assert (report["readings"], report["refused"], report["exit"]) == (0, 1, 1)
    assert reason in report["refusals"][0]
    assert report["errors"] == report["refusals"]


LOGGER = (
    "sep=;\n# Logger 12345\n\ntime;Außen (°C);Feuchte [%]\n"
    "02.08.2026 15:30;28,9;43\n02.08.2026 15:35;-29,1;unavailable\n02.08.2026 15:40;;44,5\n"
)
HOME_ASSISTANT_CSV = (
    "entity_id,state,last_changed\n"
    "sensor.attic,21.5,2026-08-02T10:00:00.123Z\nsensor.attic,unavailable,2026-08-02T10:01:00.000Z\n"
    "switch.pump,on,2026-08-02T10:00:00.000Z\nsensor.attic,21.75,2026-08-02T10:02:00.000Z\n"
)


@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_table_of_a_logger_is_understood(
    offline_runner: CliRunner,
    tmp_path: Path,
    line_break: str,
    encoding: str,
    pack: Callable[[bytes], bytes],
) -> None:
    data = LOGGER.replace("\n", line_break).encode(encoding)
    (tmp_path / "past").write_bytes(pack(data))
    report = understood(offline_runner, tmp_path / "past", "--timezone", "Europe/Berlin")
    assert report["series"] == [
        {"name": "Außen", "unit": "°C", "readings": 2},
        {"name": "Feuchte", "unit": "%", "readings": 2},
    ]
    assert (report["first"], report["last"]) == ("2026-08-02T13:30:00Z", "2026-08-02T13:40:00Z")
    assert report["skipped"] == {"unavailable": 1, "empty": 1}
    assert (report["delimiter"], report["decimal"]) == (";", ",")
    assert (report["refused"], report["exit"]) == (0, 0)
    noted = "read as Windows-1252, because it is not UTF-8" in report["notes"]
    assert noted == (encoding == "cp1252")


def test_table_of_home_assistant_is_imported(offline_runner: CliRunner, tmp_path: Path) -> None:
    (tmp_path / "history.csv").write_text(HOME_ASSISTANT_CSV, encoding="utf-8")
    report = understood(offline_runner, tmp_path / "history.csv")
    assert report["series"] == [
        {"name": "sensor.attic", "unit": None, "readings": 2},
        {"name": "switch.pump", "unit": None, "readings": 1},
    ]
    assert [column["role"] for column in report["columns"]] == ["series", "value", "time"]
    assert (report["skipped"], report["exit"]) == ({"unavailable": 1}, 0)


@pytest.mark.parametrize("text", ["1785684600,21.5,43\n", "a,b\n1,2\n", '"time,a\n1,2\n'])
@pytest.mark.parametrize("command", [["import", "-"], ["send"]])
def test_table_without_understood_header_stores_nothing(
    offline_runner: CliRunner, command: list[str], text: str
) -> None:
    answer = offline_runner.invoke(main, [*command, "--json", "--dry-run"], input=text)
    report = json.loads(answer.stdout)
    assert answer.exit_code == 1
    assert (report["readings"], report["series"]) == (0, [])
    assert answer.stderr == f"stripchart: {report['error']}\n"


def test_columns_can_be_named(offline_runner: CliRunner, tmp_path: Path) -> None:
    (tmp_path / "past.txt").write_text("1785684600\t21.5\n1785684660\t22\n", encoding="utf-8")
    report = understood(offline_runner, tmp_path / "past.txt", "--columns", "time,temp")
    assert report["series"] == [{"name": "temp", "unit": None, "readings": 2}]
    assert (report["exit"], report["delimiter"], report["has_header"]) == (0, "\t", False)


def test_file_that_cannot_be_opened_has_a_report(offline_runner: CliRunner, tmp_path: Path) -> None:
    (tmp_path / "past.zip").write_bytes(b"PK\x05\x06" + bytes(18))
    report = understood(offline_runner, tmp_path / "past.zip")
    assert (report["error"], report["exit"]) == ("the archive past.zip is empty", 1)


def test_options_decide_about_times(offline_runner: CliRunner, tmp_path: Path) -> None:
    path = tmp_path / "past.json"
    path.write_text('{"series":"a","value":1,"ts":"03/04/1996 12:00"}', encoding="utf-8")
    options = ["--date-format", "dd/mm/yyyy hh:mm", "--timezone", "Europe/Berlin", "--allow-old"]
    report = understood(offline_runner, path, *options)
    assert (report["first"], report["exit"]) == ("1996-04-03T10:00:00Z", 0)
    assert report["notes"] == ["times without a zone are in Europe/Berlin"]


def test_bad_bytes_refuse_only_their_line(offline_runner: CliRunner, tmp_path: Path) -> None:
    line = f"k\u00fcche value=1 {START}000000000\n"
    (tmp_path / "past.lp").write_bytes(line.encode("cp1252") + line.encode() * 2)
    report = understood(offline_runner, tmp_path / "past.lp")
    assert report["series"] == [{"name": "k\u00fcche", "unit": None, "readings": 2}]
    assert (report["refusals"], report["exit"]) == (["line 1: not UTF-8"], 1)
    assert report["encoding"] == "UTF-8"


def test_standard_input_can_be_imported(offline_runner: CliRunner) -> None:
    line = f"a value=1 {START}000000000\n"
    for data in (line.encode(), gzip.compress(line.encode()), line.encode("utf-16")):
        answer = offline_runner.invoke(main, ["import", "--dry-run", "-"], input=data)
        assert answer.exit_code == 0, answer.output
        assert answer.stdout.startswith("understood 1 reading of 1 series\n")
        assert answer.stdout.endswith("\ndry run: nothing was sent\n")


def test_only_the_first_series_and_faults_are_listed(
    offline_runner: CliRunner, tmp_path: Path
) -> None:
    lines = [f"s{i},a=b value=1 {START}000000000\nbad{i}\n" for i in range(30)]
    (tmp_path / "past.lp").write_text("".join(lines), encoding="utf-8")
    answer = offline_runner.invoke(main, ["import", "--dry-run", str(tmp_path / "past.lp")])
    assert "s19,a=b (1 reading) and 10 more\n" in answer.stdout
    assert len(answer.stderr.splitlines()) == 21
    report = understood(offline_runner, tmp_path / "past.lp")
    assert (len(report["series"]), len(report["refusals"]), report["refused"]) == (30, 20, 30)


@pytest.mark.parametrize(
    ("option", "value", "sentence"),
    [
        ("--timezone", "Europe/Atlantis", "no time zone is named 'Europe/Atlantis'"),
        ("--timezone", "../etc/passwd", "no time zone is named"),
        ("--timezone", "", "no time zone is named"),
        ("--encoding", "utf-9", "unknown encoding 'utf-9'"),
        ("--delimiter", "ab", "use one of , ; | or a tab"),
        ("--delimiter", "\n", "use one of , ; | or a tab"),
        ("--delimiter", "", "use one of , ; | or a tab"),
        ("--delimiter", " ", "use one of , ; | or a tab"),
        ("--decimal", ";", "is not one of"),
        ("--date-format", "%Q", "is not understood"),
        ("--date-format", "hh:mm", "is not understood"),
        ("--columns", ",", "write the names of all columns"),
    ],
)
@pytest.mark.parametrize("command", ["import", "send"])
def test_invalid_option_is_a_usage_error(
    offline_runner: CliRunner, command: str, option: str, value: str, sentence: str
) -> None:
    file = ["-"] if command == "import" else []
    answer = offline_runner.invoke(main, [command, option, value, *file], input="")
    assert answer.exit_code == 2
    assert sentence in answer.stderr
    assert option in answer.stderr


def test_empty_file_has_no_readings(offline_runner: CliRunner, tmp_path: Path) -> None:
    (tmp_path / "past.csv").touch()
    answer = offline_runner.invoke(main, ["import", str(tmp_path / "past.csv")])
    assert answer.output == "imported 0 readings of 0 series\nformat: CSV in UTF-8\n"
    assert answer.exit_code == 0


def test_unavailable_redis_is_one_sentence(offline_runner: CliRunner, tmp_path: Path) -> None:
    (tmp_path / "past.csv").write_text(f"time,series,value\n{START},a,1\n", encoding="utf-8")
    answer = offline_runner.invoke(main, ["import", str(tmp_path / "past.csv")])
    assert answer.exit_code == 1
    assert answer.stderr.startswith("stripchart: Redis can't be used: ")
    assert answer.stderr.count("\n") == 1

"""`stripchart import`: the lines that it accepts and refuses."""

import gzip
from pathlib import Path

import pytest
from click.testing import CliRunner

from services.broker import Broker, Journal
from services.cli.main import main
from services.reading import Reading
from services.settings import Settings
from tests.support.dry_runs import understood
from tests.support.journals import readings_in
from tests.support.redis_server import RedisServer

START = 1_700_000_000


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


def test_file_that_cannot_be_opened_has_a_report(offline_runner: CliRunner, tmp_path: Path) -> None:
    (tmp_path / "past.zip").write_bytes(b"PK\x05\x06" + bytes(18))
    report = understood(offline_runner, tmp_path / "past.zip")
    assert (report["error"], report["exit"]) == ("the archive past.zip is empty", 1)


def test_standard_input_can_be_imported(offline_runner: CliRunner) -> None:
    line = f"a value=1 {START}000000000\n"
    for data in (line.encode(), gzip.compress(line.encode()), line.encode("utf-16")):
        answer = offline_runner.invoke(main, ["import", "--dry-run", "-"], input=data)
        assert answer.exit_code == 0, answer.output
        assert answer.stdout.startswith("understood 1 reading of 1 series\n")
        assert answer.stdout.endswith("\ndry run: nothing was sent\n")


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

"""`stripchart import` of tables."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from services.cli.main import main
from tests.support.dry_runs import understood

START = 1_700_000_000

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

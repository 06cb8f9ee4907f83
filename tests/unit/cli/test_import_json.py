"""`stripchart import` of files in JSON."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.support.dry_runs import understood

FIRST = 1_785_684_600

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

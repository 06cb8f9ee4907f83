"""Names of series that mean something to SQL, to patterns, to paths or to spreadsheets."""

import sqlite3

import pytest

from services.command import Delete
from services.position import Checkpoint, Cursor, EntryId
from services.reading import Reading
from services.store import Recorder, WriteBatch

NAMES = [
    "'; DROP TABLE readings; --",
    '"quoted"',
    "`name`",
    "%",
    "_",
    "?1",
    ":name",
    "..",
    "../../etc/passwd",
    "a%2F..%2Fb",
    "=cmd|' /C calc'!A0",
    "+1",
    "@SUM(A1)",
    "<script>alert(1)</script>",
    "{{7*7}}",
    "\u202egnp.exe",
    "\U0001f9e8",
    "x" * 1_024,
]


def checkpoint(number: int) -> Checkpoint:
    return Checkpoint(Cursor("a", EntryId(number, 0)), number, number)


@pytest.mark.parametrize("name", NAMES, ids=lambda name: ascii(name)[:20])
def test_hostile_name_is_stored_as_it_is_and_deleted_alone(
    recorder: Recorder, file: sqlite3.Connection, name: str
) -> None:
    readings = [Reading(each, 1, 1.0) for each in [*NAMES, "plain"]]
    recorder.commit(WriteBatch(readings), checkpoint(1))
    query = "SELECT name FROM readings JOIN series ON id = series_id"
    assert {each for (each,) in file.execute(query)} == {*NAMES, "plain"}
    recorder.commit(WriteBatch(command=Delete(name)), checkpoint(2))
    assert {each for (each,) in file.execute(query)} == {*NAMES, "plain"} - {name}

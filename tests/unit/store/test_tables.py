"""The schema, as other programs find it in the file."""

import sqlite3

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine

from services.position import Checkpoint, Cursor, EntryId
from services.reading import Reading
from services.store import Recorder, WriteBatch
from services.store.tables import metadata

CURSOR = Cursor("a", EntryId(1, 0))


def columns(file: sqlite3.Connection, table: str) -> list[str]:
    return [row[1] for row in file.execute(f"PRAGMA table_info({table})")]


@pytest.mark.parametrize(
    ("table", "names"),
    [
        ("series", ["id", "name", "unit", "tags", "created_at"]),
        ("readings", ["series_id", "ts", "value"]),
        ("journal_position", ["journal", "epoch", "id", "n", "r"]),
        ("gaps", ["from_ts", "to_ts", "count", "reason", "noted_at"]),
        ("refused", ["at", "series", "ts", "value", "reason"]),
        ("readings_utc", ["series", "time", "value", "unit"]),
        ("coverage", ["series_id", "tier", "from_ts", "until_ts"]),
        ("stale", ["series_id", "start"]),
        ("steps", ["n"]),
        ("corrections", ["at", "epoch", "id", "command", "refused"]),
        ("deleted", ["series_id"]),
        ("replays", ["journal", "stored_until"]),
        *(
            (
                f"rollup_{tier}",
                ["series_id", "start", "count", "sum", "min", "max", "first", "last"],
            )
            for tier in ("5s", "1min", "15min", "4h")
        ),
    ],
)
def test_tables_have_documented_columns(
    file: sqlite3.Connection, table: str, names: list[str]
) -> None:
    assert columns(file, table) == names


def test_readings_have_no_rowid(file: sqlite3.Connection) -> None:
    without = {row[1] for row in file.execute("PRAGMA table_list") if row[4]}
    assert without >= {"readings", "journal_position"}
    key = [row[1] for row in file.execute("PRAGMA table_info(readings)") if row[5]]
    assert key == ["series_id", "ts"]


def test_names_of_series_are_unique(file: sqlite3.Connection) -> None:
    file.execute("INSERT INTO series (name, created_at) VALUES ('a', 1)")
    with pytest.raises(sqlite3.IntegrityError, match=r"series\.name"):
        file.execute("INSERT INTO series (name, created_at) VALUES ('a', 2)")


def test_view_has_times_as_text_of_fixed_width(
    recorder: Recorder, file: sqlite3.Connection
) -> None:
    times = [0, 1, 999_999, 1_000_000, 1_795_342_272_000_042, 4_102_444_800_000_000]
    readings = [Reading("kitchen", ts, 21.5, "°C") for ts in times]
    recorder.commit(WriteBatch(readings), Checkpoint(CURSOR, 1, len(readings)))
    rows = file.execute(
        "SELECT series, time, value, unit FROM readings_utc ORDER BY time"
    ).fetchall()
    assert [row[1] for row in rows] == [
        "1970-01-01T00:00:00.000000Z",
        "1970-01-01T00:00:00.000001Z",
        "1970-01-01T00:00:00.999999Z",
        "1970-01-01T00:00:01.000000Z",
        "2026-11-22T10:11:12.000042Z",
        "2100-01-01T00:00:00.000000Z",
    ]
    assert {(row[0], row[2], row[3]) for row in rows} == {("kitchen", 21.5, "°C")}


def test_tables_equal_those_of_the_migrations(writing: Engine) -> None:
    with writing.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []

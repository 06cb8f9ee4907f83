"""Deletion of series, and of the rows that belong to them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.store.retention.deletion import MAX_ROWS
from services.store.tiers import TIERS
from tests.support.dense_series import (
    HOUR,
    START,
    DenseDatabase,
    check_history,
    check_rollups,
    make_values,
)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[DenseDatabase]:
    opened = DenseDatabase(tmp_path)
    yield opened
    opened.close()


def test_deleted_series_leaves_no_rows(database: DenseDatabase) -> None:
    database.record(make_values(0.2, 2 * MAX_ROWS))
    database.record(make_values(5, 100), "b")
    database.maintain()
    database.delete()
    assert [info.name for info in database.reader.list_series()] == ["b"]
    assert database.query("SELECT DISTINCT series FROM readings_utc") == [("b",)]
    assert database.query("SELECT count(*) FROM deleted") == [(1,)]
    database.record(make_values(5, 10), "c")
    database.maintain()
    for table in ("coverage", "stale", *(tier.table for tier in TIERS)):
        query = f"SELECT count(*) FROM {table} WHERE series_id NOT IN (SELECT id FROM series)"  # noqa: S608
        assert database.query(query) == [(0,)]
    assert database.query("SELECT count(*) FROM deleted") == [(0,)]
    assert database.query("PRAGMA foreign_key_check") == []


def test_series_with_reused_id_has_only_its_own_readings(database: DenseDatabase) -> None:
    database.record(make_values(1, 5_000))
    database.maintain()
    database.delete()
    database.record(make_values(1, 4_000, START - 30 * HOUR))
    database.maintain()
    database.record({START - 29 * HOUR: 1e6})
    database.restart()
    assert check_rollups(database) > 0
    check_history(database, START - 31 * HOUR, START, 100)

"""Readings of series beyond the limit are refused, and the table of refused readings is bounded."""

import sqlite3

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from services.errors import StripchartError
from services.position import Checkpoint, Cursor, EntryId
from services.reading import Reading
from services.store import Recorder, WriteBatch
from services.store.losses import MAX_REFUSED_ROWS
from tests.unit.conftest import NOW

CHECKPOINT = Checkpoint(Cursor("a", EntryId(9, 1)), 1, 1)
MAX_SERIES = 3


@pytest.fixture
def recorder(writing: Engine) -> Recorder:
    return open_recorder(writing, MAX_SERIES)


def open_recorder(engine: Engine, max_series: int) -> Recorder:
    return Recorder(engine, "readings:journal", lambda: NOW, max_series)


def batch_of(*names: str, ts: int = 1) -> WriteBatch:
    return WriteBatch([Reading(name, ts, 1.0) for name in names])


def test_series_beyond_limit_is_refused_and_others_are_stored(
    recorder: Recorder, file: sqlite3.Connection
) -> None:
    batches = [batch_of("a", "b"), batch_of("c", "d", "a", "e", ts=2), batch_of("d", "c", ts=3)]
    results = [recorder.commit(batch, CHECKPOINT) for batch in batches]
    stored = file.execute(
        "SELECT name, ts FROM readings JOIN series ON id = series_id ORDER BY ts, name"
    ).fetchall()
    assert stored == [("a", 1), ("b", 1), ("a", 2), ("c", 2), ("c", 3)]
    refused = file.execute("SELECT series, ts, value, at FROM refused ORDER BY rowid").fetchall()
    assert refused == [("d", 2, 1.0, NOW), ("e", 2, 1.0, NOW), ("d", 3, 1.0, NOW)]
    ((reason,),) = file.execute("SELECT DISTINCT reason FROM refused").fetchall()
    assert "STRIPCHART_MAX_SERIES" in reason
    assert [result.refused_count for result in results] == [0, 2, 1]
    assert recorder.checkpoint() == CHECKPOINT


def test_refused_readings_are_recorded_in_transaction_of_checkpoint(
    recorder: Recorder, file: sqlite3.Connection
) -> None:
    recorder.commit(batch_of("a", "b", "c"), CHECKPOINT)
    file.execute(
        "CREATE TRIGGER no BEFORE UPDATE ON journal_position"
        " BEGIN SELECT RAISE(ABORT, 'not now'); END"
    )
    checkpoint = Checkpoint(Cursor("a", EntryId(10, 0)), 2, 2)
    with pytest.raises((StripchartError, SQLAlchemyError), match="not now"):
        recorder.commit(batch_of("d"), checkpoint)
    assert file.execute("SELECT * FROM refused").fetchall() == []
    file.execute("DROP TRIGGER no")
    assert recorder.commit(batch_of("d"), checkpoint).refused_count == 1


def test_lowered_limit_keeps_existing_series(
    recorder: Recorder, writing: Engine, file: sqlite3.Connection
) -> None:
    recorder.commit(batch_of("a", "b", "c"), CHECKPOINT)
    lowered = open_recorder(writing, max_series=1)
    for ts in (2, 3):
        lowered.commit(batch_of("a", "b", "c", "d", ts=ts), CHECKPOINT)
    assert file.execute("SELECT count(*) FROM readings").fetchall() == [(9,)]
    assert file.execute("SELECT DISTINCT series FROM refused").fetchall() == [("d",)]


def test_unit_of_refused_series_is_not_stored(recorder: Recorder, file: sqlite3.Connection) -> None:
    recorder.commit(batch_of("a", "b", "c"), CHECKPOINT)
    batch = WriteBatch([Reading("d", 1, 1.0, "V"), Reading("a", 1, 1.0, "A")])
    recorder.commit(batch, CHECKPOINT)
    units = file.execute("SELECT name, unit FROM series WHERE unit IS NOT NULL").fetchall()
    assert units == [("a", "A")]


def test_flood_of_names_leaves_bounded_tables(writing: Engine, file: sqlite3.Connection) -> None:
    recorder = open_recorder(writing, max_series=10)
    refused_count = 0
    for batch in range(4):
        names = [f"{batch}.{i}" for i in range(6_000)]
        refused_count += recorder.commit(batch_of(*names), CHECKPOINT).refused_count
    assert file.execute("SELECT count(*) FROM series").fetchall() == [(10,)]
    assert file.execute("SELECT count(*) FROM refused").fetchall() == [(MAX_REFUSED_ROWS,)]
    newest = file.execute("SELECT series FROM refused ORDER BY rowid DESC LIMIT 1").fetchall()
    assert newest == [("3.5999",)]
    assert refused_count == 23_990


def test_single_batch_of_too_many_refused_readings_is_cut(
    writing: Engine, file: sqlite3.Connection
) -> None:
    recorder = open_recorder(writing, max_series=1)
    names = [str(i) for i in range(MAX_REFUSED_ROWS + 500)]
    result = recorder.commit(batch_of(*names), CHECKPOINT)
    assert file.execute("SELECT count(*) FROM refused").fetchall() == [(MAX_REFUSED_ROWS,)]
    assert result.refused_count == MAX_REFUSED_ROWS + 499

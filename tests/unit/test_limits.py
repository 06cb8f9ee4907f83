"""What is bounded, so that no flood fills the memory or the disk."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest
from sqlalchemy import Engine

from services.position import Checkpoint, Cursor, EntryId
from services.reading import Reading
from services.settings import Settings
from services.store import Recorder, WriteBatch, database_path
from services.store.losses import MAX_REFUSED_ROWS
from tests.unit.conftest import NOW

POSITION = Checkpoint(Cursor("a", EntryId(9, 1)), 1, 1)

Rows = Callable[[str], list[tuple[Any, ...]]]


@pytest.fixture
def rows(settings: Settings) -> Rows:
    def ask(query: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(database_path(settings))) as file:
            return file.execute(query).fetchall()

    return ask


def of(*names: str, ts: int = 1) -> WriteBatch:
    return WriteBatch([Reading(name, ts, 1.0) for name in names])


class TestSeries:
    """No more series than there may be."""

    @pytest.fixture
    def recorder(self, writing: Engine) -> Recorder:
        return Recorder(writing, "readings:journal", lambda: NOW, 3)

    def test_a_series_too_many_is_refused_and_the_others_go_on(
        self, recorder: Recorder, rows: Rows
    ) -> None:
        batches = [of("a", "b"), of("c", "d", "a", "e", ts=2), of("d", "c", ts=3)]
        results = [recorder.commit(batch, POSITION) for batch in batches]
        stored = "SELECT name, ts FROM readings JOIN series ON id = series_id ORDER BY ts, name"
        assert rows(stored) == [("a", 1), ("b", 1), ("a", 2), ("c", 2), ("c", 3)]
        assert rows("SELECT series, ts, value, at FROM refused ORDER BY rowid") == [
            ("d", 2, 1.0, NOW),
            ("e", 2, 1.0, NOW),
            ("d", 3, 1.0, NOW),
        ]
        ((reason,),) = rows("SELECT DISTINCT reason FROM refused")
        assert "STRIPCHART_MAX_SERIES" in reason
        assert [result.refused_count for result in results] == [0, 2, 1]
        assert recorder.checkpoint() == POSITION

    def test_what_is_refused_is_noted_in_the_transaction_of_the_position(
        self, recorder: Recorder, rows: Rows, settings: Settings
    ) -> None:
        recorder.commit(of("a", "b", "c"), POSITION)
        with closing(sqlite3.connect(database_path(settings))) as file:
            file.execute(
                "CREATE TRIGGER no BEFORE UPDATE ON journal_position"
                " BEGIN SELECT RAISE(ABORT, 'not now'); END"
            )
        checkpoint = Checkpoint(Cursor("a", EntryId(10, 0)), 2, 2)
        with pytest.raises(Exception, match="not now"):
            recorder.commit(of("d"), checkpoint)
        assert rows("SELECT * FROM refused") == []
        with closing(sqlite3.connect(database_path(settings))) as file:
            file.execute("DROP TRIGGER no")
        assert recorder.commit(of("d"), checkpoint).refused_count == 1

    def test_a_cap_that_was_lowered_keeps_what_is_there(
        self, recorder: Recorder, writing: Engine, rows: Rows
    ) -> None:
        recorder.commit(of("a", "b", "c"), POSITION)
        lowered = Recorder(writing, "readings:journal", lambda: NOW, 1)
        for ts in (2, 3):
            lowered.commit(of("a", "b", "c", "d", ts=ts), POSITION)
        assert rows("SELECT count(*) FROM readings") == [(9,)]
        assert rows("SELECT DISTINCT series FROM refused") == [("d",)]

    def test_a_unit_of_a_refused_series_harms_nobody(self, recorder: Recorder, rows: Rows) -> None:
        recorder.commit(of("a", "b", "c"), POSITION)
        batch = WriteBatch([Reading("d", 1, 1.0, "V"), Reading("a", 1, 1.0, "A")])
        recorder.commit(batch, POSITION)
        assert rows("SELECT name, unit FROM series WHERE unit IS NOT NULL") == [("a", "A")]

    def test_a_flood_of_names_leaves_a_bounded_table(self, writing: Engine, rows: Rows) -> None:
        recorder = Recorder(writing, "readings:journal", lambda: NOW, 10)
        refused_count = 0
        for batch in range(4):
            names = [f"{batch}.{i}" for i in range(6_000)]
            refused_count += recorder.commit(of(*names), POSITION).refused_count
        assert rows("SELECT count(*) FROM series") == [(10,)]
        assert rows("SELECT count(*) FROM refused") == [(MAX_REFUSED_ROWS,)]
        assert rows("SELECT series FROM refused ORDER BY rowid DESC LIMIT 1") == [("3.5999",)]
        assert refused_count == 23_990

    def test_one_batch_of_more_than_is_kept(self, writing: Engine, rows: Rows) -> None:
        recorder = Recorder(writing, "readings:journal", lambda: NOW, 1)
        flood = of(*(str(i) for i in range(MAX_REFUSED_ROWS + 500)))
        result = recorder.commit(flood, POSITION)
        assert rows("SELECT count(*) FROM refused") == [(MAX_REFUSED_ROWS,)]
        assert result.refused_count == MAX_REFUSED_ROWS + 499

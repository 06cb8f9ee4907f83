"""Commands, as they are carried out, refused and recorded."""

import sqlite3

import pytest
from sqlalchemy import Engine

from services.command import Command, Delete, Erase, Rename, SetSettings, SetUnit
from services.position import Checkpoint, Cursor, EntryId
from services.reading import Reading
from services.store import Correction, Recorder, WriteBatch
from services.store.corrections import MIN_CORRECTION_ROWS, record_correction
from tests.support.databases import add_corrections
from tests.unit.conftest import NOW


def checkpoint(n: int) -> Checkpoint:
    return Checkpoint(Cursor("a", EntryId(n, 0)), n, n)


@pytest.fixture(autouse=True)
def readings(recorder: Recorder) -> None:
    batch = WriteBatch([Reading("a", 1, 1.0, "V"), Reading("a", 2, 2.0), Reading("b", 1, 1.0)])
    recorder.commit(batch, checkpoint(1))


@pytest.mark.parametrize(
    ("command", "series"),
    [
        (Rename("a", "c"), [("b", None, 1), ("c", "V", 2)]),
        (SetUnit("a", None), [("a", None, 2), ("b", None, 1)]),
        (SetSettings("a", {"label": "A"}), [("a", "V", 2), ("b", None, 1)]),
        (Delete("a"), [("b", None, 1)]),
        (Erase("a", 2, 2), [("a", "V", 1), ("b", None, 1)]),
    ],
)
def test_command_changes_series_and_is_recorded(
    recorder: Recorder, file: sqlite3.Connection, command: Command, series: list[object]
) -> None:
    result = recorder.commit(WriteBatch(command=command), checkpoint(2)).command
    assert result is not None
    assert (result.finished, result.refusal) == (True, "")
    query = (
        "SELECT name, unit, count(*) FROM readings JOIN series ON id = series_id"
        " GROUP BY name ORDER BY name"
    )
    assert file.execute(query).fetchall() == series
    assert recorder.replay_state()[1] == [Correction(EntryId(2, 0), command)]
    assert recorder.checkpoint() == checkpoint(2)


@pytest.mark.parametrize(
    ("command", "refusal"),
    [
        (Rename("c", "d"), "there is no series 'c'"),
        (SetSettings("c", {"kind": "state"}), "there is no series 'c'"),
        (Rename("a", "b"), "there is a series 'b' already"),
    ],
)
def test_impossible_command_is_refused_and_recorded(
    recorder: Recorder, command: Command, refusal: str
) -> None:
    result = recorder.commit(WriteBatch(command=command), checkpoint(2)).command
    assert result is not None
    assert result.refusal == refusal
    assert recorder.replay_state()[1] == [Correction(EntryId(2, 0), command, refusal)]
    assert recorder.checkpoint() == checkpoint(2)


def test_erasure_includes_refused_readings(recorder: Recorder, file: sqlite3.Connection) -> None:
    with file:
        file.executemany("INSERT INTO refused VALUES (1, 'a', ?, 1.0, 'full')", [(5,), (6,)])
    recorder.commit(WriteBatch(command=Erase("a", 5, 5)), checkpoint(2))
    assert file.execute("SELECT ts FROM refused").fetchall() == [(6,)]


class TestKeptCorrections:
    """A correction is kept while the journal may have its entry, and the newest ones always."""

    @pytest.mark.parametrize(("journal_start", "oldest"), [(20, 20), (1_000_000, 51)])
    def test_new_correction_removes_those_that_left_the_journal(
        self,
        recorder: Recorder,
        writing: Engine,
        file: sqlite3.Connection,
        journal_start: int,
        oldest: int,
    ) -> None:
        newest = MIN_CORRECTION_ROWS + 50
        with file:
            add_corrections(file, range(newest))
        start = EntryId(journal_start, 0)
        correction = Correction(EntryId(newest, 0), Delete("x"))
        with writing.begin() as connection:
            record_correction(connection, correction, "a", NOW, start)
        kept = [correction.entry.milliseconds for correction in recorder.replay_state()[1]]
        assert kept == list(range(oldest, newest + 1))

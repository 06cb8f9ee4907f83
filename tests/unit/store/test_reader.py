"""Queries for series and their history."""

import sqlite3
from collections.abc import Callable
from contextlib import closing

import pytest
from sqlalchemy import Engine, event

from services.position import Checkpoint, Cursor, EntryId
from services.reading import Reading
from services.settings import Settings
from services.store import (
    History,
    RawColumns,
    Reader,
    Recorder,
    SeriesInfo,
    TimeRange,
    WriteBatch,
    database_path,
    reading_engine,
)
from services.store.query.value_samples import ValueSample

CURSOR = Cursor("a", EntryId(9, 1))
ALL_TIME = TimeRange(0, None)


Record = Callable[[list[Reading]], None]


@pytest.fixture
def record(recorder: Recorder) -> Record:
    def record(readings: list[Reading]) -> None:
        recorder.commit(WriteBatch(readings), Checkpoint(CURSOR, 1, len(readings)))

    return record


class TestMissingDatabase:
    """A missing database is treated as an empty one."""

    def check(self, reader: Reader) -> None:
        assert reader.cursor() is None
        assert reader.newest_reading() is None
        assert reader.list_series() == []
        assert reader.history([], ALL_TIME, 10, 10) == History(None, {})

    def test_missing_file_is_empty_database(self, settings: Settings, reader: Reader) -> None:
        self.check(reader)
        assert not database_path(settings).exists()

    def test_file_without_tables_is_empty_database(
        self, settings: Settings, reader: Reader
    ) -> None:
        database_path(settings).parent.mkdir()
        with closing(sqlite3.connect(database_path(settings))) as file:
            file.execute("VACUUM")
        self.check(reader)

    @pytest.mark.usefixtures("writing")
    def test_tables_without_rows_are_empty_database(self, reader: Reader) -> None:
        self.check(reader)

    def test_database_is_found_after_its_creation(
        self, reader: Reader, settings: Settings, request: pytest.FixtureRequest
    ) -> None:
        assert reader.newest_reading() is None
        recorder: Recorder = request.getfixturevalue("recorder")
        recorder.commit(WriteBatch([Reading("a", 1, 1.0)]), Checkpoint(CURSOR, 1, 1))
        assert reader.newest_reading() == Reading("a", 1, 1.0)
        assert database_path(settings).exists()


class TestSeries:
    def test_newest_reading_is_the_newest_of_all_series(
        self, record: Record, reader: Reader
    ) -> None:
        record([Reading("a", 5, 1.0), Reading("b", 7, 2.0, "V"), Reading("c", 6, 3.0)])
        assert reader.newest_reading() == Reading("b", 7, 2.0, "V")

    def test_series_are_listed_by_name(self, record: Record, reader: Reader) -> None:
        record([Reading("b", 5, 1.0, "V"), Reading("a", 7, 2.0), Reading("b", 6, 3.0)])
        assert reader.list_series() == [
            SeriesInfo("a", None, None, 7, 7, 2.0, sample=ValueSample(0, 2.0, 0.0)),
            SeriesInfo("b", "V", None, 5, 6, 3.0, sample=ValueSample(0, 3.0, 2.0)),
        ]

    def test_series_without_readings_has_no_times(
        self, record: Record, reader: Reader, settings: Settings
    ) -> None:
        record([Reading("a", 1, 1.0)])
        with closing(sqlite3.connect(database_path(settings))) as file:
            file.execute("INSERT INTO series (name, created_at) VALUES ('empty', 1)")
            file.commit()
        assert reader.list_series()[1] == SeriesInfo("empty", None, None, None, None, None)
        assert reader.newest_reading() == Reading("a", 1, 1.0)
        assert reader.history(["empty"], ALL_TIME, 10, 10).series == {
            "empty": RawColumns(None, [], [])
        }


class TestPatterns:
    @pytest.fixture(autouse=True)
    def stored(self, record: Record) -> None:
        names = ["hall", "hall.lamp", "hall.lamp[1]", "kitchen", "Kitchen", "what?", "a*b"]
        record([Reading(name, 1, 1.0) for name in names])

    @pytest.mark.parametrize(
        ("patterns", "names"),
        [
            (["kitchen"], {"kitchen"}),
            (["nobody"], set()),
            (["hall*"], {"hall", "hall.lamp", "hall.lamp[1]"}),
            (["*lamp*"], {"hall.lamp", "hall.lamp[1]"}),
            (["hall.lamp[1]"], {"hall.lamp[1]"}),
            (["*.lamp[1]"], {"hall.lamp[1]"}),
            (["?all*"], set()),
            (["*?"], {"what?"}),
            (["[h]all*"], set()),
            (["a*b"], {"a*b"}),
            (["h*", "kitchen", "kitchen"], {"hall", "hall.lamp", "hall.lamp[1]", "kitchen"}),
        ],
    )
    def test_star_matches_any_characters(
        self, reader: Reader, patterns: list[str], names: set[str]
    ) -> None:
        assert set(reader.history(patterns, ALL_TIME, 10, 10).series) == names

    def test_without_patterns_all_series_are_returned(self, reader: Reader) -> None:
        assert len(reader.history([], ALL_TIME, 10, 10).series) == 7

    def test_series_are_limited_to_the_first_by_name(self, reader: Reader) -> None:
        assert list(reader.history([], ALL_TIME, 10, 2).series) == ["Kitchen", "a*b"]


def test_cursor_belongs_to_rows_of_same_snapshot(
    recorder: Recorder, reading: Engine, reader: Reader
) -> None:
    """A commit between two queries of one answer is in none of them."""
    recorder.commit(WriteBatch([Reading("a", 1, 1.0)]), Checkpoint(CURSOR, 1, 1))
    commits = 0

    def commit_more(_statement: str) -> None:
        nonlocal commits
        commits += 1
        readings = [Reading("a", commits + 1, 2.0), Reading(f"new{commits}", 1, 1.0)]
        recorder.commit(WriteBatch(readings), Checkpoint(Cursor("a", EntryId(100, commits)), 2, 2))

    # SQLite calls it at the start of each statement, also of those that SQLAlchemy never sees.
    @event.listens_for(reading, "connect")
    def trace(connection: sqlite3.Connection, _record: object) -> None:
        connection.set_trace_callback(commit_more)

    history = reader.history([], ALL_TIME, 10, 10)
    assert commits >= 3
    # The first SELECT takes the snapshot: later commits are not in the answer.
    times = history.series["a"].t
    included = len(times) - 1
    assert list(history.series) == ["a", *(f"new{i + 1}" for i in range(included))]
    assert history.cursor == (Cursor("a", EntryId(100, included)) if included else CURSOR)
    assert included < commits - 1


def test_reader_of_other_journal_has_no_cursor(record: Record, settings: Settings) -> None:
    record([Reading("a", 1, 1.0)])
    other = Reader(reading_engine(settings), "other:journal")
    assert other.cursor() is None
    assert other.newest_reading() is not None

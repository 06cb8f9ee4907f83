"""Questions to the database."""

import sqlite3
from collections.abc import Callable
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, event

from services.position import Checkpoint, Cursor, EntryId
from services.reading import MICROSECONDS, Reading
from services.settings import Settings
from services.store import (
    BucketColumns,
    History,
    RawColumns,
    Reader,
    Recorder,
    SeriesData,
    SeriesInfo,
    TimeRange,
    WriteBatch,
    database_path,
    reading_engine,
)

CURSOR = Cursor("a", EntryId(9, 1))
ALWAYS = TimeRange(0, None)

SECONDS = 1_795_342_272

Record = Callable[[list[Reading]], None]


@pytest.fixture
def record(recorder: Recorder) -> Record:
    def record(readings: list[Reading]) -> None:
        recorder.commit(WriteBatch(readings), Checkpoint(CURSOR, 1, len(readings)))

    return record


def every(seconds: float, count: int, series: str = "a") -> list[Reading]:
    """Readings whose values are their places."""
    start, step = SECONDS * MICROSECONDS, round(seconds * MICROSECONDS)
    return [Reading(series, start + i * step, float(i)) for i in range(count)]


def columns(reader: Reader, points: int, during: TimeRange = ALWAYS) -> SeriesData:
    return reader.history(["a"], during, points, 10).series["a"]


def buckets(reader: Reader, points: int, during: TimeRange = ALWAYS) -> BucketColumns:
    found = columns(reader, points, during)
    assert isinstance(found, BucketColumns)
    return found


class TestWithoutADatabase:
    """A database that is not there yet is an empty one."""

    def check(self, reader: Reader) -> None:
        assert reader.cursor() is None
        assert reader.newest_reading() is None
        assert reader.list_series() == []
        assert reader.history([], ALWAYS, 10, 10) == History(None, {})

    def test_no_file(self, settings: Settings, reader: Reader) -> None:
        self.check(reader)
        assert not database_path(settings).exists()

    def test_a_file_without_tables(self, settings: Settings, reader: Reader) -> None:
        database_path(settings).parent.mkdir()
        with closing(sqlite3.connect(database_path(settings))) as file:
            file.execute("VACUUM")
        self.check(reader)

    @pytest.mark.usefixtures("writing")
    def test_tables_without_rows(self, reader: Reader) -> None:
        self.check(reader)

    def test_it_is_found_once_it_is_there(
        self, reader: Reader, settings: Settings, request: pytest.FixtureRequest
    ) -> None:
        assert reader.newest_reading() is None
        recorder: Recorder = request.getfixturevalue("recorder")
        recorder.commit(WriteBatch([Reading("a", 1, 1.0)]), Checkpoint(CURSOR, 1, 1))
        assert reader.newest_reading() == Reading("a", 1, 1.0)
        assert database_path(settings).exists()


class TestSeries:
    """What there is."""

    def test_the_newest_reading_of_all_series(self, record: Record, reader: Reader) -> None:
        record([Reading("a", 5, 1.0), Reading("b", 7, 2.0, "V"), Reading("c", 6, 3.0)])
        assert reader.newest_reading() == Reading("b", 7, 2.0, "V")

    def test_every_series_by_name(self, record: Record, reader: Reader) -> None:
        record([Reading("b", 5, 1.0, "V"), Reading("a", 7, 2.0), Reading("b", 6, 3.0)])
        assert reader.list_series() == [
            SeriesInfo("a", None, None, 7, 7, 2.0),
            SeriesInfo("b", "V", None, 5, 6, 3.0),
        ]

    def test_a_series_without_readings(
        self, record: Record, reader: Reader, settings: Settings
    ) -> None:
        record([Reading("a", 1, 1.0)])
        with closing(sqlite3.connect(database_path(settings))) as file:
            file.execute("INSERT INTO series (name, created_at) VALUES ('empty', 1)")
            file.commit()
        assert reader.list_series()[1] == SeriesInfo("empty", None, None, None, None, None)
        assert reader.newest_reading() == Reading("a", 1, 1.0)
        assert reader.history(["empty"], ALWAYS, 10, 10).series == {
            "empty": RawColumns(None, [], [])
        }


class TestPatterns:
    """Which series a question names."""

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
    def test_a_star_stands_for_any_characters(
        self, reader: Reader, patterns: list[str], names: set[str]
    ) -> None:
        assert set(reader.history(patterns, ALWAYS, 10, 10).series) == names

    def test_no_pattern_names_all(self, reader: Reader) -> None:
        assert len(reader.history([], ALWAYS, 10, 10).series) == 7

    def test_the_number_of_series_is_bounded(self, reader: Reader) -> None:
        assert list(reader.history([], ALWAYS, 10, 2).series) == ["Kitchen", "a*b"]


class TestHistory:
    """Readings, or buckets of them."""

    def test_few_readings_come_as_they_are(self, record: Record, reader: Reader) -> None:
        record(every(0.1, 10))
        times = [SECONDS + i / 10 for i in range(10)]
        assert columns(reader, 10) == RawColumns(None, times, [float(i) for i in range(10)])

    def test_a_range_includes_both_its_ends(self, record: Record, reader: Reader) -> None:
        record(every(1, 10))
        during = TimeRange((SECONDS + 2) * MICROSECONDS, (SECONDS + 4) * MICROSECONDS)
        assert columns(reader, 10, during)[2] == [2, 3, 4]
        before = TimeRange(0, SECONDS * MICROSECONDS - 1)
        assert columns(reader, 10, before) == RawColumns(None, [], [])

    def test_one_too_many_makes_buckets(self, record: Record, reader: Reader) -> None:
        record(every(0.5, 11))
        assert buckets(reader, 10) == BucketColumns(
            None,
            "raw",
            1,
            t=[SECONDS + i for i in range(6)],
            min=[0.0, 2.0, 4.0, 6.0, 8.0, 10.0],
            max=[1.0, 3.0, 5.0, 7.0, 9.0, 10.0],
            mean=[0.5, 2.5, 4.5, 6.5, 8.5, 10.0],
            counts=[2, 2, 2, 2, 2, 1],
        )

    @pytest.mark.parametrize("points", [1, 2, 7, 50, 999])
    @pytest.mark.parametrize("step", [0.01, 0.7, 60, 3_600, 100_000])
    def test_there_are_never_more_buckets_than_points(
        self, record: Record, reader: Reader, points: int, step: float
    ) -> None:
        readings = every(step, 1_000)
        record(readings)
        found = buckets(reader, points)
        assert 1 <= len(found.t) <= points
        assert all(start % found.bucket_seconds == 0 for start in found.t)
        assert sum(found.counts) == len(readings)

    def test_no_extreme_is_lost(self, record: Record, reader: Reader) -> None:
        readings = [r._replace(value=float(i % 7)) for i, r in enumerate(every(1, 3_000))]
        readings[1_234] = readings[1_234]._replace(value=1e9)
        readings[2_345] = readings[2_345]._replace(value=-1e9)
        record(readings)
        found = buckets(reader, 100)
        inside: dict[int, list[float]] = {}
        for r in readings:
            start = r.ts // (found.bucket_seconds * MICROSECONDS) * found.bucket_seconds
            inside.setdefault(start, []).append(r.value)
        assert found.t == list(inside)
        assert found.min == [min(values) for values in inside.values()]
        assert found.max == [max(values) for values in inside.values()]
        assert found.counts == [len(values) for values in inside.values()]
        assert max(found.max) == 1e9
        assert min(found.min) == -1e9

    def test_the_width_follows_what_is_there_and_not_the_question(
        self, record: Record, reader: Reader
    ) -> None:
        record(every(1, 100))
        wide = TimeRange(0, (SECONDS + 10**7) * MICROSECONDS)
        assert buckets(reader, 60, wide).bucket_seconds == 2

    def test_each_series_has_a_width_of_its_own(self, record: Record, reader: Reader) -> None:
        record(every(1, 100) + every(60, 100, "b") + every(1, 5, "c"))
        found = reader.history([], ALWAYS, 60, 10).series
        widths = {
            name: c.bucket_seconds for name, c in found.items() if isinstance(c, BucketColumns)
        }
        assert widths == {"a": 2, "b": 120}


def test_the_cursor_belongs_to_the_rows(
    recorder: Recorder, reading: Engine, reader: Reader
) -> None:
    """A writer that commits between two questions of one answer is not seen by half of it."""
    recorder.commit(WriteBatch([Reading("a", 1, 1.0)]), Checkpoint(CURSOR, 1, 1))
    commits = 0

    @event.listens_for(reading, "after_cursor_execute")
    def commit_more(*_arguments: object) -> None:
        nonlocal commits
        commits += 1
        readings = [Reading("a", commits + 1, 2.0), Reading(f"new{commits}", 1, 1.0)]
        recorder.commit(WriteBatch(readings), Checkpoint(Cursor("a", EntryId(100, commits)), 2, 2))

    found = reader.history([], ALWAYS, 10, 10)
    assert commits >= 3
    # The snapshot is taken by the first SELECT: what was committed after it is not in the answer.
    times = found.series["a"].t
    seen = len(times) - 1
    assert list(found.series) == ["a", *(f"new{i + 1}" for i in range(seen))]
    assert found.cursor == (Cursor("a", EntryId(100, seen)) if seen else CURSOR)
    assert seen < commits - 1


starts = st.integers(0, 2**33 * MICROSECONDS)
lengths = st.integers(0, 400 * 366 * 86_400 * MICROSECONDS) | st.integers(0, 10**9)


@given(starts, lengths, st.integers(1, 5_000))
def test_a_bucket_is_the_shortest_of_which_there_are_few_enough(
    start: int, length: int, points: int
) -> None:
    newest = start + length
    seconds = TimeRange(start, None).bucket_seconds(newest, points)
    assert how_many(start, newest, seconds) <= points
    shorter = [step for step in (1, 2, 5, 10, 60, 3_600, 86_400) if step < seconds]
    assert all(how_many(start, newest, step) > points for step in shorter)
    if seconds > 86_400:
        assert seconds % 86_400 == 0


@given(starts, lengths, lengths)
def test_what_is_beyond_the_newest_reading_needs_no_buckets(
    start: int, length: int, beyond: int
) -> None:
    newest = start + length
    assert TimeRange(start, newest + beyond).bucket_seconds(newest, 100) == TimeRange(
        start, None
    ).bucket_seconds(newest, 100)


def how_many(start: int, end: int, seconds: int) -> int:
    width = seconds * MICROSECONDS
    return end // width - start // width + 1


def test_a_reader_of_another_journal_has_no_cursor(record: Record, settings: Settings) -> None:
    record([Reading("a", 1, 1.0)])
    other = Reader(reading_engine(settings), "other:journal")
    assert other.cursor() is None
    assert other.newest_reading() is not None

"""Downsampling: readings of a range, or buckets if there are too many."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.position import Checkpoint, Cursor, EntryId
from services.reading import MICROSECONDS, Reading
from services.store import (
    BucketColumns,
    RawColumns,
    Reader,
    Recorder,
    SeriesData,
    TimeRange,
    WriteBatch,
)
from services.store.interval import floor

CURSOR = Cursor("a", EntryId(9, 1))
ALL_TIME = TimeRange(0, None)
SECONDS = 1_795_342_272

Record = Callable[[list[Reading]], None]


@pytest.fixture
def record(recorder: Recorder) -> Record:
    def record(readings: list[Reading]) -> None:
        recorder.commit(WriteBatch(readings), Checkpoint(CURSOR, 1, len(readings)))

    return record


def make_readings(seconds: float, count: int, series: str = "a") -> list[Reading]:
    """Return readings at equal distances, with the values 0, 1, 2 and so on."""
    start, step = SECONDS * MICROSECONDS, round(seconds * MICROSECONDS)
    return [Reading(series, start + i * step, float(i)) for i in range(count)]


def read_columns(reader: Reader, points: int, time_range: TimeRange = ALL_TIME) -> SeriesData:
    return reader.history(["a"], time_range, points, 10).series["a"]


def read_buckets(reader: Reader, points: int, time_range: TimeRange = ALL_TIME) -> BucketColumns:
    columns = read_columns(reader, points, time_range)
    assert isinstance(columns, BucketColumns)
    return columns


class TestHistory:
    """Readings, or buckets if there are too many."""

    def test_few_readings_are_returned_as_they_are(self, record: Record, reader: Reader) -> None:
        record(make_readings(0.1, 10))
        times = [SECONDS + i / 10 for i in range(10)]
        assert read_columns(reader, 10) == RawColumns(None, times, [float(i) for i in range(10)])

    def test_range_includes_both_ends(self, record: Record, reader: Reader) -> None:
        record(make_readings(1, 10))
        time_range = TimeRange((SECONDS + 2) * MICROSECONDS, (SECONDS + 4) * MICROSECONDS)
        assert read_columns(reader, 10, time_range)[2] == [2, 3, 4]
        before = TimeRange(0, SECONDS * MICROSECONDS - 1)
        assert read_columns(reader, 10, before) == RawColumns(None, [], [])

    def test_one_reading_too_many_gives_buckets(self, record: Record, reader: Reader) -> None:
        record(make_readings(0.5, 11))
        assert read_buckets(reader, 9) == BucketColumns(
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
    def test_buckets_are_at_most_as_many_as_points(
        self, record: Record, reader: Reader, points: int, step: float
    ) -> None:
        readings = make_readings(step, 1_000)
        record(readings)
        buckets = read_buckets(reader, points)
        assert 1 <= len(buckets.t) <= points
        width = round(buckets.bucket_seconds * MICROSECONDS)
        assert all(round(start * MICROSECONDS) % width == 0 for start in buckets.t)
        assert sum(buckets.counts) == len(readings)

    def test_fast_readings_give_buckets_shorter_than_a_second(
        self, record: Record, reader: Reader
    ) -> None:
        record(make_readings(0.005, 12_000))
        buckets = read_buckets(reader, 1_300)
        assert (buckets.bucket_seconds, len(buckets.t)) == (0.05, 1_200)
        assert buckets.t[:3] == [SECONDS, SECONDS + 0.05, SECONDS + 0.1]
        assert set(buckets.counts) == {10}

    def test_buckets_are_as_short_as_a_microsecond(self, record: Record, reader: Reader) -> None:
        record(make_readings(0.000_001, 10))
        assert read_buckets(reader, 5).bucket_seconds == 0.000_002

    def test_buckets_keep_extremes(self, record: Record, reader: Reader) -> None:
        readings = [r._replace(value=float(i % 7)) for i, r in enumerate(make_readings(1, 3_000))]
        readings[1_234] = readings[1_234]._replace(value=1e9)
        readings[2_345] = readings[2_345]._replace(value=-1e9)
        record(readings)
        buckets = read_buckets(reader, 100)
        inside: dict[float, list[float]] = {}
        for r in readings:
            start = floor(r.ts, round(buckets.bucket_seconds * MICROSECONDS))
            inside.setdefault(start / MICROSECONDS, []).append(r.value)
        assert buckets.t == list(inside)
        assert buckets.min == [min(values) for values in inside.values()]
        assert buckets.max == [max(values) for values in inside.values()]
        assert buckets.counts == [len(values) for values in inside.values()]
        assert max(buckets.max) == 1e9
        assert min(buckets.min) == -1e9

    def test_bucket_width_depends_on_stored_readings_not_on_range(
        self, record: Record, reader: Reader
    ) -> None:
        record(make_readings(1, 100))
        wide = TimeRange(0, (SECONDS + 10**7) * MICROSECONDS)
        assert read_buckets(reader, 60, wide).bucket_seconds == 2

    def test_each_series_has_its_own_bucket_width(self, record: Record, reader: Reader) -> None:
        record(make_readings(1, 100) + make_readings(60, 100, "b") + make_readings(1, 5, "c"))
        series = reader.history([], ALL_TIME, 60, 10).series
        widths = {
            name: columns.bucket_seconds
            for name, columns in series.items()
            if isinstance(columns, BucketColumns)
        }
        assert widths == {"a": 2, "b": 120}


starts = st.integers(0, 2**33 * MICROSECONDS)
lengths = st.integers(0, 400 * 366 * 86_400 * MICROSECONDS) | st.integers(0, 10**9)


@given(starts, lengths, st.integers(1, 5_000))
def test_bucket_is_the_shortest_of_which_few_enough_cover_range(
    start: int, length: int, points: int
) -> None:
    newest = start + length
    width = TimeRange(start, None).bucket_width(newest, points)
    assert bucket_count(start, newest, width) <= points
    seconds = [step * MICROSECONDS for step in (1, 2, 5, 10, 60, 3_600, 86_400)]
    shorter = [step for step in (1, 20, 500, 100_000, *seconds) if step < width]
    assert all(bucket_count(start, newest, step) > points for step in shorter)
    if width > seconds[-1]:
        assert width % seconds[-1] == 0


@given(starts, lengths, lengths)
def test_range_after_newest_reading_needs_no_buckets(start: int, length: int, beyond: int) -> None:
    newest = start + length
    assert TimeRange(start, newest + beyond).bucket_width(newest, 100) == TimeRange(
        start, None
    ).bucket_width(newest, 100)


def bucket_count(start: int, end: int, width: int) -> int:
    return end // width - start // width + 1

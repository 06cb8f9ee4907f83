"""Rollups after any sequence of recordings, corrections and crashes."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from services.reading import MICROSECONDS
from services.store import BucketColumns, database_path
from services.store.interval import ceiling
from services.store.tiers import WIDEST_BUCKET
from tests.support.dense_series import (
    DAY,
    HOUR,
    START,
    DenseDatabase,
    Values,
    check_history,
    check_rollups,
    make_values,
)

MINUTE = 60 * MICROSECONDS


@pytest.fixture
def database(tmp_path: Path) -> Iterator[DenseDatabase]:
    opened = DenseDatabase(tmp_path)
    yield opened
    opened.close()


@contextmanager
def killed(database: DenseDatabase, after: int) -> Iterator[None]:
    """End the block after some SQL statements, then open the database again."""
    statements = count(1)

    def kill(*_arguments: object) -> None:
        if next(statements) > after:
            raise KeyboardInterrupt

    event.listen(database.engine, "before_cursor_execute", kill)
    try:
        with suppress(KeyboardInterrupt):
            yield
    finally:
        event.remove(database.engine, "before_cursor_execute", kill)
        database.engine.dispose()
        database.recorder = database.open_recorder()


def shuffled_values(step_seconds: float, shift_minutes: int, stride: int) -> Values:
    """Return values in another order; the stride must be prime to their number."""
    values = list(make_values(step_seconds, SIZE, START + shift_minutes * MINUTE).items())
    return dict(values[i * stride % SIZE] for i in range(SIZE))


def killed_maintenance(database: DenseDatabase, after: int) -> None:
    with killed(database, after):
        database.maintain()


Action = Callable[[DenseDatabase], object]
SIZE = 701

record_actions: st.SearchStrategy[Action] = st.builds(
    lambda step, shift, stride: (
        lambda database: database.record(shuffled_values(step, shift, stride))
    ),
    st.sampled_from([0.05, 0.3, 2, 7, 20, 90]),
    st.integers(-3_000, 3_000),
    st.sampled_from([1, 1, 1, 500]),
)
spike_actions: st.SearchStrategy[Action] = st.builds(
    lambda shift, value: lambda database: database.record({START + shift * 7_000_000: value}),
    st.integers(-20_000, 20_000),
    st.sampled_from([1e9, -1e9, 0.0]),
)
erase_actions: st.SearchStrategy[Action] = st.builds(
    lambda start, length: (
        lambda database: database.erase(
            START + start * MINUTE + 17, START + (start + length) * MINUTE
        )
    ),
    st.integers(-3_000, 3_000),
    st.sampled_from([1, 7, 100, 2_000]),
)
kill_actions: st.SearchStrategy[Action] = st.builds(
    lambda after: lambda database: killed_maintenance(database, after), st.integers(1, 60)
)
actions = st.one_of(
    record_actions,
    spike_actions,
    erase_actions,
    st.just(DenseDatabase.delete),
    st.just(DenseDatabase.maintain),
    st.just(DenseDatabase.restart),
    kill_actions,
)


@settings(
    max_examples=settings().max_examples // 3, phases=[Phase.explicit, Phase.reuse, Phase.generate]
)
@given(
    st.lists(actions, min_size=3, max_size=9),
    st.lists(
        st.tuples(st.integers(-200, 200), st.integers(0, 300), st.sampled_from([3, 60, 400])),
        min_size=3,
        max_size=3,
    ),
)
@pytest.mark.long
def test_history_is_exact_after_any_sequence_of_actions(
    sequence: list[Action], ranges: list[tuple[int, int, int]]
) -> None:
    with TemporaryDirectory() as folder:
        database = DenseDatabase(folder)
        database.record(make_values(3, SIZE))
        for action in sequence:
            action(database)
            for start, length, points in ranges:
                begin = START + start * 15 * MINUTE + 1_234_567
                check_history(database, begin, begin + length * 15 * MINUTE, points)
        check_rollups(database)
        database.restart()
        assert database.query("SELECT count(*) FROM stale") == [(0,)]
        assert check_rollups(database) > 0 or len(database.expected) < SIZE
        check_history(database, 0, START * 2, 300)
        database.close()


def test_dense_series_gets_all_rollups_and_sparse_one_none(database: DenseDatabase) -> None:
    database.record(make_values(0.2, 30_000))
    database.record(make_values(1_800, 2_000), "sparse")
    database.maintain()
    assert database.query(
        "SELECT name, count(DISTINCT tier) FROM coverage JOIN series ON id = series_id GROUP BY 1"
    ) == [("a", 4)]
    assert check_rollups(database) > 1_000


def test_series_gets_only_rollups_that_save_work(database: DenseDatabase) -> None:
    database.record(make_values(20, 3_000))
    database.maintain()
    assert database.query("SELECT tier FROM coverage") == [("15min",), ("4h",)]


def test_rollup_ends_when_series_becomes_sparse(database: DenseDatabase) -> None:
    database.record(make_values(0.2, 3_000))
    database.maintain()
    (before,) = database.query("SELECT until_ts FROM coverage WHERE tier = '5s'")
    database.record(make_values(30, 3_000, START + HOUR))
    database.maintain()
    assert database.query("SELECT until_ts FROM coverage WHERE tier = '5s'") == [before]
    ((end,),) = database.query("SELECT until_ts FROM coverage WHERE tier = '15min'")
    assert end > START + 20 * HOUR
    check_rollups(database)
    check_history(database, START, START + 30 * HOUR, 500)


def test_finer_rollups_start_when_series_becomes_dense(database: DenseDatabase) -> None:
    database.record(make_values(30, 3_000))
    database.maintain()
    assert database.query("SELECT count(*) FROM rollup_5s") == [(0,)]
    database.record(make_values(0.1, 10_000, START + 40 * HOUR))
    database.maintain()
    ((first,),) = database.query("SELECT min(start) FROM rollup_5s")
    assert first > START + 24 * HOUR
    check_rollups(database)


def test_year_is_read_from_coarsest_rollup_with_its_spike(database: DenseDatabase) -> None:
    values = make_values(600, 50_000)
    values[START + 600 * MICROSECONDS * 33_333] = 1e6
    database.record(values)
    database.maintain()
    columns = check_history(database, START, START + 400 * DAY, 800)
    assert isinstance(columns, BucketColumns)
    assert (columns.tier, columns.bucket_seconds) == ("4h", 43_200)
    assert max(columns.max) == 1e6


def test_readings_without_buckets_are_read_raw(database: DenseDatabase) -> None:
    database.record(make_values(1, 20_000))
    database.maintain()
    database.record({START + 5_000 * MICROSECONDS: -1e6, START + 30_000 * MICROSECONDS: 1e6})
    columns = check_history(database, START, START + 10 * HOUR, 200)
    assert isinstance(columns, BucketColumns)
    assert (min(columns.min), max(columns.max)) == (-1e6, 1e6)
    assert len(database.query("SELECT start FROM stale")) == 1


def test_sum_that_is_too_large_gives_no_mean(database: DenseDatabase) -> None:
    values = make_values(1, 5_000)
    values[START + 100 * MICROSECONDS] = values[START + 101 * MICROSECONDS] = 1.7e308
    values[START + 700 * MICROSECONDS] = values[START + 701 * MICROSECONDS] = -1.7e308
    database.record(values)
    database.maintain()
    columns = database.buckets("a", 20, START, START + 2 * HOUR)
    assert None in columns.mean
    assert (min(columns.min), max(columns.max)) == (-1.7e308, 1.7e308)


def test_infinities_of_both_signs_give_no_mean(database: DenseDatabase) -> None:
    values = make_values(1, 5_000)
    half_hour = ceiling(START, 1_800 * MICROSECONDS)
    for second, value in ((100, 1.7e308), (101, 1.7e308), (200, -1.7e308), (201, -1.7e308)):
        values[half_hour + second * MICROSECONDS] = value
    database.record(values)
    database.maintain()
    assert database.query("SELECT count(*) FROM rollup_15min WHERE sum IS NULL") == [(1,)]
    columns = database.buckets("a", 4, START, START + 2 * HOUR)
    assert (columns.tier, columns.bucket_seconds) == ("15min", 1_800)
    without_mean = [t for t, mean in zip(columns.t, columns.mean, strict=True) if mean is None]
    assert without_mean == [half_hour // MICROSECONDS]


def test_reading_before_purge_floor_is_refused(database: DenseDatabase) -> None:
    database.record(make_values(1, 20_000))
    database.maintain()
    purge_floor = ceiling(START, WIDEST_BUCKET)
    with closing(sqlite3.connect(database_path(database.settings))) as file, file:
        file.execute("INSERT INTO coverage VALUES (1, 'raw', ?, NULL)", [purge_floor])
        file.execute("DELETE FROM readings WHERE ts < ?", [purge_floor])
    database.restart()
    result = database.record({START + 7: 5.0, purge_floor: 6.0})
    assert result.refused_count == 1
    assert database.query("SELECT series, ts, value FROM refused") == [("a", START + 7, 5.0)]
    assert (purge_floor,) in database.query("SELECT ts FROM readings WHERE value = 6.0")
    database.restart()
    assert sum(database.buckets("a", 50, START).counts) == 20_000

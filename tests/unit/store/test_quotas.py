"""Retention rules about size."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from services.command import Delete
from services.reading import MICROSECONDS
from services.retention_policy import RetentionPolicy, parse_retention_rules
from services.store import BucketColumns, TimeRange, database_path
from services.store.interval import floor
from services.store.retention.quotas import BUCKET_BYTES, READING_BYTES
from services.store.tiers import RAW, ROLLUPS, WIDEST_BUCKET
from tests.support.dense_series import (
    DAY,
    START,
    DenseDatabase,
    Values,
    check_history,
    check_rollups,
    make_values,
)

_1MIN, _15MIN, _4H = ROLLUPS[1:]
NAMES = ("a", "ab", "b")
STEP = 30 * MICROSECONDS
SIZE = 28_800


@pytest.fixture(scope="module")
def values() -> Values:
    """The readings of each series."""
    return make_values(30, SIZE)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory, values: Values) -> Path:
    """Three series with ten days of a reading every 30 s, with all rollups."""
    database = DenseDatabase(tmp_path_factory.mktemp("three_series"))
    for name in NAMES:
        database.record(values, name)
    database.maintain()
    database.close()
    return database_path(database.settings)


@pytest.fixture
def database(tmp_path: Path, template: Path, values: Values) -> Iterator[DenseDatabase]:
    """A copy of the template, at the end of its ten days."""
    opened = DenseDatabase(tmp_path, template)
    opened.expected = dict(values)
    opened.now = START + 10 * DAY
    yield opened
    opened.close()


def test_oldest_readings_of_pattern_are_deleted(database: DenseDatabase) -> None:
    max_readings = 20_000
    database.purge(f"a*:raw={max_readings * READING_BYTES}B")
    row_count, first = database.stored(RAW, "a")
    other_count, other_first = database.stored(RAW, "ab")
    readings_in_widest_buckets = 2 * WIDEST_BUCKET // STEP
    assert max_readings - readings_in_widest_buckets <= row_count + other_count <= max_readings
    assert first == other_first
    assert first - floor(first, WIDEST_BUCKET) < STEP
    assert database.stored(RAW, "b") == (SIZE, START)
    assert {sum(database.buckets(name).counts) for name in NAMES} == {SIZE}
    check_history(database, first, START + 10 * DAY, 500)
    assert check_rollups(database) > 900


def test_oldest_buckets_of_rollup_are_deleted(database: DenseDatabase) -> None:
    max_buckets = 1_200
    database.purge(f"15min={max_buckets * BUCKET_BYTES}B")
    stored = [database.stored(_15MIN, name) for name in NAMES]
    assert len(set(stored)) == 1
    assert max_buckets - 3 * 16 <= sum(row_count for row_count, _ in stored) <= max_buckets
    assert [database.stored(RAW, name)[0] for name in NAMES] == [SIZE] * 3
    assert database.stored(_4H, "a")[0] > 55
    for points in (60, 500, 2_000):
        check_history(database, floor(START, WIDEST_BUCKET), START + 10 * DAY, points)


def test_last_matching_size_rule_applies(database: DenseDatabase) -> None:
    database.purge(f"raw=1KB, a:raw={10_000 * READING_BYTES}B, ab:raw=1TB")
    assert 9_000 < database.stored(RAW, "a")[0] <= 10_000
    assert database.stored(RAW, "ab")[0] == SIZE
    # The readings since the last whole four hours always stay.
    assert database.stored(RAW, "b")[0] < 2 * WIDEST_BUCKET // STEP


def test_rules_about_age_and_size_both_apply(database: DenseDatabase) -> None:
    database.purge("raw=4d, a:raw=1GB, b:raw=200KB")
    assert database.stored(RAW, "a") == database.stored(RAW, "ab")
    first = database.stored(RAW, "a")[1]
    assert 0 <= first - floor(START + 6 * DAY, WIDEST_BUCKET) < STEP
    assert database.stored(RAW, "b")[0] * READING_BYTES <= 200_000


def test_readings_deleted_by_age_do_not_count(database: DenseDatabase) -> None:
    """Otherwise the old readings of `a` would push out readings of the other series."""
    database.purge(f"a:raw=1d, raw={2 * 29_000 * READING_BYTES + 200_000}B")
    assert database.stored(RAW, "a")[0] < 4_000
    assert database.stored(RAW, "ab")[0] == database.stored(RAW, "b")[0] == SIZE


def test_nothing_is_deleted_below_size(database: DenseDatabase) -> None:
    database.purge("raw=3MB, 15min=1MB, 4h=1MB")
    assert [database.stored(RAW, name) for name in NAMES] == [(SIZE, START)] * 3
    assert database.query("SELECT count(*) FROM coverage WHERE tier = 'raw'") == [(0,)]


def test_new_readings_push_out_the_oldest(database: DenseDatabase) -> None:
    database.purge("raw=1MB")
    before = database.stored(RAW, "a")[1]
    database.record(make_values(30, 2_880 * 2, START + 10 * DAY), "ab")
    database.now += 2 * DAY
    database.purge("raw=1MB")
    assert database.stored(RAW, "a")[1] > before
    total = sum(database.stored(RAW, name)[0] for name in NAMES)
    assert total * READING_BYTES <= 1_000_000


def test_series_without_rollups_is_neither_counted_nor_reduced(database: DenseDatabase) -> None:
    database.record(make_values(1, 400, START - 20 * DAY), "few")
    database.purge(f"raw={3 * SIZE * READING_BYTES}B")
    row_counts = [database.stored(RAW, name)[0] for name in (*NAMES, "few")]
    assert row_counts == [SIZE] * 3 + [400]


def test_clock_that_is_ahead_deletes_nothing(database: DenseDatabase) -> None:
    database.now = START + 400 * DAY
    database.purge("raw=1KB, 15min=1KB")
    assert database.stored(RAW, "a") == (SIZE, START)
    assert database.stored(_15MIN, "a")[0] > 900


def test_reading_of_time_purged_by_size_is_refused(database: DenseDatabase) -> None:
    database.purge("a:raw=100KB")
    database.record({START: 7.0})
    assert database.query("SELECT series, ts FROM refused") == [("a", START)]
    assert sum(database.buckets("a").counts) == SIZE


def test_years_of_readings_are_counted_part_by_part(tmp_path: Path) -> None:
    database = DenseDatabase(tmp_path)
    database.record(make_values(900, 2 * 366 * 96))
    database.maintain()
    database.now = START + 2 * 366 * DAY
    database.purge(f"raw={30_000 * READING_BYTES}B")
    assert 30_000 - 16 <= database.stored()[0] <= 30_000
    columns = database.buckets("a", start=floor(START, WIDEST_BUCKET))
    assert sum(columns.counts) == 2 * 366 * 96
    database.close()


def test_deleted_series_no_longer_counts_even_if_just_counted(database: DenseDatabase) -> None:
    rules = parse_retention_rules(f"raw={2 * SIZE * READING_BYTES}B")
    database.recorder = database.open_recorder(RetentionPolicy(rules), purge_seconds=1e-4)
    count_queries = 0

    def count_query(*arguments: object) -> None:
        nonlocal count_queries
        count_queries += "total(min(count" in str(arguments[2])

    event.listen(database.engine, "before_cursor_execute", count_query)
    while count_queries < 6:
        assert database.recorder.maintain()
    database.apply(Delete("ab"))
    database.maintain()
    assert database.stored(RAW, "a") == database.stored(RAW, "b") == (SIZE, START)


@settings(
    max_examples=settings().max_examples // 4, phases=[Phase.explicit, Phase.reuse, Phase.generate]
)
@given(
    st.lists(
        st.tuples(st.sampled_from(NAMES), st.sampled_from([2, 7, 40, 300]), st.integers(0, 2_000)),
        min_size=3,
        max_size=8,
    ),
    st.lists(st.sampled_from([300, 900, 2_000, 5_000, 100_000]), min_size=3, max_size=3),
)
@pytest.mark.long
def test_any_history_stays_within_sizes_and_exact(
    recordings: list[tuple[str, int, int]], max_rows: list[int]
) -> None:
    """Rules limit the readings of two series, and their buckets of 15 min and of 1 min."""
    with TemporaryDirectory() as folder:
        database = DenseDatabase(folder)
        expected: dict[str, Values] = {name: {} for name in NAMES}
        for name, step, shift in recordings:
            values = make_values(step, 701, START + shift * 60 * MICROSECONDS)
            database.record(values, name)
            expected[name] |= values
            database.maintain()
        database.restart()
        database.now = max(max(values, default=START) for values in expected.values())
        limits = dict(zip((RAW, _15MIN, _1MIN), max_rows, strict=True))
        row_bytes = {RAW: READING_BYTES, _15MIN: BUCKET_BYTES, _1MIN: BUCKET_BYTES}
        database.purge(
            ", ".join(f"a*:{tier.name}={n * row_bytes[tier]}B" for tier, n in limits.items())
        )
        # Only rows before the end of the widest buckets can be deleted.
        ends: dict[str, int] = dict(
            database.query(
                "SELECT name, until_ts FROM coverage JOIN series ON id = series_id"
                " WHERE tier = '4h'"
            )
        )
        for tier, limit in limits.items():
            deletable = 0
            for name in ("a", "ab"):
                ((row_count,),) = database.query(
                    f"SELECT count(*) FROM {tier.table} JOIN series ON id = series_id"  # noqa: S608
                    f" WHERE name = '{name}' AND {tier.key} < {ends.get(name, 0)}"
                )
                deletable += row_count
            assert deletable <= limit
        assert database.stored(RAW, "b")[0] == len(expected["b"])
        check_history(database, floor(START, WIDEST_BUCKET), database.now, 300)
        start = floor(database.now, WIDEST_BUCKET) - WIDEST_BUCKET
        check_history(database, start, database.now, 300)
        for name, values in expected.items():
            if values:
                history = database.reader.history([name], TimeRange(0, None), 10, 1)
                columns = history.series[name]
                stored = (
                    sum(columns.counts) if isinstance(columns, BucketColumns) else len(columns.t)
                )
                assert stored == len(values)
        database.close()

"""How much is kept of what a rule about a size is about, and what no such rule touches."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from services.command import Delete
from services.position import Checkpoint, Cursor, EntryId
from services.reading import MICROSECONDS, Reading
from services.retention_policy import RetentionPolicy, parse_retention_rules
from services.store import BucketColumns, TimeRange, WriteBatch, database_path
from services.store.interval import Interval, floor
from services.store.retention.quotas import BUCKET_BYTES, READING_BYTES
from services.store.rollup.coverage import read_coverage
from services.store.rollup.estimates import estimate_rows
from services.store.tiers import RAW, ROLLUPS, WIDEST_BUCKET
from tests.support.dense_series import HOUR, START, Base, check_history, check_tiers, every

DAY = 24 * HOUR
ALWAYS = Interval(0, 1 << 62)


@pytest.fixture
def base(tmp_path: Path) -> Iterator[Base]:
    """Ten days of a reading every 30 s of three series, all of it rolled up."""
    made = Base(tmp_path)
    for name in ("a", "ab", "b"):
        made.record(every(30, 28_800), name)
    made.maintain()
    made.now = START + 10 * DAY
    yield made
    made.close()


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database, to be copied."""
    base = Base(tmp_path_factory.mktemp("template"))
    base.close()
    return database_path(base.settings)


def apply(base: Base, rules: str) -> None:
    """Have a writer with these rules do what there is to do."""
    base.recorder = base.open(RetentionPolicy(parse_retention_rules(rules)))
    base.maintain()


def rows(base: Base, name: str, table: str = "readings", key: str = "ts") -> tuple[int, int]:
    """How many rows a series has, and the first time of them."""
    ((size, first),) = base.rows(
        f"SELECT count(*), min({key}) FROM {table} JOIN series ON id = series_id"  # noqa: S608
        f" WHERE name = '{name}'"
    )
    return size, first


def size_of(base: Base, name: str, start: int = 0) -> int:
    """How many readings the history tells of, be they purged or not."""
    found = base.reader.history([name], TimeRange(start, None), 800, 1).series[name]
    assert isinstance(found, BucketColumns)
    return sum(found.counts)


def test_the_oldest_readings_of_a_pattern_go(base: Base) -> None:
    most = 20_000
    apply(base, f"a*:raw={most * READING_BYTES}B")
    (size, first), (other, other_first) = rows(base, "a"), rows(base, "ab")
    a_stretch = 2 * WIDEST_BUCKET // (30 * MICROSECONDS)
    assert most - a_stretch <= size + other <= most
    assert first == other_first
    assert first - floor(first, WIDEST_BUCKET) < 30 * MICROSECONDS
    assert rows(base, "b") == (28_800, START)
    assert {size_of(base, name) for name in ("a", "ab", "b")} == {28_800}
    check_history(base, first, START + 10 * DAY, 500)
    assert check_tiers(base) > 900


def test_the_oldest_buckets_of_a_tier_go(base: Base) -> None:
    most = 1_200
    apply(base, f"15min={most * BUCKET_BYTES}B")
    kept = [rows(base, name, "rollup_15min", "start") for name in ("a", "ab", "b")]
    assert len(set(kept)) == 1
    assert most - 3 * 16 <= sum(size for size, _first in kept) <= most
    assert [rows(base, name)[0] for name in ("a", "ab", "b")] == [28_800] * 3
    assert rows(base, "a", "rollup_4h", "start")[0] > 55
    for points in (60, 500, 2_000):
        check_history(base, floor(START, WIDEST_BUCKET), START + 10 * DAY, points)


def test_of_sizes_the_last_that_fits_wins(base: Base) -> None:
    apply(base, f"raw=1KB, a:raw={10_000 * READING_BYTES}B, ab:raw=1TB")
    assert 9_000 < rows(base, "a")[0] <= 10_000
    assert rows(base, "ab")[0] == 28_800
    # What came since the last whole four hours always stays.
    assert rows(base, "b")[0] < 2 * WIDEST_BUCKET // (30 * MICROSECONDS)


def test_an_age_and_a_size_apply_both(base: Base) -> None:
    apply(base, "raw=4d, a:raw=1GB, b:raw=200KB")
    assert rows(base, "a") == rows(base, "ab")
    assert 0 <= rows(base, "a")[1] - floor(START + 6 * DAY, WIDEST_BUCKET) < 30 * MICROSECONDS
    assert rows(base, "b")[0] * READING_BYTES <= 200_000


def test_what_goes_by_its_age_does_not_count(base: Base) -> None:
    """The readings of `a` that are too old would else push out others."""
    apply(base, f"a:raw=1d, raw={2 * 29_000 * READING_BYTES + 200_000}B")
    assert rows(base, "a")[0] < 4_000
    assert rows(base, "ab")[0] == rows(base, "b")[0] == 28_800


def test_below_its_size_nothing_goes(base: Base) -> None:
    apply(base, "raw=3MB, 15min=1MB, 4h=1MB")
    assert [rows(base, name) for name in ("a", "ab", "b")] == [(28_800, START)] * 3
    assert base.rows("SELECT count(*) FROM coverage WHERE tier = 'raw'") == [(0,)]


def test_what_comes_later_pushes_out_the_oldest(base: Base) -> None:
    keep = RetentionPolicy(parse_retention_rules("raw=1MB"))
    base.recorder = base.open(keep)
    base.maintain()
    before = rows(base, "a")[1]
    base.record(every(30, 2_880 * 2, START + 10 * DAY), "ab")
    base.now += 2 * DAY
    base.recorder = base.open(keep)
    base.maintain()
    assert rows(base, "a")[1] > before
    assert sum(rows(base, name)[0] for name in ("a", "ab", "b")) * READING_BYTES <= 1_000_000


def test_without_rollups_a_series_neither_counts_nor_loses(base: Base) -> None:
    base.record(every(1, 400, START - 20 * DAY), "few")
    apply(base, f"raw={3 * 28_800 * READING_BYTES}B")
    assert [rows(base, name)[0] for name in ("a", "ab", "b", "few")] == [28_800] * 3 + [400]


def test_a_clock_that_is_ahead_deletes_nothing(base: Base) -> None:
    base.now = START + 400 * DAY
    apply(base, "raw=1KB, 15min=1KB")
    assert rows(base, "a") == (28_800, START)
    assert rows(base, "a", "rollup_15min", "start")[0] > 900


def test_what_was_purged_by_size_is_frozen(base: Base) -> None:
    apply(base, "a:raw=100KB")
    base.recorder.commit(
        WriteBatch([Reading("a", START, 7.0)]), Checkpoint(Cursor("e", EntryId(50, 0)), 50, 50)
    )
    assert base.rows("SELECT series, ts FROM refused") == [("a", START)]
    assert size_of(base, "a") == 28_800


def test_years_are_counted_part_by_part(tmp_path: Path) -> None:
    base = Base(tmp_path)
    base.record(every(900, 2 * 366 * 96))
    base.maintain()
    base.now = START + 2 * 366 * DAY
    apply(base, f"raw={30_000 * READING_BYTES}B")
    assert 30_000 - 16 <= rows(base, "a")[0] <= 30_000
    assert size_of(base, "a", floor(START, WIDEST_BUCKET)) == 2 * 366 * 96
    base.close()


def test_a_series_that_is_deleted_counts_no_more(base: Base) -> None:
    """Also when it was counted just before."""
    rules = parse_retention_rules(f"raw={2 * 28_800 * READING_BYTES}B")
    base.recorder = base.open(RetentionPolicy(rules), purge_seconds=1e-4)
    counted = 0

    def note(*arguments: object) -> None:
        nonlocal counted
        counted += "total(min(count" in str(arguments[2])

    event.listen(base.engine, "before_cursor_execute", note)
    while counted < 6:
        assert base.recorder.maintain()
    base.correct(Delete("ab"))
    base.maintain()
    assert rows(base, "a") == rows(base, "b") == (28_800, START)


def test_rows_are_told_by_rollups_about_as_they_are(tmp_path: Path) -> None:
    """Also of readings that come in bursts: a minute each two hours."""
    base = Base(tmp_path)
    for burst in range(40):
        base.record(every(0.1, 600, START + burst * 2 * HOUR))
    base.record(every(0.3, 60_000), "even")
    base.maintain()
    with base.engine.begin() as connection:
        for series, factor in ((1, 16.0), (2, 1.05)):
            coverage = read_coverage(connection, series)
            assert len(coverage.rollups) == len(ROLLUPS)
            told = sum(n for _, n in estimate_rows(connection, series, coverage, RAW, ALWAYS))
            ((there,),) = base.rows(f"SELECT count(*) FROM readings WHERE series_id = {series}")  # noqa: S608
            assert told == pytest.approx(there, rel=0.01)
            for tier in ROLLUPS:
                found = estimate_rows(
                    connection, series, coverage, tier, ALWAYS, step=WIDEST_BUCKET
                )
                ((there,),) = base.rows(
                    f"SELECT count(*) FROM {tier.table} WHERE series_id = {series}"  # noqa: S608
                )
                assert there <= sum(n for _, n in found) <= there * factor + 180
    base.close()


@settings(
    max_examples=settings().max_examples // 4, phases=[Phase.explicit, Phase.reuse, Phase.generate]
)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["a", "ab", "b"]),
            st.sampled_from([2, 7, 40, 300]),
            st.integers(0, 2_000),
        ),
        min_size=3,
        max_size=8,
    ),
    st.lists(st.sampled_from([300, 900, 2_000, 5_000, 100_000]), min_size=3, max_size=3),
)
def test_any_history_fills_no_more_and_stays_exact(
    template: Path, stretches: list[tuple[str, int, int]], sizes: list[int]
) -> None:
    """Stretches of readings of three series, and limits for raw of two and for their buckets."""
    with TemporaryDirectory() as folder:
        base = Base(folder, template)
        expected: dict[str, dict[int, float]] = {"a": {}, "ab": {}, "b": {}}
        for name, step, shift in stretches:
            values = every(step, 701, START + shift * 60 * MICROSECONDS)
            base.record(values, name)
            expected[name] |= values
            base.maintain()
        base.mended()
        base.now = max(max(values, default=START) for values in expected.values())
        raw, quarters, hours = sizes
        apply(
            base,
            f"a*:raw={raw * READING_BYTES}B, a*:15min={quarters * BUCKET_BYTES}B,"
            f" a*:1min={hours * BUCKET_BYTES}B",
        )
        # What can go: of a series that has rollups, before the last of the widest.
        ends: dict[str, int] = dict(
            base.rows("SELECT name, until_ts FROM coverage JOIN series ON id = series_id"
                      " WHERE tier = '4h'")
        )  # fmt: skip
        for table, key, most in (
            ("readings", "ts", raw),
            ("rollup_15min", "start", quarters),
            ("rollup_1min", "start", hours),
        ):
            movable = 0
            for name in ("a", "ab"):
                ((size,),) = base.rows(
                    f"SELECT count(*) FROM {table} JOIN series ON id = series_id"  # noqa: S608
                    f" WHERE name = '{name}' AND {key} < {ends.get(name, 0)}"
                )
                movable += size
            assert movable <= most
        assert rows(base, "b")[0] == len(expected["b"])
        check_history(base, floor(START, WIDEST_BUCKET), base.now, 300)
        check_history(base, floor(base.now, WIDEST_BUCKET) - WIDEST_BUCKET, base.now, 300)
        for name, values in expected.items():
            if values:
                found = base.reader.history([name], TimeRange(0, None), 10, 1).series[name]
                told = sum(found.counts) if isinstance(found, BucketColumns) else len(found.t)
                assert told == len(values)
        base.close()

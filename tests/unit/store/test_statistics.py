"""Statistics and increases of a range, compared with simple references."""

import math
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.reading import MICROSECONDS
from services.series_settings import SeriesKind
from services.store import Interval, SeriesSelection, SeriesStatistics
from services.tag_filter import ALL_TAGS
from tests.support.dense_series import DAY, HOUR, START, DenseDatabase, Values, make_values

MINUTE = 60 * MICROSECONDS
NEVER = 2**62
ONE = SeriesSelection(["a"], ALL_TAGS, 1)


def seconds(us: float) -> float:
    return us / MICROSECONDS


def read(database: DenseDatabase, start: int, end: int, now: int = NEVER) -> SeriesStatistics:
    """Return the statistics of the series `a` between two times, both included."""
    return database.reader.ranges.statistics(ONE, Interval(start, end + 1), now).series["a"]


def increases(database: DenseDatabase, *edges: int) -> list[float | None]:
    return database.reader.ranges.increases(ONE, edges).series["a"].increases


def set_kind(database: DenseDatabase, kind: SeriesKind) -> None:
    with database.engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO series_settings (series_id, kind) SELECT id, ? FROM series", (kind,)
        )


def reference_increase(values: Values, start: int, end: int) -> float | None:
    """Return the increase after `start` until `end`, reading by reading."""
    before = [value for ts, value in sorted(values.items()) if ts <= start][-1:]
    inside = [value for ts, value in sorted(values.items()) if start < ts <= end]
    if not inside:
        return None
    steps = pairwise([*before, *inside])
    return sum(b if 0 <= b < a * 0.9 else b - a for a, b in steps)


def reference_area(values: Values, start: int, end: int) -> float:
    """Return the area under the line through the readings, clipped to the range."""
    times = sorted(values)
    area = 0.0
    for one, other in pairwise(times):
        left, right = max(one, start), min(other, end)
        if left < right and any(start <= t <= end for t in (one, other)):
            slope = (values[other] - values[one]) / (other - one)
            area += (values[one] + slope * ((left + right) / 2 - one)) * (right - left)
    return seconds(area)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[DenseDatabase]:
    made = DenseDatabase(tmp_path)
    yield made
    made.close()


class TestMeasure:
    """Statistics of a quantity that is measured."""

    def test_range_of_rollups_equals_readings(self, ten_days: DenseDatabase) -> None:
        start, end = START + HOUR + 7, START + 9 * DAY + 12_345
        found = read(ten_days, start, end)
        inside = {t: v for t, v in ten_days.expected.items() if start <= t <= end}
        values = list(inside.values())
        assert (found.kind, found.reading_count) == ("measure", len(values))
        assert (found.min, found.max) == (min(values), max(values))
        assert found.mean == pytest.approx(sum(values) / len(values))
        first, last = min(inside), max(inside)
        assert found.first == (first, inside[first])
        assert found.last == (last, inside[last])
        assert found.difference == inside[last] - inside[first]
        assert found.slope == pytest.approx(found.difference / seconds(last - first))
        assert found.integral == pytest.approx(reference_area(ten_days.expected, start, end))

    def test_range_without_readings_has_no_values(self, ten_days: DenseDatabase) -> None:
        found = read(ten_days, START - DAY, START - HOUR)
        assert found == (None, "measure", 0, *[None] * 9)

    def test_line_between_readings_outside_counts(self, database: DenseDatabase) -> None:
        database.record({START: 0.0, START + 10 * MINUTE: 10.0, START + 20 * MINUTE: 0.0})
        found = read(database, START + 5 * MINUTE, START + 15 * MINUTE)
        assert found.integral == pytest.approx(7.5 * 600)
        assert found.slope is None

    def test_purged_readings_are_replaced_by_buckets(self, ten_days: DenseDatabase) -> None:
        before = read(ten_days, START, START + 10 * DAY)
        ten_days.purge("raw=2d")
        found = read(ten_days, START, START + 10 * DAY)
        assert found[2:5] == before[2:5]
        assert found.mean == pytest.approx(before.mean)
        assert found.first is not None
        assert before.first is not None
        assert found.first.value == before.first.value
        assert found.integral == pytest.approx(before.integral, rel=0.01, abs=20_000)


class TestState:
    """Statistics of a state, which holds until its next reading."""

    def test_value_before_the_range_holds(self, database: DenseDatabase) -> None:
        database.record({START: 1.0, START + 10 * MINUTE: 0.0, START + 40 * MINUTE: 1.0})
        found = read(database, START + 5 * MINUTE, START + 45 * MINUTE)
        assert (found.kind, found.reading_count, found.min, found.max) == ("state", 2, 0, 1)
        assert found.durations == {0.0: 1_800, 1.0: 600}
        assert found.mean == pytest.approx(0.25)
        assert found.integral == pytest.approx(600)

    def test_range_without_readings_has_the_value_before(self, database: DenseDatabase) -> None:
        database.record({START: 0.0, START + MINUTE: 1.0, START + DAY: 0.0})
        found = read(database, START + HOUR, START + 2 * HOUR)
        assert (found.reading_count, found.min, found.mean) == (0, 1, 1)
        assert found.durations == {1.0: 3_600}

    def test_last_value_holds_until_now_at_most(self, database: DenseDatabase) -> None:
        database.record({START: 0.0, START + MINUTE: 1.0})
        found = read(database, START, START + DAY, now=START + 2 * MINUTE)
        assert found.durations == {0.0: 60, 1.0: 60}
        assert read(database, START - DAY, START - HOUR).mean is None

    def test_many_readings_are_weighted_by_buckets(self, ten_days: DenseDatabase) -> None:
        set_kind(ten_days, "state")
        exact = read(ten_days, START, START + 10 * DAY)
        ten_days.purge("raw=2d")
        found = read(ten_days, START, START + 10 * DAY)
        assert found.durations is None
        assert found.mean == pytest.approx(exact.mean, abs=0.05)


class TestCounter:
    """Increases of a counter, which starts again at zero."""

    def test_restart_counts_from_zero(self, database: DenseDatabase) -> None:
        values = [10.0, 12.0, 15.0, 1.0, 4.0]
        database.record({START + i * MINUTE: value for i, value in enumerate(values)})
        set_kind(database, "counter")
        found = read(database, START, START + 4 * MINUTE)
        assert (found.kind, found.mean, found.integral) == ("counter", None, None)
        assert found.difference == 9
        assert found.slope == pytest.approx(9 / 240)

    def test_small_fall_is_a_correction(self, database: DenseDatabase) -> None:
        database.record({START: 100.0, START + 1: 101.0, START + 2: 100.5, START + 3: 102.0})
        assert increases(database, START, START + MINUTE) == [2.0]

    def test_value_before_the_range_counts(self, database: DenseDatabase) -> None:
        database.record({START: 5.0, START + HOUR: 7.0})
        assert increases(database, START + MINUTE, START + DAY) == [2.0]

    def test_reading_at_the_edge_ends_the_earlier_period(self, database: DenseDatabase) -> None:
        database.record({START + i * HOUR: 10.0 + i * i for i in range(4)})
        edges = [START + i * HOUR for i in range(5)]
        assert increases(database, *edges) == [1, 3, 5, None]

    def test_counter_without_earlier_reading_counts_from_its_first_one(
        self, database: DenseDatabase
    ) -> None:
        database.record({START + MINUTE: 50.0, START + 2 * MINUTE: 51.0})
        assert increases(database, START, START + HOUR, START + DAY) == [1.0, None]

    @pytest.mark.parametrize("restart_at", [0, 1_000, 12_345])
    def test_rollups_give_the_same_as_readings(
        self, database: DenseDatabase, restart_at: int
    ) -> None:
        values = {
            START + i * 20 * MICROSECONDS: float(i % restart_at if restart_at else 100 + i)
            for i in range(20_000)
        }
        database.record(values)
        database.maintain()
        edges = [START + HOUR // 3, *(START + i * HOUR for i in range(1, 100, 7))]
        expected = [reference_increase(values, *period) for period in pairwise(edges)]
        assert increases(database, *edges) == expected

    def test_purged_counter_counts_each_bucket_once(self, database: DenseDatabase) -> None:
        values = {START + i * 20 * MICROSECONDS: 1_000.0 + i for i in range(43_200)}
        database.record(values)
        database.maintain()
        database.now = START + 10 * DAY
        database.purge("raw=2d")
        edges = [START - DAY, *(START + i * HOUR for i in range(1, 240))]
        found = [one or 0.0 for one in increases(database, *edges)]
        assert sum(found) == pytest.approx(43_199, abs=3 * 60)


@st.composite
def counters(draw: st.DrawFn) -> Values:
    """Draw a counter that rests, grows, is corrected and starts again."""
    gaps = draw(st.lists(st.integers(1, 40), min_size=1, max_size=60))
    steps = draw(st.lists(st.sampled_from([0.0, 1.0, 7.0, -0.5, -1e6]), min_size=60, max_size=60))
    ts, value, values = START, 20.0, {}
    for gap, change in zip(gaps, steps, strict=False):
        ts += gap * MINUTE
        value = max(0.0, value + change)
        values[ts] = value
    return values


@given(values=counters(), cuts=st.sets(st.integers(-10, 2_500), min_size=2, max_size=8))
def test_any_counter_has_the_increases_of_its_readings(
    tmp_path_factory: pytest.TempPathFactory, values: Values, cuts: set[int]
) -> None:
    database = DenseDatabase(tmp_path_factory.mktemp("counter"))
    database.record(values)
    edges = sorted(START + cut * MINUTE for cut in cuts)
    expected = [reference_increase(values, *period) for period in pairwise(edges)]
    assert increases(database, *edges) == pytest.approx(expected)
    database.close()


@given(st.tuples(st.integers(0, 10 * 86_400), st.integers(0, 10 * 86_400)))
def test_any_range_has_the_statistics_of_its_readings(
    half_dense: DenseDatabase, cuts: tuple[int, int]
) -> None:
    start, end = (START + cut * MICROSECONDS for cut in sorted(cuts))
    found = read(half_dense, start, end)
    inside = [v for t, v in half_dense.expected.items() if start <= t <= end]
    assert found.reading_count == len(inside)
    assert found.min == min(inside, default=None)
    assert found.max == max(inside, default=None)
    if inside:
        assert found.mean == pytest.approx(math.fsum(inside) / len(inside), abs=1e-9)
        area = reference_area(half_dense.expected, start, end)
        assert found.integral == pytest.approx(area, rel=1e-9, abs=1e-3)


@pytest.fixture(scope="module")
def half_dense(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DenseDatabase]:
    """Five days of a reading each minute, five of one each hour."""
    made = DenseDatabase(tmp_path_factory.mktemp("half_dense"))
    made.record(make_values(60, 5 * 1_440) | make_values(3_600, 120, START + 5 * DAY))
    made.maintain()
    yield made
    made.close()


def test_series_without_readings_has_no_statistics(database: DenseDatabase) -> None:
    assert database.reader.ranges.statistics(ONE, Interval(0, 1), NEVER).series == {}

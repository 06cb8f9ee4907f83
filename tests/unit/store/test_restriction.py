"""Queries with a restriction: answers as if the database had nothing else."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.allowed_series import AllowedSeries
from services.pattern import SeriesFilter
from services.reading import Reading
from services.restriction import NO_RESTRICTION, Restriction
from services.series_settings import SeriesKind
from services.store import Interval, SeriesSelection, TimeRange, WriteBatch
from services.tag_filter import ALL_TAGS
from tests.support.dense_series import DAY, HOUR, START, DenseDatabase

NAMES = ("kitchen", "kitchen.door", "cellar", "Kitchen", "k*")
PATTERNS = st.lists(st.sampled_from([*NAMES, "kitchen*", "*", "*e*", "c?llar", "[k]*"]), max_size=3)
MINUTE = HOUR // 60
EVER = TimeRange(0, None)


def restricted(*texts: str, start: int = 0, end: int = 2**62) -> Restriction:
    return Restriction(AllowedSeries.of_names(texts), start, end)


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DenseDatabase]:
    """A database with one reading of each name."""
    made = DenseDatabase(tmp_path_factory.mktemp("names"))
    readings = [Reading(name, START + number, number) for number, name in enumerate(NAMES)]
    made.commit(WriteBatch(readings))
    yield made
    made.close()


@pytest.mark.long
@given(PATTERNS, PATTERNS.filter(bool))
def test_answers_have_only_series_that_are_selected_and_allowed(
    names: DenseDatabase, patterns: list[str], allowed: list[str]
) -> None:
    restriction = restricted(*allowed)
    expected = {
        name for name in NAMES if name in SeriesFilter(patterns) and name in SeriesFilter(allowed)
    }
    reader = names.reader
    history = reader.history(patterns, EVER, 10, 10, restriction=restriction)
    assert set(history.series) == expected
    listing = reader.list_series(patterns=patterns, restriction=restriction)
    assert {info.name for info in listing} == expected
    assert reader.count_series(patterns, restriction=restriction) == len(expected)
    selection = SeriesSelection(patterns, ALL_TAGS, 10, restriction)
    answers = reader.ranges.statistics(selection, Interval(START, START + 9), START)
    assert set(answers.series) == expected
    increases = reader.ranges.increases(selection, [START, START + 9])
    assert set(increases.series) == expected
    newest = reader.newest_reading(restriction=restriction)
    allowed_names = [name for name in NAMES if name in SeriesFilter(allowed)]
    assert (newest and newest.series) == (allowed_names[-1] if allowed_names else None)


def answers(
    database: DenseDatabase, start: int, end: int, restriction: Restriction
) -> list[object]:
    """Return what all queries say about the series `a` in a range."""
    selection = SeriesSelection(["a"], ALL_TAGS, 1, restriction)
    reader = database.reader
    history = reader.history(
        ["a"], TimeRange(start, end), 1_000, 1, restriction=restriction, with_before=True
    )
    edges = [start, (start + end) // 2, end]
    listing = reader.list_series(restriction=restriction)
    return [
        history.series,
        history.before,
        reader.ranges.statistics(selection, Interval(start, end + 1), end + HOUR).series,
        reader.ranges.increases(selection, edges).series,
        listing,
        reader.newest_reading(restriction=restriction),
    ]


def with_kind(folder: Path, kind: SeriesKind, times: set[int]) -> DenseDatabase:
    """Make a database with a reading a minute, whose values depend only on the time."""
    made = DenseDatabase(folder)
    made.record({START + n * MINUTE: float(n * 7 % 5 + n) for n in times})
    with made.engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO series_settings (series_id, kind) SELECT id, ? FROM series", (kind,)
        )
    return made


@pytest.mark.parametrize(
    ("kind", "first", "last"),
    [("measure", 3, 6), ("state", 3, 6), ("counter", 3, 6), ("state", 3, 40), ("measure", 0, 6)],
)
def test_answers_are_those_of_a_database_without_other_times(
    tmp_path: Path, kind: SeriesKind, first: int, last: int
) -> None:
    everything = with_kind(tmp_path / "everything", kind, set(range(10)))
    visible = set(range(first, last + 1)) & set(range(10))
    part = with_kind(tmp_path / "part", kind, visible)
    limits = Restriction(None, START + first * MINUTE - 7, START + last * MINUTE + MINUTE // 3)
    for margin in (0, MINUTE // 2):
        start, end = limits.start + margin, limits.end - margin
        found = answers(everything, start, end, limits)
        assert found == answers(part, start, end, NO_RESTRICTION)
    everything.close()
    part.close()


def test_kind_is_guessed_from_visible_readings(tmp_path: Path) -> None:
    dense = DenseDatabase(tmp_path)
    dense.record({START + n * MINUTE: float(n % 2 if n < 20 else n + 0.5) for n in range(40)}, "x")
    dense.record({START + n * MINUTE: float(n if n < 20 else 40 - n) for n in range(40)}, "energy")
    limits = Restriction(None, START, START + 19 * MINUTE)
    selection = SeriesSelection((), ALL_TAGS, 2, limits)
    interval = Interval(limits.start, limits.end + 1)
    for restriction, kinds in (
        (NO_RESTRICTION, {"x": "measure", "energy": "measure"}),
        (limits, {"x": "state", "energy": "counter"}),
        # What was guessed for one principal is not told to another.
        (NO_RESTRICTION, {"x": "measure", "energy": "measure"}),
    ):
        listing = dense.reader.list_series(restriction=restriction)
        assert {info.name: info.guessed_kind for info in listing} == kinds
        asked = selection._replace(restriction=restriction)
        found = dense.reader.ranges.statistics(asked, interval, limits.end).series
        assert {name: one.kind for name, one in found.items()} == kinds
    dense.close()


@pytest.mark.parametrize("kind", ["measure", "state"])
def test_purged_bucket_that_reaches_beyond_is_left_out(
    ten_days: DenseDatabase, kind: SeriesKind
) -> None:
    with ten_days.engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO series_settings (series_id, kind) SELECT id, ? FROM series", (kind,)
        )
    ten_days.purge("raw=2d")
    limits = Restriction(None, START + DAY + 7, START + 2 * DAY - 7)
    selection = SeriesSelection(["a"], ALL_TAGS, 1, limits)
    time_range = TimeRange(limits.start, limits.end)
    history = ten_days.reader.history(
        ["a"], time_range, 1_000, 1, restriction=limits, with_before=True
    )
    assert history.before == {"a": None}
    times = history.series["a"].t
    assert times[0] * 1e6 >= limits.start
    width = times[1] - times[0]
    assert (times[-1] + width) * 1e6 <= limits.end
    assert len(times) > 90
    interval = Interval(limits.start, limits.end + 1)
    found = ten_days.reader.ranges.statistics(selection, interval, limits.end).series["a"]
    assert found.first is not None
    assert found.last is not None
    assert found.first.ts >= limits.start
    assert found.last.ts <= limits.end
    inside = [v for t, v in ten_days.expected.items() if limits.start <= t <= limits.end]
    assert 0 < found.reading_count < len(inside)

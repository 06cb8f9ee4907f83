"""The tiers are what a recomputation from the readings gives, whatever happened before."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from services.position import Checkpoint, Cursor, EntryId
from services.reading import MICROSECONDS, Reading
from services.store import (
    BucketColumns,
    TimeRange,
    WriteBatch,
    database_path,
)
from services.store.interval import Interval, ceiling
from services.store.rollup.coverage import Coverage, Segment
from services.store.tiers import BLOCK_WIDTH, RAW, ROLLUPS
from tests.support.dense_series import HOUR, START, Base, Values, check_history, check_tiers, every


@pytest.fixture
def base(tmp_path: Path) -> Iterator[Base]:
    made = Base(tmp_path)
    yield made
    made.close()


@contextmanager
def killed(base: Base, after: int) -> Iterator[None]:
    """What is done ends after so many statements, and another writer goes on."""
    statements = count(1)

    def kill(*_arguments: object) -> None:
        if next(statements) > after:
            raise KeyboardInterrupt

    event.listen(base.engine, "before_cursor_execute", kill)
    try:
        with suppress(KeyboardInterrupt):
            yield
    finally:
        event.remove(base.engine, "before_cursor_execute", kill)
        base.engine.dispose()
        base.recorder = base.open()


def spread(step: float, size: int, shift: int, shuffled: int) -> Values:
    """A stretch of readings, in an order that is stirred by a number prime to their count."""
    values = list(every(step, size, START + shift * 60 * MICROSECONDS).items())
    return dict(values[i * shuffled % size] for i in range(size))


Action = Callable[[Base], None]
SIZE = 701

actions = st.one_of(
    st.builds(
        lambda step, shift, stir: lambda base: base.record(spread(step, SIZE, shift, stir)),
        st.sampled_from([0.05, 0.3, 2, 7, 20, 90]),
        st.integers(-3_000, 3_000),
        st.sampled_from([1, 1, 1, 500]),
    ),
    st.builds(
        lambda shift, value: lambda base: base.record({START + shift * 7 * MICROSECONDS: value}),
        st.integers(-20_000, 20_000),
        st.sampled_from([1e9, -1e9, 0.0]),
    ),
    st.builds(
        lambda start, length: (
            lambda base: base.erase(
                START + start * 60 * MICROSECONDS + 17, START + (start + length) * 60 * MICROSECONDS
            )
        ),
        st.integers(-3_000, 3_000),
        st.sampled_from([1, 7, 100, 2_000]),
    ),
    st.just(Base.delete),
    st.just(Base.maintain),
    st.just(Base.mended),
    st.builds(lambda after: lambda base: killed_maintenance(base, after), st.integers(1, 60)),
)


def killed_maintenance(base: Base, after: int) -> None:
    with killed(base, after):
        base.maintain()


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database, to be copied."""
    base = Base(tmp_path_factory.mktemp("template"))
    base.close()
    return database_path(base.settings)


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
def test_any_history_is_told_as_it_was(
    template: Path, history: list[Action], questions: list[tuple[int, int, int]]
) -> None:
    with TemporaryDirectory() as folder:
        base = Base(folder, template)
        base.record(every(3, SIZE))
        for action in history:
            action(base)
            for start, length, points in questions:
                begin = START + start * 900 * MICROSECONDS + 1_234_567
                check_history(base, begin, begin + length * 900 * MICROSECONDS, points)
        check_tiers(base)
        base.mended()
        assert base.rows("SELECT count(*) FROM stale") == [(0,)]
        assert check_tiers(base) > 0 or len(base.expected) < SIZE
        check_history(base, 0, START * 2, 300)
        base.close()


def test_a_dense_series_gets_all_tiers_and_a_sparse_one_none(base: Base) -> None:
    base.record(every(0.2, 30_000))
    base.record(every(1_800, 2_000), "sparse")
    base.maintain()
    assert base.rows(
        "SELECT name, count(DISTINCT tier) FROM coverage JOIN series ON id = series_id GROUP BY 1"
    ) == [("a", 4)]
    assert check_tiers(base) > 1_000


def test_a_series_gets_the_tiers_that_pay(base: Base) -> None:
    base.record(every(20, 3_000))
    base.maintain()
    assert base.rows("SELECT tier FROM coverage") == [("15min",), ("4h",)]


def test_a_series_that_became_sparse_is_not_continued(base: Base) -> None:
    base.record(every(0.2, 3_000))
    base.maintain()
    (before,) = base.rows("SELECT until_ts FROM coverage WHERE tier = '5s'")
    base.record(every(30, 3_000, START + HOUR))
    base.maintain()
    assert base.rows("SELECT until_ts FROM coverage WHERE tier = '5s'") == [before]
    (quarter,) = base.rows("SELECT until_ts FROM coverage WHERE tier = '15min'")
    assert quarter[0] > START + 20 * HOUR
    check_tiers(base)
    check_history(base, START, START + 30 * HOUR, 500)


def test_a_series_that_became_dense_gets_finer_tiers_from_then_on(base: Base) -> None:
    base.record(every(30, 3_000))
    base.maintain()
    assert base.rows("SELECT count(*) FROM rollup_5s") == [(0,)]
    base.record(every(0.1, 10_000, START + 40 * HOUR))
    base.maintain()
    ((first,),) = base.rows("SELECT min(start) FROM rollup_5s")
    assert first > START + 24 * HOUR
    check_tiers(base)


def test_a_year_is_read_from_the_coarsest_tier_and_a_spike_is_seen(base: Base) -> None:
    values = every(600, 50_000)
    values[START + 600 * MICROSECONDS * 33_333] = 1e6
    base.record(values)
    base.maintain()
    found = check_history(base, START, START + 400 * 24 * HOUR, 800)
    assert isinstance(found, BucketColumns)
    assert (found.tier, found.bucket_seconds) == ("4h", 43_200)
    assert max(found.max) == 1e6


def test_what_is_not_rolled_up_yet_is_read_raw(base: Base) -> None:
    base.record(every(1, 20_000))
    base.maintain()
    base.record({START + 5_000 * MICROSECONDS: -1e6, START + 30_000 * MICROSECONDS: 1e6})
    found = check_history(base, START, START + 10 * HOUR, 200)
    assert isinstance(found, BucketColumns)
    assert (min(found.min), max(found.max)) == (-1e6, 1e6)
    assert len(base.rows("SELECT start FROM stale")) == 1


def test_a_sum_that_no_number_holds_stops_nothing(base: Base) -> None:
    values = every(1, 5_000)
    values[START + 100 * MICROSECONDS] = values[START + 101 * MICROSECONDS] = 1.7e308
    values[START + 700 * MICROSECONDS] = values[START + 701 * MICROSECONDS] = -1.7e308
    base.record(values)
    base.maintain()
    found = base.reader.history(["a"], TimeRange(START, START + 2 * HOUR), 20, 1).series["a"]
    assert isinstance(found, BucketColumns)
    assert None in found.mean
    assert (min(found.min), max(found.max)) == (-1.7e308, 1.7e308)


def test_a_reading_into_what_was_purged_is_refused(base: Base) -> None:
    base.record(every(1, 20_000))
    base.maintain()
    purged = ceiling(START, ROLLUPS[-1].width)
    with closing(sqlite3.connect(database_path(base.settings))) as file, file:
        file.execute("INSERT INTO coverage VALUES (1, 'raw', ?, NULL)", [purged])
        file.execute("DELETE FROM readings WHERE ts < ?", [purged])
    base.mended()
    result = base.recorder.commit(
        WriteBatch([Reading("a", START + 7, 5.0), Reading("a", purged, 6.0)]),
        Checkpoint(Cursor("e", EntryId(99, 0)), 99, 99),
    )
    assert base.rows("SELECT series, ts, value FROM refused") == [("a", START + 7, 5.0)]
    assert purged in [ts for (ts,) in base.rows("SELECT ts FROM readings WHERE value = 6.0")]
    assert result.refused_count == 1
    base.mended()
    found = base.reader.history(["a"], TimeRange(START, None), 50, 1).series["a"]
    assert isinstance(found, BucketColumns)
    assert sum(found.counts) == 20_000


spans = st.tuples(st.integers(0, 40), st.integers(0, 40)).map(sorted)


@given(
    st.lists(spans, min_size=4, max_size=4),
    st.lists(st.integers(0, 640), max_size=8, unique=True),
    st.tuples(st.integers(0, 40 * 4 * HOUR), st.integers(0, 40 * 4 * HOUR)).map(sorted),
    st.sampled_from([1, 5, 60, 900, 14_400, 86_400]),
)
def test_pieces_follow_each_other_and_avoid_what_is_stale(
    covered: list[list[int]], quarters: list[int], stretch: list[int], bucket: int
) -> None:
    four = ROLLUPS[-1].width
    tiers = {
        tier: Interval(start * four, end * four)
        for tier, (start, end) in zip(ROLLUPS, covered, strict=True)
    }
    stale = sorted(quarter * BLOCK_WIDTH for quarter in quarters)
    start, end = stretch
    pieces = Coverage(tiers, 0, stale).segments(Interval(start, end), bucket * MICROSECONDS)
    at = start
    for piece in pieces:
        assert piece.interval.start == at < piece.interval.end
        at = piece.interval.end
        check_piece(piece, tiers, stale)
    assert at == end or not pieces


def check_piece(piece: Segment, tiers: dict[Any, Interval], stale: list[int]) -> None:
    if piece.tier is not RAW:
        span, width = tiers[piece.tier], piece.tier.width
        assert span.start <= piece.interval.start
        assert piece.interval.end <= span.end
        assert piece.interval.start % width == piece.interval.end % width == 0
        assert not any(
            q < piece.interval.end and q + BLOCK_WIDTH > piece.interval.start for q in stale
        )

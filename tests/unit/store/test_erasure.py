"""Erasure of ranges, also where the readings were purged and only buckets are left."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.command import Erase
from services.position import Checkpoint, Cursor, EntryId
from services.reading import MICROSECONDS
from services.retention_policy import RetentionPolicy, parse_retention_rules
from services.store import TimeRange, WriteBatch, database_path
from services.store.interval import Interval, floor
from services.store.retention.deletion import MAX_ROWS
from services.store.retention.erasure import erase_range
from services.store.tiers import BLOCK_WIDTH, ROLLUPS
from tests.support.dense_series import (
    HOUR,
    START,
    DenseDatabase,
    Values,
    check_history,
    check_rollups,
    make_values,
)

HALF_A_DAY = RetentionPolicy(parse_retention_rules("raw=12h"))
MINUTE = ROLLUPS[1].width


@pytest.fixture
def database(tmp_path: Path) -> Iterator[DenseDatabase]:
    opened = DenseDatabase(tmp_path)
    yield opened
    opened.close()


@pytest.mark.long
def test_long_range_is_erased_in_parts_and_rest_is_exact(database: DenseDatabase) -> None:
    size = 3 * MAX_ROWS
    database.record(make_values(0.5, size))
    database.maintain()
    erase = Erase("a", START + HOUR, START + 8 * HOUR)
    checkpoint = Checkpoint(Cursor("e", EntryId(99, 0)), 99, 99)
    parts, finished = 0, False
    while not finished:
        finished = database.recorder.commit(WriteBatch(command=erase), checkpoint).finished
        parts += 1
        left = {ts for (ts,) in database.query("SELECT ts FROM readings")}
        database.expected = {t: v for t, v in database.expected.items() if t in left}
        assert check_rollups(database) > 0
        check_history(database, START, START + 9 * HOUR, 200)
        assert (database.recorder.checkpoint() == checkpoint) is finished
    assert parts == 3
    assert not any(erase.start <= ts <= erase.end for ts in left)
    assert len(left) == size - 7 * 7_200 - 1
    database.restart()
    assert database.query("SELECT count(*) FROM stale") == [(0,)]
    assert check_rollups(database) > 0


@pytest.fixture(scope="module")
def purged_template(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Values]:
    """A database in which the first half of the readings was purged, and all readings."""
    values = make_values(2, 60_000)
    database = DenseDatabase(tmp_path_factory.mktemp("purged"))
    database.record(values)
    database.now = max(values)
    database.maintain()
    database.recorder = database.open_recorder(HALF_A_DAY)
    database.maintain()
    ((purge_floor,),) = database.query("SELECT from_ts FROM coverage WHERE tier = 'raw'")
    assert purge_floor > START + 12 * HOUR
    database.close()
    return database_path(database.settings), values


class TestPurgedReadings:
    """Whole buckets are erased."""

    @pytest.fixture
    def values(self, purged_template: tuple[Path, Values]) -> Values:
        """The readings that were recorded."""
        return purged_template[1]

    @pytest.fixture
    def database(
        self, tmp_path: Path, purged_template: tuple[Path, Values]
    ) -> Iterator[DenseDatabase]:
        template, values = purged_template
        opened = DenseDatabase(tmp_path, template)
        opened.now = max(values)
        opened.recorder = opened.open_recorder(HALF_A_DAY)
        yield opened
        opened.close()

    @pytest.mark.parametrize("points", [5, 40, 300, 3_000])
    def test_whole_buckets_are_erased_and_all_rollups_agree(
        self, database: DenseDatabase, values: Values, points: int
    ) -> None:
        start, end = START + 5 * HOUR + 17 * MICROSECONDS, START + 9 * HOUR + 3 * MICROSECONDS
        database.apply(Erase("a", start, end))
        database.restart()
        minutes = Interval(start, end + 1).narrowed(MINUTE)
        left = sum(not minutes.start <= ts < minutes.end for ts in values)
        assert sum(database.buckets("a", points).counts) == left

    def test_many_buckets_are_erased_in_parts_and_all_rollups_agree(
        self, database: DenseDatabase
    ) -> None:
        interval = Interval(START + 2 * HOUR, START + 20 * HOUR + 1)
        sizes: list[int] = []
        finished = False
        while not finished:
            with database.engine.begin() as connection:
                finished = erase_range(connection, 1, interval, 200)
            totals = {sum(database.buckets("a", points).counts) for points in (5, 40, 300)}
            assert len(totals) == 1
            sizes += totals
        assert len(sizes) > 4
        assert sizes == sorted(sizes, reverse=True)

    def test_range_within_a_bucket_erases_nothing_and_ends(
        self, database: DenseDatabase, values: Values
    ) -> None:
        start = floor(START + 5 * HOUR, BLOCK_WIDTH) + 1
        database.apply(Erase("a", start, start + 1))
        assert sum(database.buckets("a", 100).counts) == len(values)

    def test_erasure_of_all_time_leaves_nothing(
        self, database: DenseDatabase, values: Values
    ) -> None:
        database.apply(Erase("a", 0, max(values)))
        database.restart()
        history = database.reader.history(["a"], TimeRange(0, None), 100, 1)
        assert history.series["a"].t == []

    def test_reading_of_erased_purged_time_is_refused(
        self, database: DenseDatabase, values: Values
    ) -> None:
        database.apply(Erase("a", 0, max(values)))
        assert database.record({START + 7: 1.0}).refused_count == 1

"""What is erased and deleted goes in parts, and what is left is right after each of them."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from services.command import Delete, Erase, Rename, SetUnit
from services.errors import MalformedError
from services.formats.commands import decode_command, encode_command
from services.position import Checkpoint, Cursor, EntryId
from services.reading import MICROSECONDS, Reading
from services.retention_policy import RetentionPolicy, parse_retention_rules
from services.store import BucketColumns, TimeRange, WriteBatch, database_path
from services.store.interval import Interval, ceiling, floor
from services.store.retention.deletion import MAX_ROWS
from services.store.retention.erasure import erase_range
from services.store.tiers import BLOCK_WIDTH, ROLLUPS
from tests.support.dense_series import HOUR, START, Base, Values, check_history, check_tiers, every


@pytest.fixture
def base(tmp_path: Path) -> Iterator[Base]:
    made = Base(tmp_path)
    yield made
    made.close()


@pytest.mark.parametrize(
    ("command", "text"),
    [
        (Rename("a", "ü"), '{"do":"rename","series":"a","name":"ü"}'),
        (SetUnit("a", None), '{"do":"unit","series":"a","unit":null}'),
        (Delete("a"), '{"do":"delete","series":"a"}'),
        (Erase("a", 1_500_000, 2_000_001), '{"do":"erase","series":"a","from":1.5,"to":2.000001}'),
    ],
)
def test_a_command_is_written_and_read(
    command: Rename | SetUnit | Delete | Erase, text: str
) -> None:
    assert encode_command(command).decode() == text
    assert decode_command(text.encode()) == command


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"do":"drop","series":"a"}',
        '{"do":"delete","series":""}',
        '{"do":"delete","series":"a","from":1}',
        '{"do":"erase","series":"a","from":2,"to":1}',
        '{"do":"erase","series":"a","from":1,"to":1e300}',
        '{"do":"rename","series":"a","name":"\\u0000"}',
    ],
)
def test_what_is_no_command_is_refused(text: str) -> None:
    with pytest.raises(MalformedError):
        decode_command(text.encode())


def test_a_long_range_is_erased_in_parts_and_each_is_right(base: Base) -> None:
    size = 3 * MAX_ROWS
    base.record(every(0.5, size))
    base.maintain()
    erase = Erase("a", START + HOUR, START + 8 * HOUR)
    parts = 0
    finished = False
    while not finished:
        checkpoint = Checkpoint(Cursor("e", EntryId(99, 0)), 99, 99)
        finished = base.recorder.commit(WriteBatch(command=erase), checkpoint).finished
        parts += 1
        left = {ts for (ts,) in base.rows("SELECT ts FROM readings")}
        base.expected = {t: v for t, v in base.expected.items() if t in left}
        assert check_tiers(base) > 0
        check_history(base, START, START + 9 * HOUR, 200)
        moved = base.rows("SELECT id FROM journal_position") == [("99-0",)]
        assert moved is finished
    assert parts == 3
    assert not any(erase.start <= ts <= erase.end for ts in left)
    assert len(left) == size - 7 * 7_200 - 1
    base.mended()
    assert base.rows("SELECT count(*) FROM stale") == [(0,)]
    assert check_tiers(base) > 0


def test_a_deleted_series_leaves_no_row(base: Base) -> None:
    base.record(every(0.2, 2 * MAX_ROWS))
    base.record(every(5, 100), "b")
    base.maintain()
    base.delete()
    assert [info.name for info in base.reader.list_series()] == ["b"]
    assert base.rows("SELECT DISTINCT series FROM readings_utc") == [("b",)]
    base.record(every(5, 10), "c")
    base.maintain()
    for table in ("readings", "coverage", "stale", *(tier.table for tier in ROLLUPS)):
        query = f"SELECT count(*) FROM {table} WHERE series_id NOT IN (SELECT id FROM series)"  # noqa: S608
        assert base.rows(query) == [(0,)]
    assert base.rows("SELECT count(*) FROM deleted") == [(0,)]
    assert base.rows("PRAGMA foreign_key_check") == []


def test_a_series_that_gets_the_number_of_a_deleted_one_is_told_as_it_is(base: Base) -> None:
    base.record(every(1, 5_000))
    base.maintain()
    base.delete()
    base.record(every(1, 4_000, START - 30 * HOUR))
    base.maintain()
    base.record({START - 29 * HOUR: 1e6})
    base.mended()
    assert check_tiers(base) > 0
    check_history(base, START - 31 * HOUR, START, 100)


def test_what_was_refused_of_a_range_goes_too(base: Base) -> None:
    base.record(every(1, 10))
    with closing(sqlite3.connect(database_path(base.settings))) as file, file:
        file.executemany(
            "INSERT INTO refused VALUES (1, 'a', ?, 1.0, 'full')", [(START,), (START + HOUR,)]
        )
    base.erase(START, START)
    assert base.rows("SELECT ts FROM refused") == [(START + HOUR,)]


HALF = RetentionPolicy(parse_retention_rules("raw=12h"), 0)


@pytest.fixture(scope="module")
def halved(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Values]:
    """A database of these readings, of which the first half has only buckets by now."""
    values = every(2, 60_000)
    base = Base(tmp_path_factory.mktemp("halved"))
    base.record(values)
    base.now = max(values)
    base.maintain()
    base.recorder = base.open(HALF)
    base.maintain()
    ((kept,),) = base.rows("SELECT from_ts FROM coverage WHERE tier = 'raw'")
    assert kept > START + 12 * HOUR
    base.close()
    return database_path(base.settings), values


class TestFrozen:
    """Where the readings were purged, whole buckets are erased."""

    @pytest.fixture
    def purged(self, halved: tuple[Path, Values]) -> Values:
        """What was recorded."""
        return halved[1]

    @pytest.fixture
    def base(self, tmp_path: Path, halved: tuple[Path, Values]) -> Iterator[Base]:
        made = Base(tmp_path, halved[0])
        made.now = max(halved[1])
        made.recorder = made.open(HALF)
        yield made
        made.close()

    def seen(self, base: Base, points: int) -> BucketColumns:
        found = base.reader.history(["a"], TimeRange(0, None), points, 1).series["a"]
        assert isinstance(found, BucketColumns)
        return found

    @pytest.mark.parametrize("points", [5, 40, 300, 3_000])
    def test_whole_buckets_go_and_all_tiers_agree(
        self, base: Base, purged: Values, points: int
    ) -> None:
        begin, end = START + 5 * HOUR + 17 * MICROSECONDS, START + 9 * HOUR + 3 * MICROSECONDS
        base.correct(Erase("a", begin, end))
        base.mended()
        assert sum(self.seen(base, points).counts) == self.left(purged, begin, end)

    def left(self, purged: Values, begin: int, end: int) -> int:
        """How many readings are not in a minute that lies wholly between these times."""
        minute = ROLLUPS[1].width
        first, last = ceiling(begin, minute), floor(end + 1, minute)
        return sum(not first <= ts < last for ts in purged)

    def test_many_buckets_go_in_parts_and_each_is_right(self, base: Base) -> None:
        begin, end = START + 2 * HOUR, START + 20 * HOUR
        sizes: list[int] = []
        finished = False
        while not finished:
            with base.engine.begin() as connection:
                finished = erase_range(connection, 1, Interval(begin, end + 1), 200)
            sums = {sum(self.seen(base, points).counts) for points in (5, 40, 300)}
            assert len(sums) == 1
            sizes += sums
        assert len(sizes) > 4
        assert sizes == sorted(sizes, reverse=True)

    def test_it_ends_although_buckets_stay_in_part(self, base: Base, purged: Values) -> None:
        begin = floor(START + 5 * HOUR, BLOCK_WIDTH) + 1
        base.correct(Erase("a", begin, begin + 1))
        assert sum(self.seen(base, 100).counts) == len(purged)

    def test_all_of_it_goes(self, base: Base, purged: Values) -> None:
        base.correct(Erase("a", 0, max(purged)))
        base.mended()
        assert base.reader.history(["a"], TimeRange(0, None), 100, 1).series["a"].t == []

    def test_a_reading_of_that_time_is_still_too_late(self, base: Base, purged: Values) -> None:
        base.correct(Erase("a", 0, max(purged)))
        late = Reading("a", START + 7, 1.0)
        checkpoint = Checkpoint(Cursor("e", EntryId(500, 0)), 500, 500)
        assert base.recorder.commit(WriteBatch([late]), checkpoint).refused_count == 1

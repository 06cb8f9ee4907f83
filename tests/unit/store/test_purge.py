"""What is deleted on request, and what never is."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.position import Checkpoint, Cursor, EntryId
from services.reading import MICROSECONDS, Reading
from services.retention_policy import TIER_NAMES, RetentionPolicy, parse_retention_rules
from services.store import BucketColumns, Recorder, TimeRange, WriteBatch, database_path
from services.store.interval import floor
from services.store.tiers import TIERS, WIDEST_BUCKET
from tests.support.dense_series import HOUR, START, Base, check_history, every

DAY = 24 * HOUR


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten days of a reading every 20 s, all of it rolled up."""
    made = Base(tmp_path_factory.mktemp("template"))
    made.record(every(20, 43_200))
    made.maintain()
    made.close()
    return database_path(made.settings)


@pytest.fixture
def base(tmp_path: Path, template: Path) -> Iterator[Base]:
    """A copy of that, ten days later."""
    made = Base(tmp_path, template)
    made.expected = every(20, 43_200)
    made.now = START + 10 * DAY
    yield made
    made.close()


def keep(base: Base, rules: str, size: int = 0) -> Recorder:
    """A writer with these rules that has done what there is to do."""
    base.recorder = base.open(RetentionPolicy(parse_retention_rules(rules), size))
    base.maintain()
    return base.recorder


def kept(base: Base, table: str = "readings", key: str = "ts") -> tuple[int, int]:
    """How many rows there are, and the first time of them."""
    ((size, first),) = base.rows(f"SELECT count(*), min({key}) FROM {table}")  # noqa: S608
    return size, first


def test_without_rules_everything_is_kept(base: Base) -> None:
    base.now = START + 10_000 * DAY
    assert not keep(base, "").maintenance_due
    assert kept(base) == (43_200, START)


def test_old_readings_go_and_their_buckets_stay(base: Base) -> None:
    keep(base, "raw=2d")
    size, first = kept(base)
    assert 0 <= first - floor(START + 8 * DAY, WIDEST_BUCKET) < 20 * MICROSECONDS
    assert size == len([ts for ts in base.expected if ts >= first])
    found = base.reader.history(["a"], TimeRange(START, None), 800, 1).series["a"]
    assert isinstance(found, BucketColumns)
    assert sum(found.counts) == 43_200
    assert (min(found.min), max(found.max)) == (
        min(base.expected.values()),
        max(base.expected.values()),
    )
    check_history(base, START + 9 * DAY, START + 10 * DAY, 500)


def test_what_was_purged_is_told_in_the_finest_buckets_that_are_left(base: Base) -> None:
    keep(base, "raw=2d")
    found = base.reader.history(["a"], TimeRange(START, START + HOUR), 800, 1).series["a"]
    assert isinstance(found, BucketColumns)
    assert (found.tier, found.bucket_seconds) == ("15min", 900)


def test_what_became_too_sparse_for_a_tier_is_told_in_wider_buckets(tmp_path: Path) -> None:
    base = Base(tmp_path)
    base.record(every(20, 2_000))
    base.maintain()
    base.record(every(600, 3_000, START + 12 * HOUR))
    base.mended()
    base.now = START + 21 * DAY
    keep(base, "raw=2d")
    ((ended,),) = base.rows("SELECT until_ts FROM coverage WHERE tier = '15min'")
    assert ended < kept(base)[1] - DAY
    found = base.reader.history(["a"], TimeRange(START, START + 20 * DAY), 2_000, 1).series["a"]
    assert isinstance(found, BucketColumns)
    assert (found.bucket_seconds, sum(found.counts)) == (14_400, 4_809)
    check_history(base, START, floor(START + 10 * HOUR, WIDEST_BUCKET) - 1, 800)
    base.close()


def test_of_what_is_not_there_nothing_is_purged(base: Base) -> None:
    recorder = keep(base, "raw=30d, 15min=30d")
    assert base.rows("SELECT count(*) FROM coverage WHERE from_ts > 0") == [(0,)]
    result = recorder.commit(
        WriteBatch([Reading("a", START - 40 * DAY, 7.0)]),
        Checkpoint(Cursor("e", EntryId(50, 0)), 50, 50),
    )
    assert result.refused_count == 0


def test_tiers_have_ages_of_their_own(base: Base) -> None:
    keep(base, "raw=2d, 15min=4d, 4h=6d")
    assert kept(base)[1] >= floor(START + 8 * DAY, WIDEST_BUCKET)
    assert kept(base, "rollup_15min", "start")[1] == floor(START + 6 * DAY, WIDEST_BUCKET)
    assert kept(base, "rollup_4h", "start")[1] == floor(START + 4 * DAY, WIDEST_BUCKET)
    found = base.reader.history(["a"], TimeRange(0, None), 800, 1).series["a"]
    assert isinstance(found, BucketColumns)
    assert found.t[0] * MICROSECONDS == floor(START + 4 * DAY, WIDEST_BUCKET)


def test_the_last_rule_that_fits_wins(base: Base) -> None:
    keep(base, "raw=1d, a*:raw=5d, b:raw=1d")
    assert kept(base)[1] >= floor(START + 5 * DAY, WIDEST_BUCKET)
    assert kept(base)[0] > 5 * 4_320


def test_a_series_without_tiers_is_left_alone(base: Base) -> None:
    base.record(every(3_600, 600, START - 20 * DAY), "sparse")
    keep(base, "raw=1d")
    assert base.rows("SELECT count(*) FROM readings WHERE series_id = 2") == [(600,)]


def test_what_is_stale_is_not_purged(base: Base) -> None:
    base.recorder = base.open(RetentionPolicy(parse_retention_rules("raw=1d")))
    late = START + 3 * DAY + 5
    base.recorder.commit(
        WriteBatch([Reading("a", late, 7.0)]), Checkpoint(Cursor("e", EntryId(50, 0)), 50, 50)
    )
    base.maintain()
    # Mended first, and then no obstacle any more.
    assert kept(base)[1] > floor(START + 9 * DAY, WIDEST_BUCKET)
    found = base.reader.history(["a"], TimeRange(START, None), 800, 1).series["a"]
    assert isinstance(found, BucketColumns)
    assert sum(found.counts) == 43_201


def test_a_reading_into_what_was_purged_is_refused(base: Base) -> None:
    recorder = keep(base, "raw=2d")
    result = recorder.commit(
        WriteBatch([Reading("a", START, 7.0)]), Checkpoint(Cursor("e", EntryId(50, 0)), 50, 50)
    )
    assert result.refused_count == 1
    assert base.rows("SELECT ts, value FROM refused") == [(START, 7.0)]
    base.mended()
    found = base.reader.history(["a"], TimeRange(START, None), 800, 1).series["a"]
    assert isinstance(found, BucketColumns)
    assert sum(found.counts) == 43_200


def test_above_a_size_the_oldest_readings_go(base: Base) -> None:
    ((pages, bytes_a_page),) = base.rows(
        "SELECT page_count, page_size FROM pragma_page_count, pragma_page_size"
    )
    most = pages * bytes_a_page // 2
    recorder = keep(base, "", most)
    ((pages, free),) = base.rows(
        "SELECT page_count, freelist_count FROM pragma_page_count, pragma_freelist_count"
    )
    assert (pages - free) * bytes_a_page <= most
    assert 0 < kept(base)[0] < 30_000
    assert recorder.retention_warning == ""
    found = base.reader.history(["a"], TimeRange(START, None), 800, 1).series["a"]
    assert isinstance(found, BucketColumns)
    assert sum(found.counts) == 43_200


def test_a_size_that_cannot_be_kept_is_said_and_the_newest_day_stays(base: Base) -> None:
    recorder = keep(base, "", 1_000)
    assert "larger than STRIPCHART_KEEP_SIZE" in recorder.retention_warning
    assert kept(base)[0] >= 4_320
    assert kept(base, "rollup_4h", "start")[0] >= 60


def test_a_clock_that_is_ahead_deletes_nothing(base: Base) -> None:
    base.now = START + 400 * DAY
    recorder = keep(base, "raw=2d")
    assert kept(base) == (43_200, START)
    assert "the clock was set" in recorder.retention_warning


def test_rules_name_the_tables_that_there_are() -> None:
    assert tuple(tier.name for tier in TIERS) == TIER_NAMES

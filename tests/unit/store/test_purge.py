"""The purge of old readings and buckets."""

from pathlib import Path

from services.reading import MICROSECONDS
from services.retention_policy import RetentionPolicy, parse_retention_rules
from services.store.interval import floor
from services.store.tiers import ROLLUPS, WIDEST_BUCKET
from tests.support.dense_series import (
    DAY,
    HOUR,
    START,
    DenseDatabase,
    check_history,
    make_values,
)

_15MIN, _4H = ROLLUPS[2:]
SIZE = 43_200


def test_without_rules_nothing_is_deleted(ten_days: DenseDatabase) -> None:
    ten_days.now = START + 10_000 * DAY
    ten_days.purge("")
    assert not ten_days.recorder.maintenance_due
    assert ten_days.stored() == (SIZE, START)


def test_old_readings_are_deleted_and_their_buckets_stay(ten_days: DenseDatabase) -> None:
    ten_days.purge("raw=2d")
    row_count, first = ten_days.stored()
    assert 0 <= first - floor(START + 8 * DAY, WIDEST_BUCKET) < 20 * MICROSECONDS
    assert row_count == len([ts for ts in ten_days.expected if ts >= first])
    columns = ten_days.buckets("a", start=START)
    assert sum(columns.counts) == SIZE
    values = ten_days.expected.values()
    assert (min(columns.min), max(columns.max)) == (min(values), max(values))
    check_history(ten_days, START + 9 * DAY, START + 10 * DAY, 500)


def test_purged_range_is_answered_with_finest_rollup_left(ten_days: DenseDatabase) -> None:
    ten_days.purge("raw=2d")
    columns = ten_days.buckets("a", 800, START, START + HOUR)
    assert (columns.tier, columns.bucket_seconds) == ("15min", 900)


def test_purged_range_without_finer_rollup_is_answered_with_wider_buckets(tmp_path: Path) -> None:
    database = DenseDatabase(tmp_path)
    database.record(make_values(20, 2_000))
    database.maintain()
    database.record(make_values(600, 3_000, START + 12 * HOUR))
    database.restart()
    database.now = START + 21 * DAY
    database.purge("raw=2d")
    ((ended,),) = database.query("SELECT until_ts FROM coverage WHERE tier = '15min'")
    assert ended < database.stored()[1] - DAY
    columns = database.buckets("a", 2_000, START, START + 20 * DAY)
    assert (columns.bucket_seconds, sum(columns.counts)) == (14_400, 4_809)
    check_history(database, START, floor(START + 10 * HOUR, WIDEST_BUCKET) - 1, 800)
    database.close()


def test_empty_interval_does_not_move_purge_floor(ten_days: DenseDatabase) -> None:
    ten_days.purge("raw=30d, 15min=30d")
    assert ten_days.query("SELECT count(*) FROM coverage WHERE from_ts > 0") == [(0,)]
    assert ten_days.record({START - 40 * DAY: 7.0}).refused_count == 0


def test_each_tier_has_its_own_age(ten_days: DenseDatabase) -> None:
    ten_days.purge("raw=2d, 15min=4d, 4h=6d")
    assert ten_days.stored()[1] >= floor(START + 8 * DAY, WIDEST_BUCKET)
    assert ten_days.stored(_15MIN)[1] == floor(START + 6 * DAY, WIDEST_BUCKET)
    assert ten_days.stored(_4H)[1] == floor(START + 4 * DAY, WIDEST_BUCKET)
    columns = ten_days.buckets("a", 800)
    assert columns.t[0] * MICROSECONDS == floor(START + 4 * DAY, WIDEST_BUCKET)


def test_last_matching_rule_applies(ten_days: DenseDatabase) -> None:
    ten_days.purge("raw=1d, a*:raw=5d, b:raw=1d")
    row_count, first = ten_days.stored()
    assert first >= floor(START + 5 * DAY, WIDEST_BUCKET)
    assert row_count > 5 * 4_320


def test_series_without_rollups_is_not_purged(ten_days: DenseDatabase) -> None:
    ten_days.record(make_values(3_600, 600, START - 20 * DAY), "sparse")
    ten_days.purge("raw=1d")
    assert ten_days.stored(name="sparse")[0] == 600


def test_dirty_block_is_rebuilt_before_its_readings_are_purged(ten_days: DenseDatabase) -> None:
    policy = RetentionPolicy(parse_retention_rules("raw=1d"))
    ten_days.recorder = ten_days.open_recorder(policy)
    ten_days.record({START + 3 * DAY + 5: 7.0})
    ten_days.maintain()
    assert ten_days.stored()[1] > floor(START + 9 * DAY, WIDEST_BUCKET)
    assert sum(ten_days.buckets("a", start=START).counts) == SIZE + 1


def test_reading_of_purged_time_is_refused(ten_days: DenseDatabase) -> None:
    ten_days.purge("raw=2d")
    assert ten_days.record({START: 7.0}).refused_count == 1
    assert ten_days.query("SELECT ts, value FROM refused") == [(START, 7.0)]
    ten_days.restart()
    assert sum(ten_days.buckets("a", start=START).counts) == SIZE


def test_clock_that_is_ahead_deletes_nothing(ten_days: DenseDatabase) -> None:
    ten_days.now = START + 400 * DAY
    ten_days.purge("raw=2d")
    assert ten_days.stored() == (SIZE, START)
    assert "the clock was set" in ten_days.recorder.retention_warning

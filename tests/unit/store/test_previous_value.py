"""The last value of a series before a time."""

from services.store import Reader, TimedValue, TimeRange
from services.store.interval import floor
from services.store.tiers import BLOCK_WIDTH
from tests.support.dense_series import DAY, START, DenseDatabase


def read_before(reader: Reader, start: int) -> TimedValue | None:
    found = reader.history(["a"], TimeRange(start, start + 1), 10, 1, with_before=True)
    return found.before["a"]


def test_last_reading_before_range_is_returned(ten_days: DenseDatabase) -> None:
    last = max(ts for ts in ten_days.expected if ts < START + DAY)
    assert read_before(ten_days.reader, START + DAY) == (last, ten_days.expected[last])


def test_reading_at_the_start_of_the_range_is_not_before_it(ten_days: DenseDatabase) -> None:
    first = min(ten_days.expected)
    assert read_before(ten_days.reader, first) is None
    assert read_before(ten_days.reader, first + 1) == (first, ten_days.expected[first])


def test_purged_reading_is_replaced_by_last_value_of_a_bucket(ten_days: DenseDatabase) -> None:
    ten_days.purge("raw=2d")
    ts = floor(START + DAY, BLOCK_WIDTH)
    last = max(reading for reading in ten_days.expected if reading < ts)
    assert read_before(ten_days.reader, ts) == (ts - BLOCK_WIDTH, ten_days.expected[last])


def test_history_without_the_question_has_no_value_before(ten_days: DenseDatabase) -> None:
    assert not ten_days.reader.history(["a"], TimeRange(START, START + DAY), 10, 1).before

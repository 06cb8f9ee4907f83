"""The size limit of the whole database."""

from services.store.tiers import ROLLUPS
from tests.support.dense_series import START, DenseDatabase

SIZE = 43_200


def test_oldest_readings_are_deleted_above_size(ten_days: DenseDatabase) -> None:
    ((page_count, page_bytes),) = ten_days.query(
        "SELECT page_count, page_size FROM pragma_page_count, pragma_page_size"
    )
    max_bytes = page_count * page_bytes // 2
    ten_days.purge("", max_bytes)
    ((page_count, free_count),) = ten_days.query(
        "SELECT page_count, freelist_count FROM pragma_page_count, pragma_freelist_count"
    )
    assert (page_count - free_count) * page_bytes <= max_bytes
    assert 0 < ten_days.stored()[0] < 30_000
    assert ten_days.recorder.retention_warning == ""
    assert sum(ten_days.buckets("a", start=START).counts) == SIZE


def test_size_that_is_too_small_gives_warning_and_keeps_last_day(ten_days: DenseDatabase) -> None:
    ten_days.purge("", 1_000)
    assert "larger than STRIPCHART_KEEP_SIZE" in ten_days.recorder.retention_warning
    assert ten_days.stored()[0] >= 4_320
    assert ten_days.stored(ROLLUPS[-1])[0] >= 60

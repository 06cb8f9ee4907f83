"""Coverage: the tier from which each part of an interval is read."""

from hypothesis import given
from hypothesis import strategies as st

from services.reading import MICROSECONDS
from services.store.interval import Interval
from services.store.rollup.coverage import Coverage, Segment
from services.store.tiers import BLOCK_WIDTH, RAW, ROLLUPS, WIDEST_BUCKET, Tier
from tests.support.dense_series import HOUR

MAX_BUCKETS = 40

bucket_numbers = st.tuples(st.integers(0, MAX_BUCKETS), st.integers(0, MAX_BUCKETS)).map(sorted)
times = st.integers(0, MAX_BUCKETS * 4 * HOUR)


@given(
    st.lists(bucket_numbers, min_size=4, max_size=4),
    st.lists(st.integers(0, 640), max_size=8, unique=True),
    st.tuples(times, times).map(sorted),
    st.sampled_from([1, 5, 60, 900, 14_400, 86_400]),
)
def test_segments_follow_each_other_and_avoid_dirty_blocks(
    covered: list[list[int]], blocks: list[int], edges: list[int], bucket_seconds: int
) -> None:
    rollups = {
        tier: Interval(start * WIDEST_BUCKET, end * WIDEST_BUCKET)
        for tier, (start, end) in zip(ROLLUPS, covered, strict=True)
    }
    dirty_blocks = sorted(block * BLOCK_WIDTH for block in blocks)
    interval = Interval(*edges)
    coverage = Coverage(rollups, 0, dirty_blocks)
    segments = coverage.segments(interval, bucket_seconds * MICROSECONDS)
    position = interval.start
    for segment in segments:
        assert segment.interval.start == position < segment.interval.end
        position = segment.interval.end
        check_segment(segment, rollups, dirty_blocks)
    assert position == interval.end or not segments


def check_segment(segment: Segment, rollups: dict[Tier, Interval], dirty_blocks: list[int]) -> None:
    tier, (start, end) = segment
    if tier is not RAW:
        assert rollups[tier].contains(segment.interval)
        assert start % tier.width == end % tier.width == 0
        assert not any(block < end and block + BLOCK_WIDTH > start for block in dirty_blocks)

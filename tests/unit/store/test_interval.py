"""Intervals, and their alignment to buckets."""

import pytest

from services.store.interval import Interval, ceiling, floor


@pytest.mark.parametrize(("ts", "start", "next_start"), [(0, 0, 0), (9, 0, 10), (10, 10, 10)])
def test_floor_and_ceiling_are_starts_of_buckets(ts: int, start: int, next_start: int) -> None:
    assert (floor(ts, 10), ceiling(ts, 10)) == (start, next_start)


def test_widened_interval_has_touched_buckets_and_narrowed_one_whole_buckets() -> None:
    assert Interval(5, 31).widened(10) == Interval(0, 40)
    assert Interval(5, 31).narrowed(10) == Interval(10, 30)
    assert Interval(12, 18).narrowed(10).is_empty


def test_overlap_is_the_common_part() -> None:
    assert Interval(0, 10).overlap(Interval(5, 20)) == Interval(5, 10)
    assert Interval(0, 10).overlap(Interval(10, 20)).is_empty


@pytest.mark.parametrize(
    ("inner", "expected"),
    [(Interval(0, 10), True), (Interval(2, 8), True), (Interval(2, 11), False)],
)
def test_interval_contains_only_what_is_wholly_in_it(inner: Interval, expected: bool) -> None:
    assert Interval(0, 10).contains(inner) is expected

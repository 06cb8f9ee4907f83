"""Unique times of arrival, and a clock that is distrusted after a jump."""

import pytest

from services.clock import ClockJumpGuard, TimestampAllocator
from tests.support.clock import FakeClock

NOW = 1_795_342_272_123_456
HOUR_SECONDS = 3_600
HOUR = HOUR_SECONDS * 1_000_000
DAY = 24 * HOUR


class TestTimestampAllocator:
    def test_reserved_times_are_unique(self) -> None:
        clock = FakeClock(NOW)
        timestamps = TimestampAllocator(clock)
        assert timestamps.reserve(20_000) == NOW
        clock.now = NOW + 10_000
        assert timestamps.reserve(1) == NOW + 20_000
        assert timestamps.reserve(1) == NOW + 20_001
        clock.now = NOW + 1_000_000
        assert timestamps.reserve(1) == clock.now

    def test_clock_that_is_set_back_is_followed(self) -> None:
        clock = FakeClock(NOW)
        timestamps = TimestampAllocator(clock)
        timestamps.reserve(1)
        clock.now = NOW - HOUR
        assert timestamps.reserve(1) == clock.now


class TestClockJumpGuard:
    @pytest.mark.parametrize("jump", [-400 * DAY, -2 * HOUR, 2 * HOUR, 400 * DAY])
    def test_clock_that_jumps_is_distrusted_for_a_day(self, jump: int) -> None:
        now, seconds = NOW, 0.0
        guard = ClockJumpGuard(lambda: now, lambda: seconds, lambda: NOW)
        assert guard.now() == NOW
        now, seconds = now + HOUR // 6, seconds + HOUR_SECONDS / 6
        assert guard.now() == now
        now, seconds = now + jump, seconds + 1
        assert guard.now() is None
        now, seconds = now + 23 * HOUR, seconds + 23 * HOUR_SECONDS
        assert guard.now() is None
        now, seconds = now + 2 * HOUR, seconds + 2 * HOUR_SECONDS
        assert guard.now() == now

    @pytest.mark.parametrize("downtime", [-8 * DAY, 8 * DAY])
    def test_clock_far_from_newest_known_time_is_distrusted(self, downtime: int) -> None:
        guard = ClockJumpGuard(lambda: NOW + downtime, lambda: 0.0, lambda: NOW)
        assert guard.now() is None

    def test_clock_without_known_time_is_trusted(self) -> None:
        assert ClockJumpGuard(lambda: NOW, lambda: 0.0, lambda: None).now() == NOW

"""Times of arrival."""

from services.clock import TimestampAllocator
from tests.support.clock import FakeClock

NOW = 1_795_342_272_123_456


def test_no_two_readings_get_the_same_time() -> None:
    clock = FakeClock(NOW)
    stamps = TimestampAllocator(clock)
    assert stamps.reserve(20_000) == NOW
    clock.now = NOW + 10_000
    assert stamps.reserve(1) == NOW + 20_000
    assert stamps.reserve(1) == NOW + 20_001
    clock.now = NOW + 1_000_000
    assert stamps.reserve(1) == clock.now


def test_a_clock_that_was_set_back_is_followed() -> None:
    clock = FakeClock(NOW)
    stamps = TimestampAllocator(clock)
    stamps.reserve(1)
    clock.now = NOW - 3_600_000_000
    assert stamps.reserve(1) == clock.now

"""Times of arrival."""

from services.clock import TimestampAllocator

NOW = 1_795_342_272_123_456


class Clock:
    """A clock that stands still until it is set."""

    now = NOW

    def __call__(self) -> int:
        return self.now


def test_no_two_readings_get_the_same_time() -> None:
    clock = Clock()
    stamps = TimestampAllocator(clock)
    assert stamps.reserve(20_000) == NOW
    clock.now = NOW + 10_000
    assert stamps.reserve(1) == NOW + 20_000
    assert stamps.reserve(1) == NOW + 20_001
    clock.now = NOW + 1_000_000
    assert stamps.reserve(1) == clock.now


def test_a_clock_that_was_set_back_is_followed() -> None:
    clock = Clock()
    stamps = TimestampAllocator(clock)
    stamps.reserve(1)
    clock.now = NOW - 3_600_000_000
    assert stamps.reserve(1) == clock.now

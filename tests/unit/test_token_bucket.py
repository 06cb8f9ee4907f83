"""At once while it is quiet, less often when much comes one by one."""

import pytest

from services.writer.pace import TokenBucket


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_what_comes_alone_never_waits() -> None:
    clock = Clock()
    pace = TokenBucket(20, 200, clock)
    for _ in range(1_000):
        assert pace.delay() == 0
        pace.take()
        clock.now += 0.05


def test_a_short_burst_does_not_wait_and_a_long_one_is_slowed_down() -> None:
    clock = Clock()
    pace = TokenBucket(20, 200, clock)
    waited = 0.0
    for place in range(1_000):
        pause = pace.delay()
        assert pause <= 0.05 + 1e-9
        assert pause == 0 or place >= 200
        waited += pause
        clock.now += pause
        pace.take()
    assert waited == pytest.approx(800 / 20, rel=0.01)


def test_after_a_rest_there_is_credit_again() -> None:
    clock = Clock()
    pace = TokenBucket(20, 200, clock)
    for _ in range(200):
        pace.take()
    assert pace.delay() == pytest.approx(0.05)
    clock.now += 3_600
    assert pace.delay() == 0

"""Messages are sent at once when idle, 20 times a second when busy."""

import pytest

from services.web.live.flush_scheduler import FlushScheduler
from tests.support.clock import FakeClock


class Simulation:
    """A hub that flushes when its scheduler allows, on a fake clock.

    Args:
        flush_seconds: Time that one flush takes.

    Attributes:
        flushed_at: Time of each flush.
        delays: Time that each message has waited.
    """

    def __init__(self, flush_seconds: float = 0.0) -> None:
        self.flushed_at: list[float] = []
        self.delays: list[float] = []
        self._clock = FakeClock()
        self._flush_seconds = flush_seconds
        self._scheduler = FlushScheduler(self._clock)
        self._waiting: list[float] = []

    def run(self, rate: int, seconds: float) -> None:
        """Receive `rate` messages a second, and flush each as soon as allowed."""
        clock = self._clock
        begin, end, count = clock.now, clock.now + seconds, 0
        while clock.now < end:
            flush_at = end
            if self._waiting:
                flush_at = max(clock.now + self._scheduler.delay(), self._waiting[0])
            arrives_at = begin + count / rate
            if arrives_at <= flush_at:
                clock.now = max(clock.now, arrives_at)
                self._waiting.append(arrives_at)
                self._scheduler.count_message()
                count += 1
                continue
            clock.now = flush_at
            begun_at = self._scheduler.begin()
            clock.now += self._flush_seconds
            self.flushed_at.append(begun_at)
            self.delays += [begun_at - arrived_at for arrived_at in self._waiting]
            self._waiting.clear()
            self._scheduler.end(begun_at)


@pytest.mark.parametrize("rate", [1, 20, 100])
def test_moderate_rate_sends_every_message_at_once(rate: int) -> None:
    simulation = Simulation()
    simulation.run(rate, 2.0)
    assert len(simulation.flushed_at) >= 2 * rate - 1
    assert max(simulation.delays) == 0.0


@pytest.mark.parametrize("rate", [400, 5_000])
def test_high_rate_collects_messages(rate: int) -> None:
    simulation = Simulation()
    simulation.run(rate, 2.0)
    assert len(simulation.flushed_at) <= 2 * 20 + 10
    assert max(simulation.delays) < 0.0501


def test_moderate_rate_after_burst_sends_at_once() -> None:
    simulation = Simulation()
    simulation.run(2_000, 0.5)
    simulation.run(10, 1.0)
    simulation.flushed_at.clear()
    simulation.delays.clear()
    simulation.run(10, 1.0)
    assert len(simulation.flushed_at) >= 9
    assert max(simulation.delays) == 0.0


def test_slow_flush_leaves_time_for_other_work() -> None:
    simulation = Simulation(flush_seconds=0.02)
    simulation.run(100, 2.0)
    assert 0.02 * len(simulation.flushed_at) <= 1.9
    assert max(simulation.delays) < 0.0601

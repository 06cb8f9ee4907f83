"""Age of the oldest entry, whatever the wall clock does."""

from dataclasses import dataclass

import pytest

from services.position import EntryId
from services.reading import MICROSECONDS
from services.web.api.lag_timer import LagTimer
from tests.unit.conftest import NOW

HOUR = 3_600.0
YEAR = 365 * 24 * HOUR


@dataclass
class Clocks:
    """A wall clock that tests set, and a monotonic clock, both in seconds."""

    wall: float = float(NOW // MICROSECONDS)
    monotonic: float = 5.0

    def advance(self, seconds: float) -> None:
        self.wall += seconds
        self.monotonic += seconds

    def entry(self) -> EntryId:
        """Return the id that Redis gives to an entry now."""
        return EntryId(round(self.wall * 1000), 0)


@pytest.fixture
def clocks() -> Clocks:
    return Clocks()


@pytest.fixture
def timer(clocks: Clocks) -> LagTimer:
    return LagTimer(lambda: round(clocks.wall * MICROSECONDS), lambda: clocks.monotonic)


def test_lag_is_age_of_entry(timer: LagTimer, clocks: Clocks) -> None:
    oldest = clocks.entry()
    clocks.advance(7)
    assert timer.seconds(oldest) == pytest.approx(7)
    clocks.advance(1)
    assert timer.seconds(oldest) == pytest.approx(8)
    assert timer.seconds(None) == 0


@pytest.mark.parametrize("jump", [HOUR, YEAR])
def test_clock_set_back_does_not_hide_hanging_writer(
    timer: LagTimer, clocks: Clocks, jump: float
) -> None:
    oldest = clocks.entry()
    clocks.wall -= jump
    assert timer.seconds(oldest) == 0
    clocks.advance(20)
    assert timer.seconds(oldest) == pytest.approx(20)


@pytest.mark.parametrize("jump", [HOUR, YEAR])
def test_clock_set_forward_does_not_increase_lag(
    timer: LagTimer, clocks: Clocks, jump: float
) -> None:
    assert timer.seconds(None) == 0
    clocks.advance(2)
    oldest = clocks.entry()
    clocks.wall += jump
    clocks.advance(1)
    assert timer.seconds(oldest) == pytest.approx(3)


def test_next_entry_has_its_own_lag(timer: LagTimer, clocks: Clocks) -> None:
    first = clocks.entry()
    clocks.advance(8)
    second = clocks.entry()
    clocks.advance(4)
    assert timer.seconds(first) == pytest.approx(12)
    assert timer.seconds(second) == pytest.approx(4)

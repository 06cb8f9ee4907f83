"""LagTimer measures the age of the oldest uncommitted entry, even if the wall clock jumps."""

import pytest

from services.broker.lag import Lag, LagTimer
from services.position import EntryId
from services.reading import MICROSECONDS
from tests.support.clock import FakeClock

HOUR = 3_600.0
YEAR = 365 * 24 * HOUR


class Clocks:
    """A wall clock that can be set, and a monotonic clock."""

    def __init__(self) -> None:
        self.wall = FakeClock(1_795_342_272.0)
        self.monotonic = FakeClock(5.0)

    def advance(self, seconds: float) -> None:
        self.wall.now += seconds
        self.monotonic.now += seconds

    def new_entry(self) -> EntryId:
        return EntryId(round(self.wall.now * 1000), 0)


@pytest.fixture
def clocks() -> Clocks:
    return Clocks()


@pytest.fixture
def timer(clocks: Clocks) -> LagTimer:
    return LagTimer(lambda: round(clocks.wall.now * MICROSECONDS), clocks.monotonic)


def test_entry_has_the_age_that_its_id_tells(timer: LagTimer, clocks: Clocks) -> None:
    oldest = clocks.new_entry()
    clocks.advance(7)
    assert timer.seconds(oldest, oldest) == pytest.approx(7)
    clocks.advance(1)
    assert timer.seconds(oldest, oldest) == pytest.approx(8)
    assert timer.seconds(None, None) == 0


@pytest.mark.parametrize("jump", [HOUR, YEAR])
def test_clock_set_back_does_not_hide_a_stopped_writer(
    timer: LagTimer, clocks: Clocks, jump: float
) -> None:
    oldest = clocks.new_entry()
    clocks.wall.now -= jump
    assert timer.seconds(oldest, oldest) == 0
    clocks.advance(20)
    assert timer.seconds(oldest, oldest) == pytest.approx(20)


@pytest.mark.parametrize("jump", [HOUR, YEAR])
def test_clock_set_forward_does_not_make_the_writer_late(
    timer: LagTimer, clocks: Clocks, jump: float
) -> None:
    assert timer.seconds(None, None) == 0
    clocks.advance(2)
    oldest = clocks.new_entry()
    clocks.wall.now += jump
    clocks.advance(1)
    assert timer.seconds(oldest, oldest) == pytest.approx(3)


def test_clock_set_forward_while_readings_wait_for_their_commit_makes_nothing_late(
    timer: LagTimer, clocks: Clocks
) -> None:
    """A reading each second, a commit of ten and a check every five, so there is always a lag."""
    entries: list[EntryId] = []
    ages = []
    for second in range(60):
        clocks.advance(1)
        if second == 33:
            clocks.wall.now += YEAR
        entries.append(clocks.new_entry())
        if second % 5 == 0:
            ages.append(timer.seconds(entries[second // 10 * 10], entries[-1]))
    assert max(ages) <= 10


def test_stopped_writer_is_late_however_often_that_is_checked(
    timer: LagTimer, clocks: Clocks
) -> None:
    first = newest = clocks.new_entry()
    for second in range(1_000):
        assert timer.seconds(first, newest) == pytest.approx(second)
        clocks.advance(1)
        newest = clocks.new_entry()
    assert timer.seconds(newest, newest) == pytest.approx(0)


def test_writer_that_advances_is_as_late_as_its_next_entry(timer: LagTimer, clocks: Clocks) -> None:
    first = clocks.new_entry()
    clocks.advance(8)
    second = clocks.new_entry()
    clocks.advance(4)
    assert timer.seconds(first, second) == pytest.approx(12)
    assert timer.seconds(second, second) == pytest.approx(4)


@pytest.mark.parametrize(("lag", "share"), [(Lag(50, 10), 0.5), (Lag(1, 900), 0.9), (Lag(0, 0), 0)])
def test_share_is_the_larger_one_of_entries_and_bytes(lag: Lag, share: float) -> None:
    assert lag.share(max_entries=100, max_bytes=1_000) == share

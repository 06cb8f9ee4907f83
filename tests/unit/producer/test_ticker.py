"""The times of a source's readings: steady, and never the same twice."""

import itertools
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import pairwise
from statistics import median

import fakeredis
import pytest

from services.broker import Broker, Journal
from services.cli.supervise.fake_server import new_fake_server
from services.clock import now_microseconds
from services.concurrency import Shutdown
from services.producer.outbox import Outbox
from services.producer.source_context import SourceContext
from services.reading import MICROSECONDS, Reading
from services.settings import Settings
from tests.support.journals import readings_in
from tests.support.waiting import TIMEOUT_SECONDS, wait_until

NOON = 1_795_348_800 * MICROSECONDS

Samplers = dict[str, Callable[[int], float]]


class PacedSource:
    """A source at a steady pace in a thread, whose readings stay in the outbox until `stop`."""

    def __init__(self, settings: Settings) -> None:
        self._journal = Journal(Broker(fakeredis.FakeRedis(server=new_fake_server()), settings))
        self._settings = settings
        self._shutdown = Shutdown()
        self.outbox = Outbox(self._journal, 100_000)
        self.thread = threading.Thread()

    def start(
        self, samplers: Samplers, rate: float, clock: Callable[[], int] = now_microseconds
    ) -> None:
        context = SourceContext("demo", self._settings, self.outbox, self._shutdown, clock)

        def run() -> None:
            for times in context.paced(rate):
                context.put(
                    [
                        Reading(name, ts, sample(ts))
                        for ts in times
                        for name, sample in samplers.items()
                    ]
                )

        self.thread = threading.Thread(target=run)
        self.thread.start()

    def stop(self) -> list[Reading]:
        """End the source and return all its readings."""
        self.end()
        count = len(self.outbox)
        self.outbox.flush()
        readings = readings_in(self._journal)
        assert len(readings) == count
        return readings

    def end(self) -> None:
        """End the source."""
        self._shutdown.request()
        self.thread.join(TIMEOUT_SECONDS)


@pytest.fixture
def source(settings: Settings) -> Iterator[PacedSource]:
    made = PacedSource(settings)
    yield made
    made.end()


class SettableClock:
    """A wall clock that can be set, and runs like the monotonic clock otherwise."""

    def __init__(self) -> None:
        self.offset = NOON

    def __call__(self) -> int:
        return time.monotonic_ns() // 1000 + self.offset


def has_readings(outbox: Outbox, minimum: int) -> bool:
    return len(outbox) >= minimum


@pytest.mark.parametrize("rate", [20.0, 1_000.0])
def test_readings_have_a_steady_pace(source: PacedSource, rate: float) -> None:
    wanted = int(rate / 4)
    source.start({"a": float, "b": float}, rate)
    wait_until("readings of a quarter of a second", lambda: len(source.outbox) >= 2 * wanted)
    readings = source.stop()
    assert not source.thread.is_alive()
    for name in ("a", "b"):
        times = [reading.ts for reading in readings if reading.series == name]
        assert len(times) >= wanted
        assert times == sorted(set(times))
        # The median, because a machine that pauses for a moment leaves a larger distance.
        distance = median(later - earlier for earlier, later in pairwise(times))
        assert distance == pytest.approx(MICROSECONDS / rate, rel=0.05)
    assert all(reading.value == float(reading.ts) for reading in readings)


def test_late_tick_does_not_overlap_the_next(source: PacedSource) -> None:
    calls = itertools.count()

    def slow_once(ts: int) -> float:
        if next(calls) == 50:
            # One and a half ticks of a source that does not respond.
            time.sleep(0.03)
        return float(ts)

    source.start({"a": slow_once}, 1_000.0)
    wait_until("readings after the slow one", lambda: len(source.outbox) >= 150)
    times = [reading.ts for reading in source.stop()]
    assert times == sorted(set(times))


def test_shutdown_ends_a_long_wait(source: PacedSource) -> None:
    source.start({"a": float}, 0.001)
    wait_until("the first reading", lambda: len(source.outbox) == 1)
    source.stop()
    assert not source.thread.is_alive()


@pytest.mark.parametrize("rate", [50.0, 1_000.0])
@pytest.mark.parametrize("seconds", [-31_536_000, -3_600, -0.1, 3_600, 31_536_000])
def test_clock_that_is_set_loses_no_reading(
    source: PacedSource, rate: float, seconds: float
) -> None:
    """A reading with the time of an earlier one would replace it."""
    clock = SettableClock()
    source.start({"a": float}, rate, clock)
    readings_per_turn = max(3, int(rate / 25))
    for turn, offset in enumerate((0.0, seconds, 0.0, seconds, 0.0), 1):
        clock.offset = NOON + round(offset * MICROSECONDS)
        wait_until("more readings", partial(has_readings, source.outbox, turn * readings_per_turn))
    readings = source.stop()
    assert len(readings) >= 5 * readings_per_turn
    assert len({reading.ts for reading in readings}) == len(readings)

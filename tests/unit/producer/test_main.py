"""Made-up readings, and the pace of every source."""

import random
import threading
import time
from collections.abc import Callable
from functools import partial
from itertools import count, pairwise
from statistics import median

import fakeredis
import pytest

from services.broker import Broker, Journal
from services.clock import now_microseconds
from services.concurrency import Shutdown
from services.formats.json import decode_entry
from services.position import JOURNAL_START
from services.producer.outbox import Outbox
from services.producer.source_context import SourceContext
from services.producer.sources import random as evenly
from services.producer.sources import sine, walk
from services.producer.synthetic import Shape, samplers
from services.reading import MICROSECONDS, Reading
from services.settings import Settings
from tests.support.servers import PATIENCE, wait_until

SETTINGS = Settings.from_environ({})
NOON = 1_795_348_800 * MICROSECONDS


def seeded(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 (the same numbers in every run)


def sampled(shape: Shape, seed: int) -> Callable[[int], float]:
    return shape(0, seeded(seed))


@pytest.mark.parametrize("shape", [evenly.shape, walk.shape, sine.shape])
def test_every_shape_stays_between_0_and_100(shape: Shape) -> None:
    sampler = sampled(shape, 7)
    values = [sampler(ts * MICROSECONDS) for ts in range(5_000)]
    assert min(values) >= 0
    assert max(values) <= 100
    assert max(values) - min(values) > 50


def test_random_values_fill_the_range_evenly() -> None:
    sampler = sampled(evenly.shape, 7)
    values = [sampler(0) for _ in range(10_000)]
    for edge in range(0, 100, 10):
        assert 800 < sum(edge <= value < edge + 10 for value in values) < 1_200


def test_a_walk_goes_in_small_steps() -> None:
    sampler = sampled(walk.shape, 7)
    values = [sampler(0) for _ in range(1_000)]
    assert max(abs(later - earlier) for earlier, later in pairwise(values)) < 12


def test_a_sine_depends_on_nothing_but_the_time() -> None:
    first, again = sampled(sine.shape, 1), sampled(sine.shape, 2)
    assert first(12_345_678) == again(12_345_678)
    assert first(15 * MICROSECONDS) == pytest.approx(100)
    assert first(45 * MICROSECONDS) == pytest.approx(0)


def test_series_have_names_and_values_of_their_own() -> None:
    chosen = list(samplers("walk", walk.shape, 3, seeded(7)))
    assert [name for name, _ in chosen] == ["demo.walk", "demo.walk.2", "demo.walk.3"]
    assert len({sampler(0) for _, sampler in chosen}) == 3


def sample(
    series: list[tuple[str, Callable[[int], float]]],
    rate: float,
    outbox: Outbox,
    stop: Shutdown,
    clock: Callable[[], int] = now_microseconds,
) -> None:
    """A source at a steady pace."""
    feed = SourceContext("demo", SETTINGS, outbox, stop, clock)
    for times in feed.paced(rate):
        feed.put([Reading(name, ts, sampler(ts)) for ts in times for name, sampler in series])


@pytest.mark.parametrize("rate", [20.0, 1_000.0])
def test_readings_are_made_at_a_steady_pace(rate: float) -> None:
    journal = Journal(Broker(fakeredis.FakeRedis(), SETTINGS))
    outbox, stop = Outbox(journal, 100_000), Shutdown()
    wanted = int(rate / 4)
    thread = threading.Thread(
        target=sample, args=[[("a", float), ("b", float)], rate, outbox, stop]
    )
    thread.start()
    wait_until("a quarter of a second of readings", lambda: len(outbox) >= 2 * wanted)
    stop.request()
    thread.join(PATIENCE)
    assert not thread.is_alive()
    assert outbox.flush()
    readings = published(journal)
    for name in ("a", "b"):
        times = [r.ts for r in readings if r.series == name]
        assert len(times) >= wanted
        assert times == sorted(set(times))
        # Not every distance: a machine that stands still for a moment leaves a hole.
        distance = median(later - earlier for earlier, later in pairwise(times))
        assert distance == pytest.approx(MICROSECONDS / rate, rel=0.05)
    assert all(r.value == float(r.ts) for r in readings)


def test_a_late_tick_does_not_run_into_the_next() -> None:
    journal = Journal(Broker(fakeredis.FakeRedis(), SETTINGS))
    outbox, stop, calls = Outbox(journal, 100_000), Shutdown(), count()

    def slow_for_once(ts: int) -> float:
        if next(calls) == 50:
            # One and a half ticks of a source that does not answer.
            time.sleep(0.03)
        return float(ts)

    thread = threading.Thread(target=sample, args=[[("a", slow_for_once)], 1_000.0, outbox, stop])
    thread.start()
    wait_until("readings after the slow one", lambda: len(outbox) >= 150)
    stop.request()
    thread.join(PATIENCE)
    assert outbox.flush()
    times = [r.ts for r in published(journal)]
    assert times == sorted(set(times))


def test_a_stop_ends_a_long_pause() -> None:
    outbox, stop = Outbox(Journal(Broker(fakeredis.FakeRedis(), SETTINGS)), 10), Shutdown()
    thread = threading.Thread(target=sample, args=[[("a", float)], 0.001, outbox, stop])
    thread.start()
    wait_until("the first reading", lambda: len(outbox) == 1)
    stop.request()
    thread.join(PATIENCE)
    assert not thread.is_alive()


class Jumping:
    """A wall clock that can be set, and else runs exactly as the monotonic one does."""

    def __init__(self) -> None:
        self.offset = NOON

    def __call__(self) -> int:
        return time.monotonic_ns() // 1000 + self.offset


@pytest.mark.parametrize("rate", [50.0, 1_000.0])
@pytest.mark.parametrize("seconds", [-31_536_000, -3_600, -0.1, 3_600, 31_536_000])
def test_a_clock_that_is_set_costs_no_reading(rate: float, seconds: float) -> None:
    """Series and time identify a reading: one with a time that was given out would replace it."""
    journal = Journal(Broker(fakeredis.FakeRedis(), SETTINGS))
    outbox, stop, clock = Outbox(journal, 100_000), Shutdown(), Jumping()
    thread = threading.Thread(target=sample, args=[[("a", float)], rate, outbox, stop, clock])
    thread.start()
    enough = max(3, int(rate / 25))
    for turn, offset in enumerate((0.0, seconds, 0.0, seconds, 0.0), 1):
        clock.offset = NOON + round(offset * MICROSECONDS)
        wait_until("some readings more", partial(_holds, outbox, turn * enough))
    stop.request()
    thread.join(PATIENCE)
    made = len(outbox)
    assert outbox.flush()
    assert len({r.ts for r in published(journal)}) == made


def _holds(outbox: Outbox, least: int) -> bool:
    return len(outbox) >= least


def published(journal: Journal) -> list[Reading]:
    """All readings that the journal holds."""
    entries = journal.read(JOURNAL_START, 10_000).entries
    return [r for entry in entries for r in decode_entry(entry.text).readings]

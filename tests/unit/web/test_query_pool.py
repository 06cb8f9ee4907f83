"""Queries wait in bounded lanes, and end when they take too long or nobody waits for them."""

from collections.abc import Callable, Iterator
from threading import Event, Lock
from typing import Any

import gevent
import pytest
from werkzeug.exceptions import ClientDisconnected, ServiceUnavailable

from services.concurrency import Interrupt
from services.web.http.clients import THIS_PROCESS, Client
from services.web.http.query_pool import QueryLimits, QueryPool

TIMEOUT_SECONDS = 30.0


def start(
    pool: QueryPool,
    query: Callable[[Interrupt], object],
    client: Client = THIS_PROCESS,
    *,
    is_large: bool = False,
) -> gevent.Greenlet:
    """Start a query in a greenlet of its own."""
    greenlet = gevent.spawn(pool.run, query, client, is_large=is_large)
    gevent.sleep(0)
    return greenlet


def results(*greenlets: gevent.Greenlet) -> list[object]:
    return [greenlet.get(timeout=TIMEOUT_SECONDS) for greenlet in greenlets]


def wait_for_interrupt(interrupt: Interrupt) -> bool:
    end = TIMEOUT_SECONDS / 0.005
    while not interrupt.check() and end > 0:
        Event().wait(0.005)
        end -= 1
    return interrupt.check()


@pytest.fixture
def release() -> Iterator[Event]:
    """An event that ends the queries of a test, which wait for it."""
    event = Event()
    yield event
    event.set()


def pool_with(**limits: Any) -> QueryPool:
    patient = QueryLimits(TIMEOUT_SECONDS, 50, 50, 0.0, TIMEOUT_SECONDS, TIMEOUT_SECONDS)
    return QueryPool(patient._replace(**limits))


class TestTurns:
    """Queries of a lane run one after the other."""

    def test_queries_run_one_at_a_time(self) -> None:
        pool = pool_with()
        running = Lock()

        def run_alone(_interrupt: Interrupt) -> bool:
            if not running.acquire(blocking=False):
                return False
            Event().wait(0.01)
            running.release()
            return True

        assert all(results(*[start(pool, run_alone) for _ in range(8)]))

    def test_slow_query_lets_others_pass(self) -> None:
        pool = pool_with(turn_seconds=0.05)
        passed = Event()
        slow = start(pool, lambda _: passed.wait(TIMEOUT_SECONDS))
        assert results(start(pool, lambda _: passed.set()), slow) == [None, True]

    def test_small_query_does_not_wait_for_large_ones(self, release: Event) -> None:
        pool = pool_with()
        large = [start(pool, lambda _: release.wait(TIMEOUT_SECONDS), is_large=True) for _ in "abc"]
        assert results(start(pool, lambda _: 7)) == [7]
        release.set()
        assert results(*large) == [True] * 3

    def test_pool_is_busy_while_a_query_runs(self) -> None:
        pool = QueryPool()
        assert not pool.is_busy
        assert pool.run(lambda _: pool.is_busy)
        assert pool.run(lambda _: pool.is_busy, is_large=True)
        assert not pool.is_busy

    def test_query_gives_way_while_requests_wait(self) -> None:
        congestion = iter([True, False, False])
        pool = QueryPool(is_congested=lambda: next(congestion))
        assert pool.run(Interrupt.check) is False
        assert list(congestion) == [False]

    def test_query_makes_progress_in_lasting_congestion(self) -> None:
        assert QueryPool(is_congested=lambda: True).run(Interrupt.check) is False

    def test_error_of_a_query_is_raised_and_ends_its_turn(self) -> None:
        pool = pool_with()

        def fail(_interrupt: Interrupt) -> None:
            raise KeyError("no")

        with pytest.raises(KeyError):
            pool.run(fail)
        assert pool.run(lambda _: 7) == 7


class TestLimits:
    """A query that has to wait or takes too long is given up."""

    def test_query_beyond_the_waiting_ones_is_refused(self, release: Event) -> None:
        pool = pool_with(max_waiting=2)
        accepted = [start(pool, lambda _: release.wait(TIMEOUT_SECONDS)) for _ in "abc"]
        with pytest.raises(ServiceUnavailable):
            pool.run(lambda _: 7)
        release.set()
        assert results(*accepted) == [True] * 3
        assert pool.run(lambda _: 7) == 7

    def test_address_with_many_waiting_queries_leaves_places_to_others(
        self, release: Event
    ) -> None:
        pool = pool_with(max_waiting_per_address=2)
        greedy, other = (Client(address, THIS_PROCESS.is_gone) for address in ("10.0.0.1", "::1"))
        accepted = [start(pool, lambda _: release.wait(TIMEOUT_SECONDS), greedy) for _ in "abc"]
        with pytest.raises(ServiceUnavailable):
            pool.run(lambda _: 7, greedy)
        accepted.append(start(pool, lambda _: True, other))
        release.set()
        assert results(*accepted) == [True] * 4
        assert pool.run(lambda _: 7, greedy) == 7

    def test_query_that_has_waited_too_long_is_refused(self, release: Event) -> None:
        pool = pool_with(wait_seconds=0.05)
        running = start(pool, lambda _: release.wait(TIMEOUT_SECONDS))
        with pytest.raises(ServiceUnavailable):
            pool.run(lambda _: 7)
        release.set()
        assert results(running) == [True]

    def test_query_is_interrupted_at_its_time_limit(self) -> None:
        assert pool_with(run_seconds=0.05).run(wait_for_interrupt)

    def test_waiting_query_of_a_gone_client_is_never_run(self, release: Event) -> None:
        pool = pool_with()
        running = start(pool, lambda _: release.wait(TIMEOUT_SECONDS))
        with pytest.raises(ClientDisconnected):
            pool.run(lambda _: pytest.fail("it was run"), Client("a", lambda: True))
        release.set()
        assert results(running) == [True]

    def test_query_whose_client_is_gone_at_its_turn_is_never_run(self, release: Event) -> None:
        pool = pool_with()
        running = start(pool, lambda _: release.wait(TIMEOUT_SECONDS))
        gone = Client("a", release.is_set)
        waiting = start(pool, lambda _: pytest.fail("it was run"), gone)
        release.set()
        with pytest.raises(ClientDisconnected):
            waiting.get(timeout=TIMEOUT_SECONDS)
        assert results(running) == [True]
        assert pool.run(lambda _: 7) == 7

    def test_running_query_of_a_gone_client_is_interrupted(self) -> None:
        pool, is_running = pool_with(), Event()

        def run(interrupt: Interrupt) -> bool:
            is_running.set()
            return wait_for_interrupt(interrupt)

        assert results(start(pool, run, Client("a", is_running.is_set))) == [True]

    def test_refused_query_of_a_gone_client_ends_early(self) -> None:
        pool = pool_with(max_waiting=0, refuse_seconds=TIMEOUT_SECONDS)
        refused = start(pool, lambda _: 7, Client("a", lambda: True))
        with pytest.raises(ClientDisconnected):
            refused.get(timeout=TIMEOUT_SECONDS / 2)

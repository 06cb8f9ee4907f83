"""Calls run one after the other, but none waits long for a slow one."""

from collections.abc import Callable
from threading import Event, Lock

import gevent
import pytest

from services.web.http.query_pool import QueryPool

TIMEOUT_SECONDS = 30.0


def start(pool: QueryPool, function: Callable[[], object]) -> gevent.Greenlet:
    """Start a call in a greenlet of its own."""
    greenlet = gevent.spawn(pool.run, function)
    gevent.sleep(0)
    return greenlet


def results(*greenlets: gevent.Greenlet) -> list[object]:
    return [greenlet.get(timeout=TIMEOUT_SECONDS) for greenlet in greenlets]


def test_calls_run_one_at_a_time() -> None:
    pool = QueryPool(turn_seconds=TIMEOUT_SECONDS)
    running = Lock()

    def run_alone() -> bool:
        if not running.acquire(blocking=False):
            return False
        Event().wait(0.01)
        running.release()
        return True

    assert all(results(*[start(pool, run_alone) for _ in range(8)]))


def test_slow_call_lets_others_pass() -> None:
    pool = QueryPool(turn_seconds=0.05)
    passed = Event()
    slow = start(pool, lambda: passed.wait(TIMEOUT_SECONDS))
    assert results(start(pool, passed.set), slow) == [None, True]


def test_pool_is_busy_while_a_call_runs() -> None:
    pool = QueryPool()
    assert not pool.is_busy
    assert pool.run(lambda: pool.is_busy)
    assert not pool.is_busy


def test_error_of_a_call_is_raised_and_ends_its_turn() -> None:
    pool = QueryPool(turn_seconds=TIMEOUT_SECONDS)

    def fail() -> None:
        raise KeyError("no")

    with pytest.raises(KeyError):
        pool.run(fail)
    assert pool.run(lambda: 7) == 7

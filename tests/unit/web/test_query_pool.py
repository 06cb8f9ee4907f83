"""Questions to the database: one after the other, but none waits long for a slow one."""

from collections.abc import Callable
from threading import Event, Lock

import gevent
import pytest

from services.web.http.query_pool import QueryPool

PATIENCE = 30.0


def asked(queries: QueryPool, question: Callable[[], object]) -> gevent.Greenlet:
    asking = gevent.spawn(queries.run, question)
    gevent.sleep(0)
    return asking


def answers(*asking: gevent.Greenlet) -> list[object]:
    return [each.get(timeout=PATIENCE) for each in asking]


def test_one_is_answered_after_the_other() -> None:
    queries = QueryPool(turn_seconds=PATIENCE)
    busy = Lock()

    def question() -> bool:
        if not busy.acquire(blocking=False):
            return False
        Event().wait(0.01)
        busy.release()
        return True

    assert all(answers(*[asked(queries, question) for _ in range(8)]))


def test_a_slow_one_lets_others_pass() -> None:
    queries = QueryPool(turn_seconds=0.05)
    quick = Event()
    slow = asked(queries, lambda: quick.wait(PATIENCE))
    assert answers(asked(queries, quick.set), slow) == [None, True]


def test_it_is_busy_while_one_is_answered() -> None:
    queries = QueryPool()
    assert not queries.busy
    assert queries.run(lambda: queries.busy)
    assert not queries.busy


def test_what_a_question_raises_is_raised_and_ends_its_turn() -> None:
    queries = QueryPool(turn_seconds=PATIENCE)

    def question() -> None:
        raise KeyError("no")

    with pytest.raises(KeyError):
        queries.run(question)
    assert queries.run(lambda: 7) == 7

"""Calls whose result several callers share."""

import gevent
import pytest
from gevent.event import Event

from services.web.http.shared_call import SharedCall


class Check:
    """A function that returns the number of its call, once the test lets it end."""

    def __init__(self) -> None:
        self.calls = 0
        self.may_end = Event()

    def __call__(self) -> int:
        self.calls += 1
        number = self.calls
        self.may_end.wait()
        if number == 3:
            raise ValueError("third")
        return number


def test_callers_during_a_call_share_the_next_one() -> None:
    check = Check()
    call = SharedCall(check)
    first = gevent.spawn(call.result)
    gevent.idle()
    others = [gevent.spawn(call.result) for _ in range(100)]
    gevent.idle()
    assert check.calls == 1
    check.may_end.set()
    assert first.get(timeout=5) == 1
    assert {other.get(timeout=5) for other in others} == {2}


def test_error_reaches_each_caller_and_later_calls_succeed() -> None:
    check = Check()
    call = SharedCall(check)
    check.may_end.set()
    assert [call.result(), call.result()] == [1, 2]
    check.may_end.clear()
    callers = [gevent.spawn(call.result) for _ in range(3)]
    gevent.idle()
    check.may_end.set()
    gevent.joinall(callers, timeout=5)
    with pytest.raises(ValueError, match="third"):
        callers[0].get()
    assert [callers[1].get(), callers[2].get()] == [4, 4]


def test_killed_caller_leaves_nobody_waiting() -> None:
    check = Check()
    call = SharedCall(check)
    running = gevent.spawn(call.result)
    gevent.idle()
    leader = gevent.spawn(call.result)
    gevent.idle()
    follower = gevent.spawn(call.result)
    gevent.idle()
    leader.kill()
    assert isinstance(follower.get(timeout=5), gevent.GreenletExit)
    check.may_end.set()
    assert running.get(timeout=5) == 1
    assert call.result() == 2


def test_waiting_ends_with_a_call_that_began_later() -> None:
    check = Check()
    call = SharedCall(check)
    first = gevent.spawn(call.wait, 5.0)
    gevent.idle()
    second = gevent.spawn(call.wait, 5.0)
    gevent.idle()
    check.may_end.set()
    gevent.joinall([first, second], timeout=5)
    assert check.calls == 2


def test_waiting_has_an_end_and_the_call_goes_on() -> None:
    check = Check()
    call = SharedCall(check)
    call.wait(0.01)
    assert check.calls == 1
    check.may_end.set()
    assert call.result() == 2

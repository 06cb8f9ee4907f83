"""The turns of waiting requests."""

from collections.abc import Iterable

import gevent
import pytest

from services.web.http.fair_queue import FairQueue


class Requests:
    """Requests in greenlets, which note their names when they start.

    Attributes:
        started: The names of the started requests, in order.
    """

    def __init__(self, slice_seconds: float = 0.0) -> None:
        self._now = 0.0
        self.queue = FairQueue(slice_seconds, clock=lambda: self._now)
        self._greenlets: list[gevent.Greenlet[..., None]] = []
        self.started: list[str] = []

    def add(
        self,
        lane: str,
        address: str,
        names: Iterable[str],
        seconds: float = 1.0,
        weight: int = 1,
    ) -> None:
        """Let requests arrive, in this order, each of which keeps the event loop for a time."""
        for name in names:
            self._greenlets.append(gevent.spawn(self._run, lane, address, name, seconds, weight))

    def join(self) -> list[str]:
        """Wait until all have started, and return their names in order."""
        gevent.joinall(self._greenlets, timeout=10, raise_error=True)
        assert all(greenlet.ready() for greenlet in self._greenlets)
        return self.started

    def _run(self, lane: str, address: str, name: str, seconds: float, weight: int) -> None:
        self.queue.wait(lane, address, weight)
        self.started.append(name)
        self._now += seconds


def test_single_request_starts_at_once() -> None:
    queue = FairQueue()
    for _ in range(3):
        queue.wait("read", "a")
        # The queue is idle again after an iteration of the loop.
        gevent.sleep(0.01)


def test_requests_of_an_address_start_in_order() -> None:
    requests = Requests()
    requests.add("read", "a", "12345")
    assert requests.join() == list("12345")


@pytest.mark.parametrize("slice_seconds", [0.0, 3.0, 100.0])
def test_lanes_and_addresses_take_turns(slice_seconds: float) -> None:
    requests = Requests(slice_seconds)
    requests.add("read", "attacker", "0123456")
    requests.add("read", "other", "xy")
    requests.add("write", "attacker", "AB")
    requests.add("health", "attacker", "h")
    assert "".join(requests.join()) == "01AhxB2y3456"


def test_lanes_get_the_same_time() -> None:
    requests = Requests()
    requests.add("large write", "attacker", "LLLL", seconds=4.0)
    requests.add("write", "other", "0123456789")
    # The first one starts at once, before there is a queue.
    assert "".join(requests.join()) == "LL0123L4567L89"


def test_lane_of_more_weight_gets_less_time() -> None:
    requests = Requests()
    requests.add("read again", "attacker", "ABC", weight=4)
    requests.add("read", "other", "0123456789")
    # The first one starts at once, before there is a queue.
    assert "".join(requests.join()) == "AB0123C456789"


def test_lane_that_was_empty_does_not_catch_up() -> None:
    requests = Requests()
    requests.add("read", "attacker", "0123456789")
    while len(requests.started) < 5:
        gevent.sleep(0)
    requests.add("write", "other", "ABCD")
    assert "".join(requests.join()) in {"01234A5B6C7D89", "012345A6B7C8D9"}


def test_requests_that_arrive_together_do_not_hold_up_later_ones() -> None:
    requests = Requests()
    requests.add("read", "attacker", "0123456789")
    while len(requests.started) < 4:
        gevent.sleep(0)
    # A request takes a second, so this one arrives in another period.
    requests.add("read", "attacker", "x")
    assert requests.join().index("x") <= 6


def test_full_lane_refuses_the_oldest_request_of_the_greediest_address() -> None:
    queue = FairQueue(max_waiting=4)
    results: list[str] = []

    def wait(lane: str, address: str, number: int) -> None:
        has_turn = queue.wait(lane, address, may_be_refused=True)
        results.append(f"{address}{number}" if has_turn else f"no {address}{number}")

    arrivals = [("write", "a", 0), ("read", "b", 1), ("read", "a", 2), ("read", "a", 3)]
    arrivals += [("read", "b", 4), ("read", "a", 5), ("write", "a", 6)]
    greenlets = [gevent.spawn(wait, *arrival) for arrival in arrivals]
    gevent.joinall(greenlets, timeout=10, raise_error=True)
    assert [result for result in results if "no" in result] == ["no a2"]
    assert len(results) == len(arrivals)


def test_continued_request_is_never_refused() -> None:
    queue = FairQueue(max_waiting=1)
    greenlets = [gevent.spawn(queue.wait, "read continued", "a") for _ in range(10)]
    gevent.joinall(greenlets, timeout=10, raise_error=True)
    assert all(greenlet.value for greenlet in greenlets)


def test_queue_is_busy_while_requests_wait() -> None:
    requests = Requests()
    requests.add("read", "a", "123")
    gevent.sleep(0)
    states = [requests.queue.is_busy]
    requests.join()
    states.append(requests.queue.is_busy)
    assert states == [True, False]


def test_other_work_goes_on_between_requests() -> None:
    requests = Requests()
    requests.add("read", "a", map(str, range(100)))
    gevent.sleep(0)
    seen = set()
    while len(requests.started) < 100:
        seen.add(len(requests.started))
        gevent.sleep(0)
    # Each request but the first ones is followed by other work.
    assert len(seen) > 50


def test_killed_request_leaves_the_others_their_turn() -> None:
    requests = Requests()
    requests.add("read", "a", "1")
    gevent.sleep(0)
    killed = gevent.spawn(requests.queue.wait, "read", "a")
    requests.add("read", "a", "23")
    gevent.sleep(0)
    killed.kill()
    assert requests.join() == list("123")

"""Turns of connections that are ready at the same time."""

import gevent

from services.web.http.turns import Turns
from tests.support.waiting import TIMEOUT_SECONDS


def test_client_that_never_pauses_lets_others_proceed() -> None:
    turns = Turns()
    served = {"greedy": 0}

    def be_greedy() -> None:
        while True:
            turns.wait("192.0.2.1", is_new=False)
            served["greedy"] += 1

    greenlet = gevent.spawn(be_greedy)
    with gevent.Timeout(TIMEOUT_SECONDS):
        turns.wait("192.0.2.1", is_new=True)
        gevent.sleep(0.001)
    assert served["greedy"] > 0
    greenlet.kill()


def test_addresses_are_served_in_turn_and_newcomers_first() -> None:
    turns = Turns()
    order: list[str] = []

    def serve(address: str, name: str, *, is_new: bool) -> None:
        turns.wait(address, is_new=is_new)
        order.append(name)

    greenlets = [gevent.spawn(serve, "a", "unhindered", is_new=False) for _ in range(4)]
    greenlets += [gevent.spawn(serve, "a", f"old {i}", is_new=False) for i in range(3)]
    greenlets += [gevent.spawn(serve, "a", f"new {i}", is_new=True) for i in range(3)]
    greenlets.append(gevent.spawn(serve, "b", "other address", is_new=False))
    gevent.joinall(greenlets, timeout=TIMEOUT_SECONDS)
    assert order == [
        *["unhindered"] * 4,
        "new 2",
        "other address",
        "new 0",
        "new 1",
        "old 0",
        "old 1",
        "old 2",
    ]

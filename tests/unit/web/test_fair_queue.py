"""The turns of waiting requests."""

from collections.abc import Iterable
from types import SimpleNamespace

import gevent
import pytest
from werkzeug.test import EnvironBuilder, run_wsgi_app

from services.web.http.fair_queue import FairQueue, FairQueueMiddleware


class Requests:
    """Requests in greenlets, which note their names when they start.

    Attributes:
        started: The names of the started requests, in order.
    """

    def __init__(self, slice_seconds: float = 0.0) -> None:
        self.queue = FairQueue(slice_seconds)
        self._greenlets: list[gevent.Greenlet[..., None]] = []
        self.started: list[str] = []

    def add(self, lane: str, address: str, names: Iterable[str]) -> None:
        """Let requests arrive, in this order."""
        for name in names:
            self._greenlets.append(gevent.spawn(self._run, lane, address, name))

    def join(self) -> list[str]:
        """Wait until all have started, and return their names in order."""
        gevent.joinall(self._greenlets, timeout=10, raise_error=True)
        assert all(greenlet.ready() for greenlet in self._greenlets)
        return self.started

    def _run(self, lane: str, address: str, name: str) -> None:
        self.queue.wait(lane, address)
        self.started.append(name)


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


@pytest.mark.parametrize("slice_seconds", [0.0, 1.0])
def test_lanes_and_addresses_take_turns(slice_seconds: float) -> None:
    requests = Requests(slice_seconds)
    requests.add("read", "attacker", "0123456")
    requests.add("read", "other", "xy")
    requests.add("write", "attacker", "AB")
    requests.add("health", "attacker", "h")
    assert "".join(requests.join()) == "01AhxB2y3456"


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


def test_failed_request_leaves_the_others_their_turn() -> None:
    def application(environ: dict[str, object], start_response: object) -> list[bytes]:
        if environ["PATH_INFO"] == "/bad":
            raise ValueError("bad")
        start_response("200 OK", [])  # type: ignore[operator]
        return [b"good"]

    queued = FairQueueMiddleware(application)

    def get(path: str) -> str:
        return run_wsgi_app(queued, EnvironBuilder(path=path).get_environ())[1]

    greenlets = [gevent.spawn(get, path) for path in ("/", "/bad", "/live", "/bad", "/livez", "/")]
    gevent.joinall(greenlets, timeout=10)
    assert [greenlet.successful() for greenlet in greenlets] == [
        True,
        False,
        True,
        False,
        True,
        True,
    ]


def test_further_requests_of_connections_do_not_delay_newcomers() -> None:
    started = []

    def application(environ: dict[str, object], start_response: object) -> list[bytes]:
        started.append(environ["QUERY_STRING"])
        start_response("200 OK", [])  # type: ignore[operator]
        return [b""]

    queued = FairQueueMiddleware(application)

    def get(name: str, is_new: bool) -> None:
        environ = EnvironBuilder("/livez", query_string=name).get_environ()
        environ["gunicorn.socket"] = SimpleNamespace(is_new=is_new)
        run_wsgi_app(queued, environ)

    greenlets = [gevent.spawn(get, str(number), False) for number in range(10)]
    greenlets.append(gevent.spawn(get, "new", True))
    gevent.joinall(greenlets, timeout=10, raise_error=True)
    assert started.index("new") <= 2

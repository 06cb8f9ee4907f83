"""Redis that goes, hangs or loses replies: all come back by themselves, and nothing is lost."""

import json
import sys
import threading
import time
import urllib.error
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import websocket

from tests.support.redis_proxy import RedisProxy
from tests.support.redis_server import RedisServer
from tests.support.stack import Stack
from tests.support.waiting import TIMEOUT_SECONDS, time_limit, wait_until

pytestmark = [pytest.mark.redis, pytest.mark.long]


@pytest.fixture
def proxy(redis_server: RedisServer) -> Iterator[RedisProxy]:
    """What our processes take for Redis."""
    made = RedisProxy(redis_server.port).start()
    yield made
    made.close()


@pytest.fixture
def behind(tmp_path: Path, redis_server: RedisServer, proxy: RedisProxy) -> Iterator[Stack]:
    """A stack whose processes reach Redis through the proxy."""
    url = f"redis://127.0.0.1:{proxy.port}/0"
    with Stack(tmp_path, redis_server, redis_url=url) as stack:
        yield stack


class Viewer(threading.Thread):
    """Keeps the times of all readings of a series that a viewer is sent, in their order."""

    def __init__(self, stack: Stack, series: str) -> None:
        super().__init__(daemon=True)
        self._series = series
        self._numbers: dict[str, int] = {}
        self._socket: Any = websocket.create_connection(
            f"ws://127.0.0.1:{stack.port}/live", timeout=TIMEOUT_SECONDS
        )
        self.times: list[float] = []

    def run(self) -> None:
        while text := self._text():
            frame: dict[str, Any] = json.loads(text)
            if frame["type"] in {"hello", "series"}:
                self._numbers |= frame["series"]
            if frame["type"] == "readings":
                number = str(self._numbers.get(self._series))
                self.times += frame["series"].get(number, [[]])[0]

    def _text(self) -> str:
        try:
            return str(self._socket.recv())
        except (OSError, websocket.WebSocketException):
            return ""

    def has_more_than(self, number: int) -> bool:
        return len(self.times) > number

    def close(self) -> None:
        self._socket.shutdown()
        self.join()


@contextmanager
def viewer(stack: Stack, series: str = "demo.random") -> Iterator[Viewer]:
    made = Viewer(stack, series)
    made.start()
    try:
        yield made
    finally:
        made.close()


def _longest_pause(times: list[float]) -> float:
    return max(later - earlier for earlier, later in pairwise(sorted(times)))


def _stored(stack: Stack) -> set[float]:
    """The times of the producer's readings that the database has."""
    query = "SELECT ts FROM readings JOIN series ON id = series_id WHERE name = 'demo.random'"
    return {ts / 1e6 for (ts,) in stack.rows(query)}


def _published(stack: Stack, first: float, last: float) -> set[float]:
    """The times of all of the producer's readings in this range that the journal has."""
    return {
        reading["ts"]
        for _, fields in stack.redis.client.xrange("readings:journal")
        for reading in json.loads(fields["m"])["readings"]
        if reading["series"] == "demo.random" and first <= reading["ts"] <= last
    }


def test_a_half_open_link_is_found_within_15_seconds(behind: Stack, proxy: RedisProxy) -> None:
    behind.start("producer", STRIPCHART_PRODUCER_RATE="10")
    behind.start("writer")
    behind.start("web")
    with viewer(behind) as watching:
        wait_until("readings are shown", lambda: len(watching.times) > 5)
        wait_until("readings are stored", lambda: behind.stored("demo.random"))
        client = behind.redis.client

        def adopted() -> bool:
            client.publish("readings", '{"series":"kitchen","value":1}')
            return bool(behind.stored("kitchen"))

        with time_limit("all go on", 15.0):
            proxy.freeze()
            frozen = time.time()
            wait_until("the page goes on", lambda: watching.times[-1] > frozen + 0.5)
            wait_until(
                "the writer goes on",
                lambda: behind.rows("SELECT max(ts) FROM readings")[0][0] > (frozen + 0.5) * 1e6,
            )
            wait_until("strangers are adopted", adopted)
        shown = watching.times[:]
    # The producer lost nothing while its link was dead, which is seconds.
    assert _longest_pause(shown) < 2.0
    assert set(shown) == _published(behind, shown[0], shown[-1]), "a reading was not shown"
    wait_until("all is stored", lambda: set(shown) <= _stored(behind))


def test_a_lost_reply_stores_nothing_twice(behind: Stack, proxy: RedisProxy) -> None:
    behind.start("web")
    reading = {"series": "a", "value": 1, "ts": 1_700_000_000}
    behind.post("/api/readings", reading)
    # The relay has called its script once it greets a viewer.
    viewer: Any = websocket.create_connection(
        f"ws://127.0.0.1:{behind.port}/live", timeout=TIMEOUT_SECONDS
    )
    while json.loads(viewer.recv())["type"] != "hello":
        pass
    viewer.shutdown()
    proxy.lose_reply()
    with pytest.raises(urllib.error.HTTPError) as refused:
        behind.post("/api/readings", reading | {"value": 2})
    assert refused.value.code == 503
    refused.value.close()
    behind.post("/api/readings", reading | {"value": 2})
    # Not before: it would call scripts too.
    behind.start("writer")
    wait_until("it is stored", lambda: behind.stored("a") == [2.0])
    # The call whose reply was lost had been taken, once; it was not sent again behind our back.
    assert behind.redis.client.hget("readings:state", "n") == "3"


def test_viewers_who_left_while_redis_is_away_leave_room(stack: Stack) -> None:
    stack.redis.kill()
    stack.start("web", STRIPCHART_VIEWERS="2")
    address = f"ws://127.0.0.1:{stack.port}/live"
    for _ in range(2):
        connection: Any = websocket.create_connection(address, timeout=TIMEOUT_SECONDS)
        assert json.loads(connection.recv())["type"] == "ping"
        connection.shutdown()

    def admitted() -> bool:
        try:
            connection: Any = websocket.create_connection(address, timeout=TIMEOUT_SECONDS)
        except websocket.WebSocketBadStatusException:
            return False
        connection.shutdown()
        return True

    wait_until("there is room again", admitted)


def test_a_key_of_another_type_is_an_outage_like_others(stack: Stack) -> None:
    writer = stack.start("writer")
    web = stack.start("web")
    stack.post("/api/readings", {"series": "a", "value": 1})
    wait_until("it is stored", lambda: stack.stored("a") == [1.0])
    client = stack.redis.client
    client.rename("readings:journal", "kept")
    client.set("readings:journal", "x")
    client.publish("readings", '{"id":"zzz:9-9","readings":[]}')
    wait_until("the writer says so", lambda: "WRONGTYPE" in writer.log_text())
    wait_until("the web says so", lambda: "WRONGTYPE" in web.log_text())
    client.rename("kept", "readings:journal")
    with viewer(stack, "a") as watching:
        wait_until(
            "the web listens again",
            lambda: "live readings available again after " in web.log_text(),
        )
        stack.post("/api/readings", {"series": "a", "value": 2})
        wait_until("it is shown", lambda: watching.times)
    wait_until("it is stored", lambda: stack.stored("a") == [1.0, 2.0])
    assert stack.rows("SELECT * FROM gaps") == []


def test_a_killed_subscription_is_made_up_for(stack: Stack) -> None:
    stack.start("producer", STRIPCHART_PRODUCER_RATE="200")
    writer = stack.start("writer")
    stack.start("web")
    with viewer(stack) as watching:
        wait_until("readings are shown", lambda: len(watching.times) > 50)
        for _ in range(5):
            seen = len(watching.times)
            # What Redis does to a subscriber whose output buffer is full.
            stack.redis.client.execute_command("CLIENT", "KILL", "TYPE", "pubsub")
            wait_until("the page goes on", partial(watching.has_more_than, seen + 100))
        shown = watching.times[:]
    assert shown == sorted(set(shown))
    assert set(shown) == _published(stack, shown[0], shown[-1])
    assert writer.running


@pytest.mark.skipif(sys.platform != "linux", reason="looks at processes in /proc")
def test_nobody_is_busy_while_redis_is_away_and_all_are_back_soon(stack: Stack) -> None:
    services = [stack.start(name) for name in ("producer", "writer", "web", "jobs")]
    wait_until("readings are stored", lambda: stack.stored("demo.random"))
    with viewer(stack) as watching:
        wait_until("readings are shown", lambda: watching.times)
        stack.redis.kill()
        before = [service.cpu_seconds() for service in services]
        began = time.monotonic()
        wait_until("a while has passed", lambda: time.monotonic() - began > 5)
        used = [service.cpu_seconds() - cpu for service, cpu in zip(services, before, strict=True)]
        assert max(used) < 1.0, used
        assert all(service.running for service in services)
        assert stack.get("/api/history")["series"]["demo.random"]["t"]
        stack.redis.start()
        back = time.time()
        with time_limit("all go on", 5.0):
            wait_until("the page goes on", lambda: watching.times[-1] > back)
            wait_until(
                "the writer goes on",
                lambda: stack.rows("SELECT max(ts) FROM readings")[0][0] > back * 1e6,
            )
            wait_until(
                "the jobs' worker is there",
                lambda: stack.redis.client.scard("rq:workers:stripchart"),
            )
    assert _longest_pause([ts / 1e6 for (ts,) in stack.rows("SELECT ts FROM readings")]) < 1.5

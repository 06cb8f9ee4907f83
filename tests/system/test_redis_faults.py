"""Redis that ends, hangs or loses replies: all processes recover, and no reading is lost."""

import json
import re
import sys
import threading
import time
import urllib.error
from collections.abc import Iterator
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any, Self

import pytest
import websocket

from tests.support.live_clients import LiveClient
from tests.support.processes import ManagedProcess
from tests.support.redis_proxy import RedisProxy
from tests.support.redis_server import RedisServer
from tests.support.stack import Stack
from tests.support.waiting import time_limit, wait_until

pytestmark = [pytest.mark.redis, pytest.mark.long]


@pytest.fixture
def proxy(redis_server: RedisServer) -> Iterator[RedisProxy]:
    """The proxy through which the processes of `proxied_stack` reach Redis."""
    with RedisProxy(redis_server.port) as proxy:
        yield proxy


@pytest.fixture
def proxied_stack(tmp_path: Path, redis_server: RedisServer, proxy: RedisProxy) -> Iterator[Stack]:
    """A stack whose processes reach Redis through the proxy."""
    url = f"redis://127.0.0.1:{proxy.port}/0"
    with Stack(tmp_path, redis_server, redis_url=url) as stack:
        yield stack


class RecordingViewer(threading.Thread):
    """A viewer that records one series in a thread, for the duration of a block.

    Attributes:
        times: The times of all readings in the order in which they came.
    """

    def __init__(self, stack: Stack, series: str = "demo.random") -> None:
        super().__init__(daemon=True)
        self._client = LiveClient(stack.port)
        self._series = series
        self._ids: dict[str, int] = {}
        self.times: list[float] = []

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()
        self.join()

    def run(self) -> None:
        while (frame := self._next_frame()) is not None:
            if frame["type"] in {"hello", "series"}:
                self._ids |= frame["series"]
            if frame["type"] == "readings":
                series_id = str(self._ids.get(self._series))
                self.times += frame["series"].get(series_id, [[]])[0]

    def _next_frame(self) -> dict[str, Any] | None:
        try:
            return self._client.next_frame()
        except (OSError, ValueError, websocket.WebSocketException):
            return None

    def has_more_than(self, count: int) -> bool:
        return len(self.times) > count


def longest_pause(times: list[float]) -> float:
    return max(later - earlier for earlier, later in pairwise(sorted(times)))


def stored_times(stack: Stack) -> set[float]:
    """Return the times of the producer's readings in the database."""
    query = "SELECT ts FROM readings JOIN series ON id = series_id WHERE name = 'demo.random'"
    return {ts / 1e6 for (ts,) in stack.rows(query)}


def newest_stored(stack: Stack) -> float:
    """Return the time of the newest reading in the database."""
    return float(stack.rows("SELECT max(ts) FROM readings")[0][0]) / 1e6


def published_times(stack: Stack, first: float, last: float) -> set[float]:
    """Return the times of the producer's readings in this range of the journal."""
    return {
        reading["ts"]
        for _, fields in stack.redis.client.xrange("readings:journal")
        for reading in json.loads(fields["m"])["readings"]
        if reading["series"] == "demo.random" and first <= reading["ts"] <= last
    }


def test_half_open_link_is_detected_within_15_seconds(
    proxied_stack: Stack, proxy: RedisProxy
) -> None:
    stack, client = proxied_stack, proxied_stack.redis.client
    stack.start("producer", STRIPCHART_PRODUCER_RATE="10")
    stack.start("writer")
    stack.start("web")
    with RecordingViewer(stack) as viewer:
        wait_until("readings are shown", lambda: len(viewer.times) > 5)
        wait_until("readings are stored", lambda: stack.stored("demo.random"))

        def external_message_is_stored() -> bool:
            client.publish("readings", '{"series":"kitchen","value":1}')
            return bool(stack.stored("kitchen"))

        with time_limit("all processes continue", 15.0):
            proxy.freeze()
            frozen = time.time()
            wait_until("the viewer continues", lambda: viewer.times[-1] > frozen + 0.5)
            wait_until("the writer continues", lambda: newest_stored(stack) > frozen + 0.5)
            wait_until("the channel bridge continues", external_message_is_stored)
        shown = viewer.times[:]
    # The producer held its readings back while its link was dead, which was for seconds.
    assert longest_pause(shown) < 2.0
    assert set(shown) == published_times(stack, shown[0], shown[-1]), "a reading was not shown"
    wait_until("all readings are stored", lambda: set(shown) <= stored_times(stack))


def test_lost_reply_stores_no_reading_twice(proxied_stack: Stack, proxy: RedisProxy) -> None:
    stack = proxied_stack
    stack.start("web")
    reading = {"series": "a", "value": 1, "ts": 1_700_000_000}
    stack.post("/api/readings", reading)
    # Once it greets a viewer, the web service has called its own scripts.
    with LiveClient(stack.port) as viewer:
        viewer.next_frame("hello")
    proxy.lose_reply()
    with pytest.raises(urllib.error.HTTPError) as refused:
        stack.post("/api/readings", reading | {"value": 2})
    assert refused.value.code == 503
    refused.value.close()
    stack.post("/api/readings", reading | {"value": 2})
    # Not earlier, because the writer calls scripts too.
    stack.start("writer")
    wait_until("the reading is stored", lambda: stack.stored("a") == [2.0])
    # The call without a reply was carried out once; no client repeated it.
    assert stack.redis.client.hget("readings:state", "n") == "3"


def test_places_of_viewers_that_left_are_free_while_redis_is_away(stack: Stack) -> None:
    stack.redis.kill()
    stack.start("web", STRIPCHART_VIEWERS="2")
    for _ in range(2):
        with LiveClient(stack.port) as viewer:
            assert viewer.next_frame()["type"] == "ping"

    def admitted() -> bool:
        try:
            LiveClient(stack.port).close()
        except websocket.WebSocketBadStatusException:
            return False
        return True

    wait_until("a place is free", admitted)


def test_key_of_another_type_is_an_outage(stack: Stack) -> None:
    writer = stack.start("writer")
    web = stack.start("web")
    stack.post("/api/readings", {"series": "a", "value": 1})
    wait_until("the first is stored", lambda: stack.stored("a") == [1.0])
    client = stack.redis.client
    client.rename("readings:journal", "kept")
    client.set("readings:journal", "x")
    client.publish("readings", '{"id":"zzz:9-9","readings":[]}')
    wait_until("the writer logs it", lambda: "WRONGTYPE" in writer.log_text())
    wait_until("web logs it", lambda: "WRONGTYPE" in web.log_text())
    client.rename("kept", "readings:journal")
    recovery = "live readings available again after "
    with RecordingViewer(stack, "a") as viewer:
        wait_until("web follows the journal again", lambda: recovery in web.log_text())
        stack.post("/api/readings", {"series": "a", "value": 2})
        wait_until("the second is shown", lambda: viewer.times)
    wait_until("the second is stored", lambda: stack.stored("a") == [1.0, 2.0])
    assert stack.rows("SELECT * FROM gaps") == []


def test_killed_subscription_loses_no_reading(stack: Stack) -> None:
    stack.start("producer", STRIPCHART_PRODUCER_RATE="200")
    writer = stack.start("writer")
    stack.start("web")
    with RecordingViewer(stack) as viewer:
        wait_until("readings are shown", lambda: len(viewer.times) > 50)
        for _ in range(5):
            count = len(viewer.times)
            # Redis does the same to a subscriber whose output buffer is full.
            stack.redis.client.execute_command("CLIENT", "KILL", "TYPE", "pubsub")
            wait_until("the viewer continues", partial(viewer.has_more_than, count + 100))
        shown = viewer.times[:]
    assert shown == sorted(set(shown))
    assert set(shown) == published_times(stack, shown[0], shown[-1])
    assert writer.running


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_processes_idle_without_redis_and_recover_soon(stack: Stack) -> None:
    processes = [stack.start(name) for name in ("producer", "writer", "web", "jobs")]
    wait_until("readings are stored", lambda: stack.stored("demo.random"))
    with RecordingViewer(stack) as viewer:
        wait_until("readings are shown", lambda: viewer.times)
        stack.redis.kill()
        before = [process.cpu_seconds() for process in processes]
        start = time.monotonic()
        wait_until("five seconds have passed", lambda: time.monotonic() - start > 5)
        used = [
            process.cpu_seconds() - earlier
            for process, earlier in zip(processes, before, strict=True)
        ]
        assert max(used) < 1.0, used
        assert all(process.running for process in processes)
        assert stack.get("/api/history")["series"]["demo.random"]["t"]
        stack.redis.start()
        back = time.time()
        with time_limit("all processes continue", 5.0):
            wait_until("the viewer continues", lambda: viewer.times[-1] > back)
            wait_until("the writer continues", lambda: newest_stored(stack) > back)
            wait_until(
                "the worker of the jobs is there",
                lambda: stack.redis.client.scard("rq:workers:readings-0"),
            )
    times = [ts / 1e6 for (ts,) in stack.rows("SELECT ts FROM readings")]
    assert longest_pause(times) < 1.5


LOST = r"readings lost: (\d+) were still held back at the end, (\d+) were dropped before"


def lost_counts(producer: ManagedProcess) -> tuple[int, int]:
    """Return how many readings the producer has lost: held back at its end, and dropped before."""
    ((held, dropped),) = re.findall(LOST, producer.log_text())
    return int(held), int(dropped)


def test_producer_reports_lost_readings_at_its_end(stack: Stack) -> None:
    """Without Redis it holds a bounded number, and reports both held and dropped readings."""
    producer = stack.start(
        "producer", STRIPCHART_PRODUCER_RATE="500", STRIPCHART_PRODUCER_HOLD="50"
    )
    wait_until("the producer publishes", lambda: stack.redis.client.exists("readings:journal"))
    stack.redis.kill()
    held_back = "readings held back: "
    wait_until("readings are held back", lambda: held_back in producer.log_text())
    time.sleep(1.5)  # until it drops readings
    assert producer.terminate() == 0
    held, dropped = lost_counts(producer)
    assert held == 50
    assert dropped >= 50


def test_producer_ends_in_time_while_redis_hangs(stack: Stack) -> None:
    producer = stack.start("producer", STRIPCHART_PRODUCER_RATE="100")
    wait_until("the producer publishes", lambda: stack.redis.client.exists("readings:journal"))
    stack.redis.process.freeze()
    time.sleep(0.5)  # until a call to Redis hangs
    with time_limit("the producer ends", 7.0):
        assert producer.terminate() == 0
    stack.redis.process.thaw()
    held, dropped = lost_counts(producer)
    assert held > 0
    assert dropped == 0

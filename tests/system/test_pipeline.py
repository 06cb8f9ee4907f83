"""Readings on their whole way: channel, journal, database, history, live page."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import websocket

from tests.support.stack import Stack
from tests.support.waiting import TIMEOUT_SECONDS, time_limit, wait_until

pytestmark = pytest.mark.redis


@contextmanager
def live(stack: Stack, query: str = "") -> Iterator[Any]:
    connection: Any = websocket.create_connection(
        f"ws://127.0.0.1:{stack.port}/live{query}", timeout=TIMEOUT_SECONDS
    )
    try:
        yield connection
    finally:
        connection.shutdown()  # `close` leaves the socket open when the server was faster


def frame(connection: Any, kind: str) -> dict[str, Any]:
    """The next frame of this type."""
    while True:
        document: dict[str, Any] = json.loads(connection.recv())
        if document["type"] == kind:
            return document


def test_a_reading_goes_from_publish_to_sqlite_to_history_to_a_viewer(stack: Stack) -> None:
    stack.start("writer")
    stack.start("web")
    wait_until("the writer adopts", lambda: stack.redis.client.exists("readings:lease"))
    wait_until(
        "the writer listens", lambda: stack.redis.client.pubsub_numsub("readings")[0][1] >= 2
    )
    with live(stack) as viewer:
        frame(viewer, "hello")
        client = stack.redis.client
        with time_limit("a reading is shown", 1.0):
            client.publish("readings", '{"series":"kitchen","value":21.5,"unit":"°C"}')
            numbers = frame(viewer, "series")["series"]
            columns = frame(viewer, "readings")["series"][str(numbers["kitchen"])]
        assert columns[1] == [21.5]
    wait_until("the reading is stored", lambda: stack.stored("kitchen"))
    history = stack.get("/api/history?series=kitchen")
    assert history["series"]["kitchen"]["t"] == columns[0]
    assert history["series"]["kitchen"]["value"] == [21.5]
    assert history["series"]["kitchen"]["unit"] == "°C"
    assert stack.get("/get_data")["value"] == 21.5
    # What history ends with, live begins after.
    stack.post("/api/readings", {"series": "kitchen", "value": 22.5})
    with live(stack, f"?cursor={history['cursor']}") as viewer:
        assert next(iter(frame(viewer, "readings")["series"].values()))[1] == [22.5]
        assert frame(viewer, "recovered")["count"] == 1


def test_the_producer_is_seen_by_other_tools(stack: Stack) -> None:
    listener = stack.redis.client.pubsub()
    listener.subscribe("readings")
    stack.start("producer", STRIPCHART_PRODUCER_RATE="20")
    stack.start("writer")
    messages: list[dict[str, Any]] = []

    def heard() -> bool:
        message = listener.get_message(ignore_subscribe_messages=True, timeout=1)
        if message is not None:
            messages.append(json.loads(message["data"]))
        return len(messages) >= 3

    wait_until("three messages are published", heard)
    epoch = stack.redis.client.hget("readings:state", "epoch")
    for message in messages:
        assert message["id"].startswith(f"{epoch}:")
        for reading in message["readings"]:
            assert reading["series"] == "demo.random"
            assert 0 <= reading["value"] <= 100
            assert abs(reading["ts"] - time.time()) < TIMEOUT_SECONDS
    wait_until("they are stored", lambda: len(stack.stored("demo.random")) >= 3)


def test_a_malformed_publish_harms_nothing_and_can_be_found(stack: Stack) -> None:
    stack.start("writer")
    client = stack.redis.client
    wait_until("the writer listens", lambda: client.pubsub_numsub("readings")[0][1] == 1)
    client.publish("readings", "not json")
    client.publish("readings", '[{"series":"a","value":1},{"series":"a","value":"high"}]')
    wait_until("the good reading is stored", lambda: stack.stored("a") == [1.0])
    wait_until("both faults are kept", lambda: client.xlen("readings:rejected") == 2)
    reasons = [fields["reason"] for _id, fields in client.xrange("readings:rejected")]
    assert reasons[0].startswith("not JSON")
    assert reasons[1] == "reading 1: value must be a number"


def test_every_process_ends_when_it_is_asked_to(stack: Stack) -> None:
    services = [stack.start(name) for name in ("producer", "writer", "web")]
    wait_until("readings are stored", lambda: stack.stored("demo.random"))
    with live(stack) as viewer:
        frame(viewer, "hello")
        assert [service.terminate() for service in services] == [0, 0, 0]
        opcode, data = viewer.recv_data()
        while opcode != websocket.ABNF.OPCODE_CLOSE:
            opcode, data = viewer.recv_data()
        assert int.from_bytes(data[:2], "big") == 1012
    # What the producer had published was written before the writer ended.
    assert len(stack.stored("demo.random")) == int(
        stack.redis.client.hget("readings:state", "r") or 0
    )


def test_a_killed_writer_goes_on_where_the_database_is(stack: Stack) -> None:
    stack.start("web")
    writer = stack.start("writer")
    for value in range(5):
        stack.post("/api/readings", {"series": "a", "value": value, "ts": 1_700_000_000 + value})
    wait_until("they are stored", lambda: len(stack.stored("a")) == 5)
    writer.kill()
    for value in range(5, 10):
        stack.post("/api/readings", {"series": "a", "value": value, "ts": 1_700_000_000 + value})
    writer.start()
    wait_until("the rest is stored", lambda: len(stack.stored("a")) == 10)
    assert stack.stored("a") == [float(value) for value in range(10)]
    assert stack.rows("SELECT * FROM gaps") == []


def test_processes_come_back_when_redis_does(stack: Stack) -> None:
    producer = stack.start("producer", STRIPCHART_PRODUCER_RATE="10")
    writer = stack.start("writer")
    stack.start("web")
    wait_until("readings are stored", lambda: stack.stored("demo.random"))
    stack.redis.kill()
    gone = time.time()
    wait_until("the writer says so", lambda: "journal unavailable" in writer.log_text())
    wait_until("so does the producer", lambda: "readings held back: " in producer.log_text())
    wait_until("it holds more of them", lambda: time.time() > gone + 2.0)
    assert stack.get("/api/history")["series"]["demo.random"]["t"]
    back = time.time()
    stack.redis.start()
    with live(stack) as viewer:
        frame(viewer, "readings")
    count = "SELECT count(*) FROM readings WHERE ts / 1e6 BETWEEN"
    wait_until("it goes on", lambda: stack.rows(f"{count} {back} AND 1e12")[0][0] > 10)
    assert stack.rows(f"{count} {gone} AND {back}")[0][0] > 0, "the producer held back nothing"
    assert stack.rows("SELECT * FROM gaps") == []
    assert writer.log_text().count("journal unavailable:") == 1


def test_history_that_redis_lost_is_said(stack: Stack) -> None:
    writer = stack.start("writer")
    stack.start("web")
    stack.post("/api/readings", {"series": "a", "value": 1})
    wait_until("it is stored", lambda: stack.stored("a") == [1.0])
    with live(stack) as viewer:
        frame(viewer, "hello")
        stack.redis.kill()
        stack.redis.delete_files()
        stack.redis.start()
        assert "journal" in frame(viewer, "reset")["reason"]
    stack.post("/api/readings", {"series": "a", "value": 2})
    wait_until("the new journal is stored", lambda: stack.stored("a") == [1.0, 2.0])
    ((reason,),) = stack.rows("SELECT reason FROM gaps")
    assert reason == "the journal was lost and recreated"
    assert writer.log_text().count("gap detected") == 1


@pytest.mark.parametrize(
    ("name", "environment", "sentence"),
    [
        ("web", {"HOST": "0.0.0.0"}, "set STRIPCHART_OPEN_NETWORK=yes"),
        ("web", {"PORT": "many"}, "PORT='many' can't be used"),
        ("writer", {"DATABASE_URL": "postgresql://x"}, "is no SQLite database"),
        ("producer", {"REDIS_URL": "nonsense"}, "REDIS_URL can't be used"),
    ],
)
def test_a_wrong_setting_is_one_sentence(
    stack: Stack, name: str, environment: dict[str, str], sentence: str
) -> None:
    service = stack.add(name, **environment).start()
    assert service.wait() == 2
    assert sentence in service.log_text()
    assert "Traceback" not in service.log_text()

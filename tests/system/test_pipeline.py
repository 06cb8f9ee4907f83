"""Readings on their whole way: channel, journal, database, history, live page."""

import json
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from services.broker import Broker, Journal
from services.settings import Settings
from tests.support.journals import readings_in
from tests.support.live_clients import LiveClient
from tests.support.processes import ManagedProcess
from tests.support.redis_server import RedisServer
from tests.support.stack import Stack
from tests.support.waiting import TIMEOUT_SECONDS, time_limit, wait_until

pytestmark = pytest.mark.redis

START = 1_700_000_000


@pytest.fixture(scope="module")
def fragile_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A web service with a Redis, both for tests that restart the processes that they kill."""
    folder = tmp_path_factory.mktemp("fragile")
    with RedisServer.in_folder(folder / "redis") as server, Stack(folder, server) as stack:
        stack.start("web")
        yield stack


def count_since(stack: Stack, start: float, end: float = 1e12) -> int:
    """Return the number of stored readings between two times in seconds."""
    query = f"SELECT count(*) FROM readings WHERE ts / 1e6 BETWEEN {start} AND {end}"  # noqa: S608
    return int(stack.rows(query)[0][0])


def test_published_reading_is_stored_and_shown_live_and_in_history(shared_stack: Stack) -> None:
    stack, name = shared_stack, "pipeline.kitchen"
    with LiveClient(stack.port) as viewer:
        viewer.next_frame("hello")
        with time_limit("a reading is shown", 1.0):
            message = f'{{"series":"{name}","value":21.5,"unit":"°C"}}'
            stack.redis.client.publish("readings", message)
            series_id = viewer.next_frame("series")["series"][name]
            columns = viewer.next_frame("readings")["series"][str(series_id)]
        assert columns[1] == [21.5]
    wait_until("the reading is stored", lambda: stack.stored(name))
    history = stack.get(f"/api/history?series={name}")
    assert history["series"][name]["t"] == columns[0]
    assert history["series"][name]["value"] == [21.5]
    assert history["series"][name]["unit"] == "°C"
    assert stack.get("/get_data")["value"] == 21.5
    # A viewer with the cursor of a history receives what comes after it.
    stack.post("/api/readings", {"series": name, "value": 22.5})
    with LiveClient(stack.port, f"?cursor={history['cursor']}") as viewer:
        assert next(iter(viewer.next_frame("readings")["series"].values()))[1] == [22.5]
        assert viewer.next_frame("recovered")["count"] == 1


def test_readings_of_the_producer_reach_other_tools(shared_stack: Stack) -> None:
    stack = shared_stack
    listener = stack.redis.client.pubsub()
    listener.subscribe("readings")
    producer = stack.start("producer", STRIPCHART_PRODUCER_RATE="20")
    messages: list[dict[str, Any]] = []

    def received() -> bool:
        message = listener.get_message(ignore_subscribe_messages=True, timeout=1)
        if message is not None:
            messages.append(json.loads(message["data"]))
        return len(messages) >= 3

    wait_until("three messages are published", received)
    epoch = stack.redis.client.hget("readings:state", "epoch")
    for message in messages:
        assert message["id"].startswith(f"{epoch}:")
        for reading in message["readings"]:
            assert reading["series"] == "demo.random"
            assert 0 <= reading["value"] <= 100
            assert abs(reading["ts"] - time.time()) < TIMEOUT_SECONDS
    wait_until("they are stored", lambda: len(stack.stored("demo.random")) >= 3)
    listener.close()
    assert producer.terminate() == 0


def test_malformed_messages_become_dead_letters(shared_stack: Stack) -> None:
    stack, client = shared_stack, shared_stack.redis.client
    before = client.xlen("readings:rejected")
    good, bad = '{"series":"pipeline.good","value":1}', '{"series":"a","value":"high"}'
    client.publish("readings", "not json")
    client.publish("readings", f"[{good},{bad}]")
    wait_until("the good reading is stored", lambda: stack.stored("pipeline.good") == [1.0])
    wait_until("both faults are kept", lambda: client.xlen("readings:rejected") == before + 2)
    letters = [fields["reason"] for _id, fields in client.xrange("readings:rejected")][before:]
    assert letters[0].startswith("not JSON")
    assert letters[1] == "reading 1: value must be a number"


def test_killed_writer_continues_at_its_checkpoint(fragile_stack: Stack) -> None:
    stack, name = fragile_stack, "killed"
    gaps = stack.rows("SELECT * FROM gaps")

    def post(value: int) -> None:
        stack.post("/api/readings", {"series": name, "value": value, "ts": START + value})

    writer = stack.start("writer")
    for value in range(5):
        post(value)
    wait_until("they are stored", lambda: len(stack.stored(name)) == 5)
    writer.kill()
    for value in range(5, 10):
        post(value)
    writer.start()
    wait_until("the others are stored", lambda: len(stack.stored(name)) == 10)
    assert stack.stored(name) == [float(value) for value in range(10)]
    assert stack.rows("SELECT * FROM gaps") == gaps
    assert writer.terminate() == 0


def test_history_lost_by_redis_is_reported(fragile_stack: Stack) -> None:
    stack, name = fragile_stack, "lost"
    writer = stack.start("writer")
    stack.post("/api/readings", {"series": name, "value": 1})
    wait_until("it is stored", lambda: stack.stored(name) == [1.0])
    with LiveClient(stack.port) as viewer:
        viewer.next_frame("hello")
        stack.redis.kill()
        stack.redis.delete_files()
        stack.redis.start()
        assert "journal" in viewer.next_frame("reset")["reason"]
    stack.post("/api/readings", {"series": name, "value": 2})
    wait_until("the new journal is stored", lambda: stack.stored(name) == [1.0, 2.0])
    ((reason,),) = stack.rows("SELECT reason FROM gaps")
    assert reason == "the journal was lost and recreated"
    assert writer.log_text().count("gap detected") == 1
    assert writer.terminate() == 0


@pytest.mark.long
def test_processes_survive_a_restart_of_redis_and_end_cleanly(stack: Stack) -> None:
    producer = stack.start("producer", STRIPCHART_PRODUCER_RATE="10")
    writer = stack.start("writer")
    web = stack.start("web")
    wait_until("readings are stored", lambda: stack.stored("demo.random"))

    stack.redis.kill()
    gone = time.time()
    wait_until("the writer logs it", lambda: "journal unavailable" in writer.log_text())
    wait_until("the producer logs it", lambda: "readings held back: " in producer.log_text())
    wait_until("the producer holds more of them", lambda: time.time() > gone + 2.0)
    assert stack.get("/api/history")["series"]["demo.random"]["t"]
    back = time.time()
    stack.redis.start()
    with LiveClient(stack.port) as viewer:
        viewer.next_frame("readings")
        wait_until("new readings are stored", lambda: count_since(stack, back) > 10)
        assert count_since(stack, gone, back) > 0, "the producer held back nothing"
        assert stack.rows("SELECT * FROM gaps") == []
        assert writer.log_text().count("journal unavailable:") == 1

        assert [process.terminate() for process in (producer, writer, web)] == [0, 0, 0]
        code, _reason = viewer.read_close()
        assert code == 1012
    # What the producer had published was written before the writer ended.
    # A reading stands twice in the journal if Redis was killed before it replied.
    with closing(Broker.connect(Settings.from_environ({"REDIS_URL": stack.redis.url}))) as broker:
        published = {reading.ts for reading in readings_in(Journal(broker))}
    assert len(stack.stored("demo.random")) == len(published)


@pytest.mark.parametrize(
    ("name", "settings", "sentence"),
    [
        ("web", {"HOST": "0.0.0.0"}, "set STRIPCHART_OPEN_NETWORK=yes"),
        pytest.param(
            "writer",
            {"DATABASE_URL": "postgresql://x"},
            "is no SQLite database",
            marks=pytest.mark.long,
        ),
        pytest.param(
            "producer", {"REDIS_URL": "nonsense"}, "REDIS_URL can't be used", marks=pytest.mark.long
        ),
    ],
)
def test_invalid_setting_ends_a_process_with_one_sentence(
    tmp_path: Path, name: str, settings: dict[str, str], sentence: str
) -> None:
    process = ManagedProcess.service(name, tmp_path, {"DATA_DIR": str(tmp_path)} | settings)
    with process:
        assert process.wait() == 2
    assert sentence in process.log_text()
    assert "Traceback" not in process.log_text()

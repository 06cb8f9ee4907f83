"""`stripchart doctor` with all processes, and with parts missing."""

import time
from collections.abc import Callable

import pytest

from tests.support.doctor import run_doctor
from tests.support.redis_server import RedisServer
from tests.support.stack import Stack
from tests.support.waiting import wait_until

pytestmark = pytest.mark.redis


@pytest.fixture
def doctor(stack: Stack) -> Callable[[], dict[str, tuple[str, str]]]:
    return lambda: run_doctor(stack.environment)


@pytest.mark.long
def test_every_part_is_ok_until_the_writer_ends(
    doctor: Callable[[], dict[str, tuple[str, str]]], stack: Stack
) -> None:
    stack.start("jobs")
    writer = stack.start("writer", STRIPCHART_LOW_DISK="999TB")
    stack.start("web")
    stack.post("/api/readings", {"series": "kitchen", "value": 21.5})
    wait_until("the reading is stored", lambda: stack.stored("kitchen") == [21.5])
    wait_until(
        "a worker is registered", lambda: stack.redis.client.smembers("rq:workers:readings-0")
    )
    parts = doctor()
    assert {part: state for part, (state, _) in parts.items() if state != "ok"} == {}
    assert "append-only file on" in parts["redis"][1]
    assert parts["journal"][1].startswith("1 entries, ")
    assert "0 not stored yet" in parts["journal"][1]
    assert parts["writer"][1] == "it holds the lease; it is up to date"
    assert parts["jobs"][1] == "a worker is running"

    low = " WARNING writer: disk space for the database low: "
    wait_until("the low disk is logged", lambda: low in writer.log_text())
    assert writer.terminate() == 0
    stack.post("/api/readings", {"series": "kitchen", "value": 22.0})
    parts = doctor()
    assert parts["writer"][0] == "wrong"
    assert parts["writer"][1].startswith("no writer is running")
    assert "1 not stored yet" in parts["journal"][1]


@pytest.mark.long
def test_redis_without_a_password_is_reported_if_other_machines_may_reach_it(stack: Stack) -> None:
    stack.redis.client.execute_command("ACL", "SETUSER", "bob", "on", ">pw", "~*", "&*", "+@all")
    # The doctor does not know that this is loopback too.
    address = f"127.1:{stack.redis.port}"
    for login, is_reported in (("", True), ("bob:pw@", False)):
        url = f"redis://{login}{address}/0"
        _, text = run_doctor({**stack.environment, "REDIS_URL": url})["redis"]
        assert ("as it asks for no password" in text) == is_reported


@pytest.mark.long
def test_unsafe_configuration_of_redis_is_reported(
    doctor: Callable[[], dict[str, tuple[str, str]]], redis_server: RedisServer
) -> None:
    client = redis_server.client
    client.config_set("maxmemory", "20mb")
    client.config_set("maxmemory-policy", "allkeys-lru")
    client.config_set("appendonly", "no")
    client.set("readings:lease", "another token")
    client.hset("rq:worker:gone", "last_heartbeat", "2026-01-01T00:00:00.000000Z")
    client.sadd("rq:workers:readings-0", "rq:worker:gone")
    now = int(time.time() * 1000)
    client.xadd("readings:rejected", {"m": "x", "reason": "not JSON"}, id=f"{now}-0")
    parts = doctor()
    assert parts["redis"][0] == "wrong"
    for text in (
        "maxmemory-policy is allkeys-lru, which deletes unstored readings",
        "maxmemory is less than the journal's bound of 134.2 MB",
        "append-only file off",
    ):
        assert text in parts["redis"][1]
    assert parts["writer"] == ("warn", "the writer of another database holds the lease")
    assert parts["journal"] == ("warn", "there is no journal yet")
    assert parts["jobs"][0] == "wrong"
    client.set("readings:journal", "mine")
    parts = doctor()
    assert parts["journal"][0] == "wrong"
    assert "WRONGTYPE" in parts["journal"][1]

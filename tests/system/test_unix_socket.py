"""All processes with a Redis that has a Unix socket and a password, and listens on no port."""

import subprocess
import sys
from collections.abc import Iterator
from os import environ
from pathlib import Path
from urllib.parse import quote

import pytest
import redis

from tests.support.doctor import run_doctor
from tests.support.programs import require_program
from tests.support.redis_server import RedisServer
from tests.support.stack import Stack
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.redis, pytest.mark.long]

PASSWORD = "s3cr:t/@"  # noqa: S105


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    socket = tmp_path / "redis.sock"
    command = [
        require_program("redis"), "--port", "0", "--unixsocket", str(socket),
        "--dir", str(tmp_path), "--save", "", "--appendonly", "yes", "--requirepass", PASSWORD,
    ]  # fmt: skip
    server = RedisServer(command, 0, tmp_path / "redis")
    server.client = redis.Redis(
        unix_socket_path=str(socket), password=PASSWORD, db=1, decode_responses=True
    )
    url = f"unix://:{quote(PASSWORD, safe='')}@{socket}?db=1"
    with server, Stack(tmp_path, server, redis_url=url) as stack:
        yield stack


def test_every_process_works_on_a_unix_socket(stack: Stack) -> None:
    stack.start("writer")
    producer = stack.start("producer", STRIPCHART_PRODUCER_RATE="20")
    jobs = stack.start("jobs")
    stack.start("web")
    wait_until("a reading is stored", lambda: stack.stored("demo.random"))
    stack.wait_for_channel_bridge()
    stack.post("/api/readings", {"series": "kitchen", "value": 21.5})
    stack.redis.client.publish("readings", '{"series": "bare", "value": 1}')
    wait_until("both are stored", lambda: stack.stored("kitchen") and stack.stored("bare"))
    for arguments in (["send", "door", "1"], ["backup", "--queue"]):
        subprocess.run(
            [sys.executable, "-m", "services.cli", *arguments],
            env=environ | stack.environment,
            check=True,
        )
    wait_until("the backup is made", lambda: "backup made" in jobs.log_text())
    wait_until("the reading is stored", lambda: stack.stored("door") == [1.0])
    parts = run_doctor(stack.environment)
    assert {part: state for part, (state, _) in parts.items() if state != "ok"} == {}
    assert f"unix://:***@{stack.folder}/redis.sock?db=1" in parts["redis"][1]
    assert stack.get("/readyz")["ok"]
    assert producer.terminate() == 0
    logs = [path.read_text() for path in stack.folder.rglob("*.log") if "redis" not in path.name]
    assert not any(PASSWORD in log or quote(PASSWORD, safe="") in log for log in logs)

"""Every process and command with a user of Redis who lacks a right: one sentence, no loop."""

import re
import subprocess
import sys
from contextlib import closing
from os import environ
from typing import Final

import pytest
import redis

from tests.support.doctor import run_doctor
from tests.support.processes import ManagedProcess
from tests.support.rights import PASSWORD, users
from tests.support.stack import Stack
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.redis, pytest.mark.long]

_PROCESSES: Final = ("writer", "producer", "jobs", "web")
_REFUSALS: Final = 20
"""Attempts after which a process that logs each of them would have logged far more lines."""


def warnings(process: ManagedProcess) -> list[str]:
    """Return the lines of a log that are not INFO."""
    return [line for line in process.log_text().splitlines() if " INFO " not in line]


def refusals(stack: Stack) -> int:
    """Return how often Redis refused something."""
    errors = stack.redis.client.info("errorstats")
    names = ("errorstat_NOPERM", "errorstat_WRONGPASS")
    return sum(int(errors.get(name, {}).get("count", 0)) for name in names)


@pytest.mark.parametrize(
    ("rules", "sentence", "unaffected"),
    [
        ("resetchannels", "does not allow the user bob to use a channel", {"jobs"}),
        ("-@scripting", "does not allow the user bob to run the command EVALSHA", set()),
        ("resetkeys ~other:*", "does not allow the user bob to use a key", set()),
        (">other <pw", "does not let the user bob in: ", set()),
    ],
)
def test_missing_right_is_one_sentence_everywhere(
    stack: Stack, rules: str, sentence: str, unaffected: set[str]
) -> None:
    client = stack.redis.client
    everything = ["on", ">pw", "~*", "&*", "+@all"]
    client.execute_command("ACL", "SETUSER", "bob", *everything, *rules.split())
    settings = {"REDIS_URL": f"redis://bob:pw@127.0.0.1:{stack.redis.port}/0"}
    processes = {name: stack.start(name, **settings) for name in _PROCESSES}
    for name, process in processes.items():
        if name not in unaffected:
            wait_until(f"{name} says it", lambda p=process: sentence in p.log_text())  # type: ignore[misc]
    wait_until("they go on trying", lambda: refusals(stack) >= _REFUSALS)
    for name, process in processes.items():
        lines = warnings(process)
        # Each has its own part and its reports; the writer has two parts.
        assert len(lines) <= (0 if name in unaffected else 3 if name == "writer" else 2), lines
        assert all(sentence in line for line in lines)
    status = stack.get("/api/status")["redis"]
    assert status["refused"], status
    assert sentence in status["error"]

    environment = environ | stack.environment | settings
    command = [sys.executable, "-m", "services.cli", "send", "kitchen", "1"]
    sent = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert sent.returncode == 1
    assert re.fullmatch(rf"stripchart: Redis {re.escape(sentence)}.*\n", sent.stderr), sent.stderr
    command = [sys.executable, "-m", "services.cli", "tail"]
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as tail:
        assert tail.stderr is not None
        assert sentence in tail.stderr.readline()
        tail.terminate()
        assert tail.stderr.read() == ""
    state, text = run_doctor({**stack.environment, **settings})["redis"]
    assert state == "wrong"
    assert text.count(sentence) == 1


def test_jobs_that_may_not_wait_for_jobs_say_so_once(stack: Stack) -> None:
    client = stack.redis.client
    client.execute_command("ACL", "SETUSER", "bob", "on", ">pw", "~*", "&*", "+@all", "-blmove")
    jobs = stack.start("jobs", REDIS_URL=f"redis://bob:pw@127.0.0.1:{stack.redis.port}/0")
    wait_until("it has tried three times", lambda: refusals(stack) >= 3)
    (line,) = warnings(jobs)
    assert (
        "job queue unavailable: Redis does not allow the user bob to run the command BLMOVE" in line
    )
    client.execute_command("ACL", "SETUSER", "bob", "+blmove")
    wait_until("it works", lambda: "job queue available again after" in jobs.log_text())


def test_doctor_says_what_is_unknown_without_info(stack: Stack) -> None:
    rules = ["on", ">pw", "~*", "&*", "+@all", "-info"]
    stack.redis.client.execute_command("ACL", "SETUSER", "bob", *rules)
    url = f"redis://bob:pw@127.0.0.1:{stack.redis.port}/0"
    state, text = run_doctor({**stack.environment, "REDIS_URL": url})["redis"]
    assert state == "warn"
    assert text == (
        f"it answers at {url.replace(':pw', ':***')}; version, memory and persistence are not"
        " known: Redis does not allow the user bob to run the command INFO"
    )


def test_users_suffice_for_all_processes(stack: Stack) -> None:
    client = stack.redis.client
    for name, rules in users().items():
        client.execute_command("ACL", "SETUSER", name, *rules)

    def url(user: str) -> str:
        return f"redis://{user}:{PASSWORD}@127.0.0.1:{stack.redis.port}/0"

    for name in _PROCESSES:
        stack.start(name, REDIS_URL=url(f"stripchart-{name}"))
    stack.wait_for_channel_bridge()
    stack.post("/api/readings", {"series": "kitchen", "value": 21.5})
    with closing(redis.Redis.from_url(url("stripchart-tools"))) as tools:
        tools.publish("readings", '{"series": "bare", "value": 1}')
    operator = {**stack.environment, "REDIS_URL": url("stripchart-operator")}
    for arguments in (["send", "door", "1"], ["backup", "--queue"]):
        command = [sys.executable, "-m", "services.cli", *arguments]
        subprocess.run(command, env=environ | operator, check=True)
    for series in ("demo.random", "kitchen", "bare", "door"):
        wait_until(f"{series} is stored", lambda name=series: stack.stored(name))  # type: ignore[misc]
    parts = run_doctor(operator)
    assert {part: state for part, (state, _) in parts.items() if state != "ok"} == {}
    assert stack.get("/readyz")["ok"]
    assert client.execute_command("ACL", "LOG") == []

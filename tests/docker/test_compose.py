"""The containers of compose.yaml: the path of a reading, kept history, and their isolation.

The image is left behind, as the cache of the next run; containers, volumes and networks are not.
"""

import json
import os
import secrets
import subprocess
import urllib.parse
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
import redis

from tests.support.paths import ROOT
from tests.support.ports import free_port
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.docker, pytest.mark.timeout(900)]

SERVICES = ("redis", "producer", "writer", "web", "jobs")
PATIENCE = 90.0


class Stack:
    """One project of compose.yaml, under a name and on ports of its own."""

    def __init__(self) -> None:
        self.web_port = free_port()
        self.redis_port = free_port()
        ours = {
            "COMPOSE_PROJECT_NAME": f"stripchart-test-{secrets.token_hex(4)}",
            "STRIPCHART_IMAGE": "stripchart-test",
            "STRIPCHART_WEB_PORT": str(self.web_port),
            "STRIPCHART_REDIS_PORT": str(self.redis_port),
        }
        theirs = {
            k: v for k, v in os.environ.items() if not k.startswith(("STRIPCHART_", "COMPOSE_"))
        }
        self.environ = theirs | ours

    def compose(self, *arguments: str, check: bool = True) -> str:
        """Run `docker compose` and return what it printed; its errors end the test."""
        return self._run(["docker", "compose", *arguments], check=check)

    def inspect(self, service: str) -> Any:
        """All that the engine knows of a service's container."""
        container = self.compose("ps", "--all", "--quiet", service).strip()
        return json.loads(self._run(["docker", "inspect", container]))[0]

    def execute(self, service: str, script: str) -> str:
        """Run a shell line inside a service's container, whether or not it succeeds."""
        return self.compose("exec", "-T", service, "sh", "-c", script, check=False).strip()

    def publish(self, message: str) -> int:
        """PUBLISH from the host, as any other tool would; the number of listeners."""
        with redis.Redis(host="127.0.0.1", port=self.redis_port) as client:
            return int(client.publish("readings", message))

    def get(self, path: str) -> tuple[str, str]:
        """The content type and the text that the host gets from web."""
        with urllib.request.urlopen(
            f"http://127.0.0.1:{self.web_port}{path}", timeout=PATIENCE
        ) as answer:
            return answer.headers["Content-Type"], answer.read().decode()

    def values(self, series: str) -> list[float]:
        """The values of the last quarter of an hour, from the database."""
        query = urllib.parse.urlencode({"series": series, "from": "-15m"})
        _, text = self.get(f"/api/history?{query}")
        return list(json.loads(text)["series"].get(series, {}).get("value", []))

    def wait_for(self, series: str, value: float | None = None) -> None:
        """Wait until history has a value of this series, or just this value."""

        def recorded() -> bool:
            try:
                values = self.values(series)
            except OSError:
                return False
            return bool(values) if value is None else value in values

        try:
            wait_until(f"history has {value or 'a value'} of {series}", recorded, PATIENCE)
        except AssertionError as error:
            pytest.fail(f"{error}\n{self.logs()}")

    def logs(self) -> str:
        """The last lines of every service."""
        return self.compose("logs", "--no-color", "--tail", "20", check=False)

    def _run(self, command: list[str], *, check: bool = True) -> str:
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=self.environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if check and done.returncode:
            last_lines = "\n".join((done.stdout + done.stderr).splitlines()[-40:])
            pytest.fail(f"{' '.join(command)} ended with {done.returncode}:\n{last_lines}")
        return done.stdout


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    """Built, started and recording."""
    stack = Stack()
    try:
        stack.compose("up", "--build", "--detach")
        stack.wait_for("demo.random")
        yield stack
    finally:
        stack.compose("down", "--volumes", "--remove-orphans", "--timeout", "1", check=False)


def test_the_page_answers_on_loopback(stack: Stack) -> None:
    content_type, text = stack.get("/")
    assert content_type.startswith("text/html")
    assert "Stripchart" in text


def test_a_publish_from_the_host_is_recorded(stack: Stack) -> None:
    assert stack.publish('{"series":"kitchen","value":21.5}') > 0
    stack.wait_for("kitchen", 21.5)


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_keeps_running_and_is_shut_in(stack: Stack, service: str) -> None:
    container = stack.inspect(service)
    assert container["State"]["Running"]
    assert container["RestartCount"] == 0
    assert stack.execute(service, "id -u") not in {"", "0"}
    assert stack.execute(service, "touch /var/tmp/here && echo written") == ""
    assert stack.execute(service, "touch /data/here && rm /data/here && echo written") == "written"
    capabilities = stack.execute(service, "grep -E '^Cap(Prm|Eff|Bnd)' /proc/1/status | cut -f2")
    assert set(capabilities.split()) == {"0" * 16}
    assert stack.execute(service, "grep NoNewPrivs /proc/1/status | cut -f2") == "1"


def test_only_web_and_redis_are_published_and_on_loopback_only(stack: Stack) -> None:
    bindings = {name: stack.inspect(name)["HostConfig"]["PortBindings"] for name in SERVICES}
    assert {name: ports for name, ports in bindings.items() if ports} == {
        "redis": {"6379/tcp": [{"HostIp": "127.0.0.1", "HostPort": str(stack.redis_port)}]},
        "web": {"5000/tcp": [{"HostIp": "127.0.0.1", "HostPort": str(stack.web_port)}]},
    }


def test_redis_keeps_what_it_is_given(stack: Stack) -> None:
    with redis.Redis(host="127.0.0.1", port=stack.redis_port, decode_responses=True) as client:
        told = client.config_get("appendonly", "maxmemory", "maxmemory-policy")
    assert told["appendonly"] == "yes"
    assert told["maxmemory-policy"] == "noeviction"
    assert int(told["maxmemory"]) >= 3 * 128 * 2**20


def test_history_is_there_again_after_down_and_up(stack: Stack) -> None:
    stack.publish('{"series":"attic","value":-3.25}')
    stack.wait_for("attic", -3.25)
    stack.compose("down")
    stack.compose("up", "--detach")
    stack.wait_for("attic", -3.25)


def test_every_service_stops_within_its_grace(stack: Stack) -> None:
    stack.compose("stop")
    codes = {name: stack.inspect(name)["State"]["ExitCode"] for name in SERVICES}
    assert codes == dict.fromkeys(SERVICES, 0)
    stack.compose("start")
    stack.wait_for("demo.random")

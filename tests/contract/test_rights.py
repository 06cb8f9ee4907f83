"""The rights of each user of Redis: all that it needs, and nothing else."""

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest
import redis
from werkzeug.exceptions import TooManyRequests

from services.broker import Broker, Follower, Journal, Lease, Subscription
from services.broker.database_names import DatabaseNames
from services.broker.flush_delay import FlushDelay
from services.broker.lag import read_lag
from services.broker.lua_scripts import load_script
from services.broker.reporter import Reporter
from services.broker.shared_limits import shared_limit_storage
from services.cli.doctor import examine
from services.command import SetUnit
from services.errors import JournalFullError
from services.jobs.queue import JobQueue
from services.settings import Settings
from services.web.access.login_attempts import LoginAttempts
from services.writer.lease_holder import LeaseHolder
from tests.support.databases import make_database
from tests.support.journals import STATE, message, with_bound
from tests.support.processes import ManagedProcess
from tests.support.recordings import Recording
from tests.support.redis_server import RedisServer
from tests.support.rights import RedisRole, users
from tests.support.waiting import wait_until

pytestmark = pytest.mark.redis

_LARGE: Final = [message(*range(1_000)) for _ in range(40)]
"""More than the 1 MiB that are published in one step."""


MakeRole = Callable[[str], RedisRole]


@pytest.fixture
def make_role(
    shared_redis: RedisServer, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[MakeRole]:
    """Return a function that creates a user on an empty Redis."""
    roles: list[RedisRole] = []

    def make(name: str) -> RedisRole:
        roles.append(RedisRole(shared_redis, name, settings))
        monkeypatch.setenv("REDIS_URL", roles[-1].settings.redis_url)
        monkeypatch.setenv("DATA_DIR", str(settings.data_dir))
        return roles[-1]

    yield make
    for role in roles:
        role.broker.close()
        shared_redis.client.execute_command("ACL", "DELUSER", role.name)


def publish_in_every_way(role: RedisRole) -> None:
    """Publish to a new, a full and a damaged journal, and in steps."""
    journal = Journal(role.broker)
    with role.acts():
        journal.publish([message(0)])
        second = journal.publish([message(1)])
        journal.publish(_LARGE)
    role.admin.hset(STATE, "committed", str(second.entry))
    full = Journal(with_bound(role.broker, entries=len(_LARGE) + 2))
    with role.acts():
        full.publish([message(2)])
        with pytest.raises(JournalFullError):
            full.publish([message(3), message(4)])
    for field in ("n", "epoch"):
        role.admin.hset(STATE, field, "?")
        with role.acts():
            journal.publish([message(5)])


def follow(role: RedisRole) -> None:
    """Follow the journal as the web service and `stripchart tail` do."""
    keys = role.broker.keys
    now = 0.0
    with role.acts():
        follower = Follower(role.broker, Journal(role.broker))
        list(follower.catch_up())
        list(follower.catch_up())
        subscription = Subscription(
            role.broker, [keys.channel, keys.adopted, keys.commands], lambda: now
        )
        for _ in range(3):
            subscription.get(5.0)
        now = 60.0
        subscription.get(5.0)
        subscription.close()


def report(role: RedisRole) -> None:
    """Report what a process counts, and that it ends."""
    reporter = Reporter(role.broker, role.name.removeprefix("stripchart-"), list)
    with role.acts():
        reporter.report()
        reporter.end()


def test_producer(make_role: MakeRole) -> None:
    role = make_role("stripchart-producer")
    publish_in_every_way(role)
    report(role)
    role.check()


def test_writer(make_role: MakeRole, shared_redis: RedisServer) -> None:
    role = make_role("stripchart-writer")
    recording = Recording(role.broker)
    admin_journal = Journal(Broker.connect(replace(role.settings, redis_url=shared_redis.url)))
    with role.acts():
        lease = Lease(role.broker, "database")
        holder = LeaseHolder(recording.journal, lease)
        assert holder.acquire()
        lease.renew()
        recording.writer.write_batch()
        holder.append_external([message(1)])
        holder.append_external(_LARGE)
        recording.journal.add_dead_letters([(b"x", "not JSON")], "channel")
    admin_journal.truncation.set()
    with role.acts():
        while recording.writer.write_batch():
            pass
        recording.journal.wait_for_entry(recording.journal.end().cursor.entry, 0.01)
        Journal(with_bound(role.broker, entries=10)).acknowledge(recording.journal.end(), lease)
        recording.journal.open(recording.journal.epoch() or "")
        holder.release()
    follow(role)
    report(role)
    recording.close()
    role.check()


def test_web(make_role: MakeRole) -> None:
    role = make_role("stripchart-web")
    publish_in_every_way(role)
    report(role)
    follow(role)
    with role.acts():
        role.broker.check_writes()
        names = DatabaseNames(role.broker)
        names.add("telegraf")
        assert names.read_all() == ["telegraf"]
        Journal(role.broker).add_dead_letters([(b"x", "too long")], "line protocol")
        Journal(role.broker).send_commands([SetUnit("a", "m")])
        Journal(role.broker).commits.request()
        FlushDelay(role.broker).seconds()
        attempts = LoginAttempts([shared_limit_storage(role.broker)])
        for _ in range(5):
            attempts.add_failure("192.0.2.1", "anna")
        with pytest.raises(TooManyRequests):
            attempts.check("192.0.2.1", "anna")
    role.check()


def test_operator(make_role: MakeRole) -> None:
    role = make_role("stripchart-operator")
    publish_in_every_way(role)
    follow(role)
    with role.acts():
        read_lag(role.broker)
        JobQueue(role.broker).enqueue("backup")
    role.admin.sadd("rq:workers:readings-0", "rq:worker:readings-0-x")
    with role.acts():
        assert {finding.part for finding in examine()} >= {"redis", "jobs"}
    role.check()


@pytest.mark.long
def test_jobs(make_role: MakeRole, shared_redis: RedisServer, tmp_path: Path) -> None:
    role = make_role("stripchart-jobs")
    make_database(role.settings)
    database = role.settings.data_dir / "readings.db"
    with closing(sqlite3.connect(database)) as file, file:
        file.execute("INSERT INTO series (name, created_at) VALUES ('a', 1)")
    settings = {"REDIS_URL": role.settings.redis_url, "DATA_DIR": str(role.settings.data_dir)}
    # What killed processes have left: a job, a worker, and a name that can't be read.
    with role.acts():
        queue = JobQueue(role.broker)
        job_id = queue.enqueue("backup")
    role.admin.delete(queue.rq.key)
    role.admin.hset(f"rq:job:{job_id}", "status", "started")
    role.admin.zadd("rq:wip:readings-0", {f"{job_id}:{'0' * 32}": 1, "a:b:c": 1})
    role.admin.sadd("rq:workers:readings-0", "rq:worker:readings-0-gone")
    # A reading that the backup waits for.
    Journal(Broker.connect(replace(role.settings, redis_url=shared_redis.url))).publish(
        [message(1)]
    )
    with role.acts(), ManagedProcess.service("jobs", tmp_path, settings) as jobs:
        wait_until("the backup is made", lambda: "backup made" in jobs.log_text())
        wait_until("the other job runs", lambda: "backup skipped" in jobs.log_text())
        assert jobs.terminate() == 0
    assert role.admin.smembers("rq:workers:readings-0") == set()
    role.check()


@pytest.mark.parametrize(
    ("name", "scripts"),
    [
        ("stripchart-producer", ["append", "announce", "open", "report"]),
        (
            "stripchart-writer",
            ["append", "announce", "open", "acknowledge", "lease", "snapshot", "report"],
        ),
        (
            "stripchart-web",
            ["append", "announce", "open", "snapshot", "request_commit", "report"],
        ),
        ("stripchart-operator", ["append", "announce", "open", "snapshot", "request_commit"]),
        ("stripchart-jobs", ["lease", "report"]),
    ],
)
def test_every_command_of_the_scripts_is_allowed(name: str, scripts: list[str]) -> None:
    """Also those that only rare states of Redis need."""
    commands = set(re.findall(r"\bcall\('([A-Z]+)'", "".join(map(load_script, scripts))))
    if "lease" not in scripts:
        # Only the holder of the lease appends external messages.
        commands.discard("GET")
    rules = users()[name]
    if "+@hash" in rules:
        commands -= {"HDEL", "HGETALL", "HSET"}
    assert {f"+{command.lower()}" for command in commands} - set(rules) == set()


def test_subscriber(make_role: MakeRole) -> None:
    role = make_role("stripchart-subscriber")
    with role.acts(), role.broker.client.pubsub() as pubsub:
        pubsub.subscribe("readings", "readings:adopted")
        for _ in range(2):
            assert pubsub.get_message(timeout=5.0)
        pubsub.ping()
        assert pubsub.get_message(timeout=5.0)
    role.check()
    with pytest.raises(redis.exceptions.NoPermissionError):
        role.broker.client.publish("readings", "x")

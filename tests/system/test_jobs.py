"""The jobs process with a real Redis, a real database and real signals."""

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
from rq import Queue
from rq.job import Job
from rq.serializers import JSONSerializer

from services.broker import Broker
from services.jobs.queue import JobQueue
from services.position import Checkpoint, Cursor, EntryId
from services.reading import MICROSECONDS, Reading
from services.settings import Settings
from services.store import Recorder, WriteBatch
from services.store.backup.backups import Backups
from tests.support.databases import migrated_engine
from tests.support.processes import ManagedProcess
from tests.support.redis_server import RedisServer
from tests.support.waiting import time_limit, wait_until

pytestmark = [pytest.mark.redis, pytest.mark.long]

LONG_AGO = 1_700_000_000 * MICROSECONDS


@pytest.fixture
def settings(redis_server: RedisServer, tmp_path: Path) -> Settings:
    return Settings.from_environ({"REDIS_URL": redis_server.url, "DATA_DIR": str(tmp_path)})


@pytest.fixture
def start(settings: Settings, tmp_path: Path) -> Iterator[Callable[..., ManagedProcess]]:
    """Return a function that starts a jobs process. Without hours, its schedule is off."""
    started: list[ManagedProcess] = []

    def start_one(hours: int = 0) -> ManagedProcess:
        folder = tmp_path / f"jobs{len(started)}"
        folder.mkdir()
        environment = environment_of(settings) | {"STRIPCHART_BACKUP_HOURS": str(hours)}
        started.append(ManagedProcess.service("jobs", folder, environment).start())
        return started[-1]

    yield start_one
    for service in started:
        service.kill()


@pytest.fixture
def queue(settings: Settings) -> Iterator[JobQueue]:
    broker = Broker.connect(settings)
    yield JobQueue(broker)
    broker.close()


@pytest.fixture
def endless(settings: Settings) -> Iterator[Path]:
    """A database that blocks when it is opened, so that a backup never ends."""
    path = settings.data_dir / "readings.db"
    os.mkfifo(path)
    yield path
    with suppress(OSError):
        os.close(os.open(path, os.O_WRONLY | os.O_NONBLOCK))


def environment_of(settings: Settings) -> dict[str, str]:
    return {"REDIS_URL": settings.redis_url, "DATA_DIR": str(settings.data_dir)}


def enqueue_backup(queue: JobQueue) -> Job:
    job = queue.rq.fetch_job(queue.enqueue("backup"))
    assert job is not None
    return job


def wait_for(job: Job, status: str) -> None:
    wait_until(f"the job is {status}", lambda: job.get_status() == status)


def wait_for_log(jobs: ManagedProcess, text: str) -> None:
    wait_until(f"the log says {text}", lambda: text in jobs.log_text())


def running_child(job: Job) -> int:
    """Wait until the job runs, and return the id of its process."""
    wait_for(job, "started")
    job.refresh()
    fields = job.connection.hgetall(f"rq:worker:{job.worker_name}")
    assert isinstance(fields, dict)
    children = Path(f"/proc/{int(fields[b'pid'])}/task/{int(fields[b'pid'])}/children")
    wait_until("the worker has a child", lambda: children.read_text().strip())
    return int(children.read_text())


def suspend_redis(queue: JobQueue) -> None:
    """Stop the process of Redis, so that it accepts connections but never replies."""
    os.kill(int(queue.client.info("server")["process_id"]), signal.SIGSTOP)


def make_database(settings: Settings) -> None:
    engine = migrated_engine(settings)
    readings = [Reading("kitchen", i + 1, 21.5) for i in range(1_000)]
    cursor = Cursor("abc", EntryId(7, 0))
    Recorder(engine, "readings", lambda: LONG_AGO).commit(
        WriteBatch(readings), Checkpoint(cursor, 10, 1_000)
    )
    engine.dispose()


def test_queued_backup_is_made(
    start: Callable[..., ManagedProcess], settings: Settings, queue: JobQueue
) -> None:
    make_database(settings)
    jobs = start()
    command = subprocess.run(
        [sys.executable, "-m", "services.cli", "backup", "--queue"],
        env=os.environ | environment_of(settings),
        capture_output=True,
        text=True,
        check=True,
    )
    job = queue.rq.fetch_job(command.stdout.strip())
    assert job is not None
    wait_for(job, "finished")
    result = job.return_value()
    assert isinstance(result, dict)
    assert (result["series"], result["readings"]) == (1, 1_000)
    with closing(sqlite3.connect(result["path"])) as copy:
        assert copy.execute("SELECT n FROM journal_position").fetchall() == [(10,)]
    assert jobs.terminate() == 0
    assert "Traceback" not in jobs.log_text()
    assert "rq.worker" not in jobs.log_text()


def test_scheduled_backup_is_made_once(
    start: Callable[..., ManagedProcess], settings: Settings, queue: JobQueue
) -> None:
    jobs = start(hours=24)
    wait_for_log(jobs, "there is no database yet")
    make_database(settings)
    backups = Backups(settings)
    wait_until("there is a backup", backups.list_newest_first)
    assert jobs.terminate() == 0
    assert jobs.log_text().count("there is no database yet") == 1
    other = start(hours=24)
    wait_until(
        "the other process takes the lease", lambda: queue.client.exists("rq:schedule:readings-0")
    )
    assert other.terminate() == 0
    assert len(backups.list_newest_first()) == 1


def test_foreign_functions_and_pickles_are_refused(
    start: Callable[..., ManagedProcess], settings: Settings, queue: JobQueue, tmp_path: Path
) -> None:
    make_database(settings)
    jobs = start()
    trace = tmp_path / "trace"
    named = Queue("readings-0", connection=queue.client, serializer=JSONSerializer)
    pickled = Queue("readings-0", connection=queue.client)
    foreign = [each.enqueue("os.mkdir", str(trace)).id for each in (named, pickled)]
    reasons = ["there is no job 'os.mkdir'", "its content is not a job in JSON"]
    for job_id, reason in zip(foreign, reasons, strict=True):
        job = Job.fetch(job_id, queue.client, JSONSerializer)
        wait_for(job, "failed")
        result = job.latest_result()
        assert result is not None
        assert reason in str(result.exc_string)
        wait_for_log(jobs, f"job {job_id} refused: {reason}")
    assert not trace.exists()
    wait_for(enqueue_backup(queue), "finished")


def test_forged_data_neither_ends_the_process_nor_repeats_backups(
    start: Callable[..., ManagedProcess], settings: Settings, queue: JobQueue
) -> None:
    make_database(settings)
    redis: Any = queue.client
    forged = {"data": '["backup",null,[],{}]', "repeats_left": 99, "repeat_intervals": "[0]"}
    names = [b"\xff", *(b"forged%d" % number for number in range(5))]
    for name in names[1:]:
        redis.hset(b"rq:job:" + name, mapping=forged)
    redis.rpush("rq:queue:readings-0", *names)
    redis.rpush("rq:queue:readings-0:intermediate", b"\xff")
    redis.zadd("rq:wip:readings-0", {b"\xff": 1, b"a:b:c": 1})
    redis.sadd("rq:workers:readings-0", b"\xff")
    jobs = start()
    wait_for(enqueue_backup(queue), "finished")
    assert jobs.terminate() == 0
    assert len(Backups(settings).list_newest_first()) == 1
    assert jobs.log_text().count("backup made") == 1
    assert "Traceback" not in jobs.log_text()


def test_jobs_continue_after_outages_of_redis(
    start: Callable[..., ManagedProcess],
    settings: Settings,
    redis_server: RedisServer,
    queue: JobQueue,
) -> None:
    make_database(settings)
    redis_server.kill()
    jobs = start()
    for outages in (1, 2):
        wait_until(
            "the outage is logged",
            lambda n=outages: jobs.log_text().count("job queue unavailable: ") == n,  # type: ignore[misc]
        )
        redis_server.start()
        with time_limit("the jobs continue", 5.0):
            wait_for(enqueue_backup(queue), "finished")
        assert jobs.log_text().count("job queue unavailable: ") == outages
        assert jobs.log_text().count("job queue available again after ") == outages
        redis_server.kill()
    wait_until(
        "the third outage is logged", lambda: jobs.log_text().count("job queue unavailable: ") == 3
    )
    assert jobs.terminate() == 0


def test_hanging_redis_does_not_delay_the_shutdown(
    start: Callable[..., ManagedProcess], queue: JobQueue
) -> None:
    jobs = start()
    wait_for_log(jobs, "waiting for jobs")
    suspend_redis(queue)
    assert jobs.terminate() == 0


def test_job_interrupted_by_the_shutdown_runs_again(
    start: Callable[..., ManagedProcess], settings: Settings, queue: JobQueue, endless: Path
) -> None:
    jobs, job = start(), enqueue_backup(queue)
    child = running_child(job)
    assert jobs.terminate() == 0
    assert not Path(f"/proc/{child}").exists()
    assert job.get_status() == "queued"
    endless.unlink()
    make_database(settings)
    start()
    wait_for(job, "finished")


def test_job_of_killed_processes_runs_again(
    start: Callable[..., ManagedProcess], settings: Settings, queue: JobQueue, endless: Path
) -> None:
    jobs, job = start(), enqueue_backup(queue)
    running_child(job)
    jobs.kill()
    endless.unlink()
    make_database(settings)
    # As if a minute had passed without its heartbeats.
    (entry,) = queue.rq.started_job_registry.get_job_and_execution_ids(cleanup=False)
    queue.client.zadd("rq:wip:readings-0", {":".join(entry): 1})
    start()
    wait_for(job, "finished")


@pytest.mark.usefixtures("endless")
def test_redis_that_hangs_during_a_job_does_not_delay_the_shutdown(
    start: Callable[..., ManagedProcess], queue: JobQueue
) -> None:
    jobs, job = start(), enqueue_backup(queue)
    child = running_child(job)
    suspend_redis(queue)
    assert jobs.terminate() == 0
    assert not Path(f"/proc/{child}").exists()


def test_failing_job_logs_its_reason_without_a_traceback(
    start: Callable[..., ManagedProcess], queue: JobQueue
) -> None:
    jobs, job = start(), enqueue_backup(queue)
    wait_for(job, "failed")
    wait_for_log(jobs, f"job {job.id} failed: there is no database yet (the writer makes it)")
    assert "Traceback" not in jobs.log_text()
    assert jobs.log_text().count("failed") == 1

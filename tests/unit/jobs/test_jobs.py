"""The queue, the schedule and the worker's judgement, on a Redis in memory."""

import logging
import pickle
import zlib
from collections.abc import Iterator
from typing import Any

import fakeredis
import pytest
from rq import Queue
from rq.exceptions import NoSuchJobError
from rq.job import Job
from rq.serializers import JSONSerializer

from services.broker import Broker
from services.concurrency import Shutdown
from services.errors import StoreUnavailableError
from services.jobs.main import scheduled_jobs
from services.jobs.queue import JobQueue, NamedJob
from services.jobs.registry import KINDS
from services.jobs.schedule import (
    LEASE_KEY,
    LEASE_SECONDS,
    Schedule,
    ScheduledJob,
    TimeSlot,
    schedule_lease,
)
from services.jobs.worker import JobWorker
from services.log import FaultLog
from services.settings import Settings

DAY = 86_400
NOON = 1_795_348_800  # 2026-11-22T12:00:00Z
TODAY = "backup-20261122T000000Z"


class World:
    """A clock that is set, and what speaks against a job."""

    def __init__(self, broker: Broker) -> None:
        self.broker = broker
        self.now = float(NOON)
        self.done = False
        self.obstacle: str | None = None

    def schedule(self, queue: JobQueue, seconds: int = DAY) -> Schedule:
        timed = ScheduledJob("backup", seconds, lambda _: self.done, lambda _: self.obstacle)
        return Schedule(queue, schedule_lease(self.broker), (timed,), lambda: self.now)


@pytest.fixture
def world(broker: Broker) -> World:
    return World(broker)


@pytest.fixture
def client() -> Iterator[fakeredis.FakeRedis]:
    client = fakeredis.FakeRedis()
    yield client
    client.close()


@pytest.fixture
def broker(client: fakeredis.FakeRedis) -> Broker:
    return Broker(client, Settings.from_environ({}))


@pytest.fixture
def queue(broker: Broker) -> JobQueue:
    return JobQueue(broker)


def test_keys_and_payload(queue: JobQueue, client: fakeredis.FakeRedis) -> None:
    job_id = queue.enqueue("backup")
    assert job_id.startswith("backup-")
    assert set(client.scan_iter()) == {
        b"rq:queues",
        b"rq:queue:stripchart",
        f"rq:job:{job_id}".encode(),
    }
    data = client.hget(f"rq:job:{job_id}", "data")
    assert isinstance(data, bytes)
    assert zlib.decompress(data) == b'["backup", null, [], {}]'


def test_a_kind_that_is_not_there(queue: JobQueue) -> None:
    with pytest.raises(KeyError):
        queue.enqueue("os.system")


@pytest.mark.parametrize(
    ("now", "seconds", "expected"),
    [
        (NOON, DAY, "20261122T000000Z"),
        (NOON - 43_200, DAY, "20261122T000000Z"),
        (NOON - 43_200 - 0.001, DAY, "20261121T000000Z"),
        (NOON + 7_199, 3_600, "20261122T130000Z"),
    ],
)
def test_slots_are_stretches_of_utc(now: float, seconds: int, expected: str) -> None:
    slot = TimeSlot.at(now, seconds)
    assert str(slot) == expected
    assert slot.start <= now < slot.end


def test_a_slot_is_asked_for_once(queue: JobQueue, world: World) -> None:
    schedule = world.schedule(queue)
    for _ in range(3):
        schedule.step()
    assert queue.rq.job_ids == [TODAY]
    queue.rq.empty()
    schedule.step()
    assert queue.rq.job_ids == [TODAY], "emptying the queue forgets the job"


def test_a_slot_that_was_worked_on_is_not_asked_for_again(queue: JobQueue, world: World) -> None:
    schedule = world.schedule(queue)
    schedule.step()
    queue.rq.pop_job_id()
    schedule.step()
    assert queue.rq.job_ids == []


def test_slots_that_were_missed_are_not_made_up_for(queue: JobQueue, world: World) -> None:
    schedule = world.schedule(queue)
    schedule.step()
    world.now += 30 * DAY
    schedule.step()
    assert queue.rq.job_ids == [TODAY, "backup-20261222T000000Z"]


def test_a_clock_that_jumps_asks_for_its_slot_only(queue: JobQueue, world: World) -> None:
    schedule = world.schedule(queue)
    for jump in (0, 3 * DAY, 0, -3 * DAY, 0):
        world.now = NOON + jump
        schedule.step()
    assert queue.rq.job_ids == [TODAY, "backup-20261125T000000Z", "backup-20261119T000000Z"]


def test_what_is_done_is_not_asked_for(queue: JobQueue, world: World) -> None:
    world.done = True
    world.schedule(queue).step()
    assert queue.rq.job_ids == []


def test_an_obstacle_is_said_once_and_tried_again(
    queue: JobQueue, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    schedule = world.schedule(queue)
    world.obstacle = "there is no database yet"
    for _ in range(3):
        schedule.step()
    assert caplog.messages == ["no backup by itself yet: there is no database yet"]
    assert queue.rq.job_ids == []
    world.obstacle = None
    schedule.step()
    assert queue.rq.job_ids == [TODAY]


def test_an_error_of_a_question_ends_nothing(
    queue: JobQueue, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    def failing(_: TimeSlot) -> bool:
        raise StoreUnavailableError("the folder is gone")

    timed = ScheduledJob("backup", DAY, failing, lambda _: None)
    schedule = Schedule(queue, schedule_lease(world.broker), (timed,), lambda: world.now)
    schedule.step()
    schedule.step()
    assert caplog.messages == ["no backup by itself: the folder is gone"]


def test_one_of_two_schedules_looks(
    queue: JobQueue, world: World, client: fakeredis.FakeRedis
) -> None:
    first, second = world.schedule(queue), world.schedule(queue)
    world.done = True
    first.step()
    world.done = False
    second.step()
    assert queue.rq.job_ids == [], "the lease is the first one's"
    assert 0 < client.pttl(LEASE_KEY) <= LEASE_SECONDS * 1_000
    second.release()
    first.release()
    second.step()
    assert queue.rq.job_ids == [TODAY]


def test_two_schedules_that_both_look_ask_once(
    queue: JobQueue, world: World, client: fakeredis.FakeRedis
) -> None:
    first, second = world.schedule(queue), world.schedule(queue)
    first.step()
    client.delete(LEASE_KEY)
    second.step()
    assert queue.rq.job_ids == [TODAY]


def test_the_interval_is_a_setting() -> None:
    def seconds(**environ: str) -> list[int]:
        return [timed.seconds for timed in scheduled_jobs(Settings.from_environ(environ))]

    assert seconds() == [DAY]
    assert seconds(STRIPCHART_BACKUP_HOURS="6") == [6 * 3_600]
    assert seconds(STRIPCHART_BACKUP_HOURS="0") == []


def foreign(client: fakeredis.FakeRedis, data: bytes) -> NamedJob:
    client.hset("rq:job:x", mapping={"data": data, "failure_callback_name": "os.abort"})
    job = NamedJob.fetch("x", client, JSONSerializer)
    assert isinstance(job, NamedJob)
    return job


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b'["os.system", null, ["true"], {}]', "there is no job 'os.system'"),
        (b'["services.jobs.backup.backup", null, [], {}]', "there is no job"),
        (b'[["backup"], null, [], {}]', "there is no job"),
        (pickle.dumps(("backup", None, (), {})), "not that of a job in JSON"),
        (b'["backup"]', "not that of a job in JSON"),
        (b"7", "not that of a job in JSON"),
    ],
)
def test_only_jobs_of_the_table_are_run(
    client: fakeredis.FakeRedis, queue: JobQueue, data: bytes, reason: str
) -> None:
    job = foreign(client, data)
    assert reason in str(job.refusal)
    assert job.failure_callback is None
    fault = FaultLog(logging.getLogger("test"), "queue unavailable", "queue available again")
    worker = JobWorker(queue, Shutdown(), fault)
    worker.execute_job(job, queue.rq)
    kept = Job.fetch("x", queue.client, JSONSerializer)
    result = kept.latest_result()
    assert kept.is_failed
    assert result is not None
    assert reason in str(result.exc_string)


def test_a_job_of_the_table_is_its_function(queue: JobQueue) -> None:
    job = queue.rq.fetch_job(queue.enqueue("backup"))
    assert isinstance(job, NamedJob)
    assert job.refusal is None
    assert job.func is KINDS["backup"].function
    assert job.retries_left == 3


@pytest.mark.parametrize(
    "fields",
    [
        {"timeout": "soon"},
        {"data": "x", "timeout": "soon"},
        {"data": "x", "status": "odd"},
        {"data": "x", "worker_name": b"\xff"},
        {"data": "x", "created_at": "never"},
    ],
)
def test_a_hash_that_is_no_job_counts_as_none(client: fakeredis.FakeRedis, fields: Any) -> None:
    client.hset("rq:job:x", mapping=fields)
    with pytest.raises(NoSuchJobError):
        NamedJob.fetch("x", client, JSONSerializer)


def test_a_pickle_in_the_other_fields_is_not_loaded(client: fakeredis.FakeRedis) -> None:
    evil = pickle.dumps(ValueError("loaded"))
    client.hset("rq:job:x", mapping={"data": b"[]", "meta": evil, "result": evil})
    job = NamedJob.fetch("x", client, JSONSerializer)
    assert job.meta == {"unserialized": evil}


def test_the_worker_takes_a_job_and_steps_over_junk(
    client: fakeredis.FakeRedis, queue: JobQueue
) -> None:
    Queue("stripchart", connection=client, serializer=JSONSerializer).enqueue("os.getcwd")
    client.hset("rq:job:x", mapping={"data": "x", "timeout": "soon"})
    client.lpush("rq:queue:stripchart", "x", "gone")
    fault = FaultLog(logging.getLogger("test"), "queue unavailable", "queue available again")
    worker = JobWorker(queue, Shutdown(), fault)
    worker.begin()
    worker.step()
    worker.tidy()
    worker.end()
    assert queue.rq.job_ids == []
    assert len(queue.rq.failed_job_registry) == 1

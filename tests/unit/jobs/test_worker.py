"""The job worker: it runs registered jobs only."""

import logging
import pickle

import fakeredis
import pytest
from rq import Queue
from rq.job import Job
from rq.serializers import JSONSerializer

from services.concurrency import Shutdown
from services.jobs.queue import JobQueue, NamedJob
from services.jobs.worker import JobWorker
from services.log import FaultLog


@pytest.fixture
def worker(queue: JobQueue) -> JobWorker:
    fault = FaultLog(logging.getLogger("test"), "queue unavailable", "queue available again")
    return JobWorker(queue, Shutdown(), fault)


def foreign_job(client: fakeredis.FakeRedis, data: bytes) -> NamedJob:
    """Write a job as another program could."""
    callbacks = [f"{name}_callback_name" for name in ("success", "failure", "stopped")]
    client.hset("rq:job:x", mapping={"data": data, **dict.fromkeys(callbacks, "os.abort")})
    job = NamedJob.fetch("x", client, JSONSerializer)
    assert isinstance(job, NamedJob)
    return job


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b'["os.system", null, ["true"], {}]', "there is no job 'os.system'"),
        (b'["services.jobs.backup.backup", null, [], {}]', "there is no job"),
        (b'[["backup"], null, [], {}]', "there is no job"),
        (pickle.dumps(("backup", None, (), {})), "its content is not a job in JSON"),
        (b'["backup"]', "its content is not a job in JSON"),
        (b"7", "its content is not a job in JSON"),
    ],
)
def test_foreign_job_is_refused(
    client: fakeredis.FakeRedis, queue: JobQueue, worker: JobWorker, data: bytes, reason: str
) -> None:
    job = foreign_job(client, data)
    assert reason in str(job.refusal_reason)
    assert [job.success_callback, job.failure_callback, job.stopped_callback] == [None] * 3
    worker.execute_job(job, queue.rq)
    stored = Job.fetch("x", queue.client, JSONSerializer)
    result = stored.latest_result()
    assert stored.is_failed
    assert result is not None
    assert reason in str(result.exc_string)


def test_invalid_items_in_the_queue_are_removed(
    client: fakeredis.FakeRedis, queue: JobQueue, worker: JobWorker
) -> None:
    Queue("readings-0", connection=client, serializer=JSONSerializer).enqueue("os.getcwd")
    client.hset("rq:job:x", mapping={"data": "x", "timeout": "soon"})
    client.lpush("rq:queue:readings-0", "x", "gone")
    worker.register()
    worker.work_once()
    worker.maintain()
    worker.unregister()
    assert queue.rq.job_ids == []
    assert len(queue.rq.failed_job_registry) == 1


def test_unreadable_names_are_removed_and_logged_once(
    client: fakeredis.FakeRedis,
    queue: JobQueue,
    worker: JobWorker,
    caplog: pytest.LogCaptureFixture,
) -> None:
    names = [b"\xff", b"a b", b"", b"x" * 201, pickle.dumps(1)]
    client.rpush("rq:queue:readings-0", *names)
    client.rpush("rq:queue:readings-0:intermediate", *names)
    client.zadd("rq:wip:readings-0", dict.fromkeys([*names, b"a:b:c"], 1.0))
    client.sadd("rq:workers:readings-0", *names[:3])
    worker.register()
    worker.work_once()
    for _ in range(2):
        worker.maintain()
    worker.unregister()
    assert queue.rq.job_ids == []
    assert client.keys("rq:queue:readings-0*") == []
    assert client.keys("rq:w*:readings-0") == []
    messages = [r.getMessage() for r in caplog.records if r.levelno == logging.WARNING]
    assert len(messages) == len(names) + 1
    assert messages[0] == "job b'\\xff' dropped: its name is not readable"
    assert messages[-1] == "14 unreadable names removed from the job queue"


def test_foreign_hash_is_dropped_with_one_line(
    client: fakeredis.FakeRedis, worker: JobWorker, caplog: pytest.LogCaptureFixture
) -> None:
    client.hset("rq:job:x", mapping={"data": "x", "timeout": "soon"})
    client.rpush("rq:queue:readings-0", "x")
    worker.register()
    worker.work_once()
    worker.maintain()
    (message,) = [r.getMessage() for r in caplog.records if r.levelno == logging.WARNING]
    assert message.startswith("job b'x' dropped: not a job: 'x': ")

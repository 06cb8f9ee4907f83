"""The job queue: its keys, and the jobs that it accepts."""

import pickle
import zlib
from typing import Any

import fakeredis
import pytest
from rq.exceptions import NoSuchJobError
from rq.serializers import JSONSerializer

from services.jobs.queue import JobQueue, NamedJob
from services.jobs.registry import JOB_KINDS


def test_job_is_stored_as_json(queue: JobQueue, client: fakeredis.FakeRedis) -> None:
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


def test_unknown_kind_is_an_error(queue: JobQueue) -> None:
    with pytest.raises(KeyError):
        queue.enqueue("os.system")


def test_registered_job_runs_its_function(queue: JobQueue) -> None:
    job = queue.rq.fetch_job(queue.enqueue("backup"))
    assert isinstance(job, NamedJob)
    assert job.refusal_reason is None
    assert job.func is JOB_KINDS["backup"].function
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
def test_foreign_hash_is_not_a_job(client: fakeredis.FakeRedis, fields: Any) -> None:
    client.hset("rq:job:x", mapping=fields)
    with pytest.raises(NoSuchJobError):
        NamedJob.fetch("x", client, JSONSerializer)


def test_pickle_in_another_field_is_not_loaded(client: fakeredis.FakeRedis) -> None:
    evil = pickle.dumps(ValueError("loaded"))
    client.hset("rq:job:x", mapping={"data": b"[]", "meta": evil, "result": evil})
    job = NamedJob.fetch("x", client, JSONSerializer)
    assert job.meta == {"unserialized": evil}

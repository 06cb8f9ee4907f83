"""The job queue: its keys, and the jobs that it accepts."""

import pickle
import zlib
from typing import Any

import fakeredis
import pytest
from rq.exceptions import NoSuchJobError
from rq.serializers import JSONSerializer

from services.errors import BrokerUnavailableError
from services.jobs.queue import JobQueue, NamedJob, name_instance, translate_queue_errors
from services.jobs.registry import JOB_KINDS


def test_job_is_stored_as_json(queue: JobQueue, client: fakeredis.FakeRedis) -> None:
    job_id = queue.enqueue("backup")
    assert job_id.startswith("readings-0-backup-")
    assert set(client.scan_iter()) == {
        b"rq:queues:readings-0",
        b"rq:queue:readings-0",
        f"rq:job:{job_id}".encode(),
    }
    data = client.hget(f"rq:job:{job_id}", "data")
    assert isinstance(data, bytes)
    assert zlib.decompress(data) == b'["backup", null, [], {}]'


@pytest.mark.parametrize(
    ("channel", "database", "name"),
    [
        ("readings", 0, "readings-0"),
        ("readings", 12, "readings-12"),
        ("my [own]* r\u00e9adings", 0, "my__own___r_adings-54187ba0-0"),
        ("my_[own]*_r\u00e9adings", 0, "my__own___r_adings-632a5595-0"),
        ("x" * 64, 1, f"{'x' * 64}-1"),
    ],
)
def test_name_of_an_instance_is_fit_for_keys_and_unique(
    channel: str, database: int, name: str
) -> None:
    assert name_instance(channel, database) == name


def test_long_channels_with_the_same_beginning_have_different_names() -> None:
    names = {name_instance("x" * 200 + end, 0) for end in ("", "y", "z")}
    assert len(names) == 3
    assert max(map(len, names)) < 80


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


@pytest.mark.parametrize(
    "data",
    [
        b'["backup", null, ["/tmp/x"], {}]',
        b'["backup", null, [], {"stopped": 1}]',
        b'["backup", "os", [], {}]',
    ],
)
def test_job_with_arguments_is_refused(client: fakeredis.FakeRedis, data: bytes) -> None:
    client.hset("rq:job:x", mapping={"data": data})
    job = NamedJob.fetch("x", client, JSONSerializer)
    assert isinstance(job, NamedJob)
    assert job.refusal_reason == "the job 'backup' has no arguments"


def test_job_never_repeats_nor_waits_for_others(client: fakeredis.FakeRedis) -> None:
    forged: dict[Any, Any] = {
        "data": b'["backup", null, [], {}]',
        "retries_left": "1000000",
        "retry_intervals": "[0]",
        "repeats_left": "1000000",
        "repeat_intervals": "[0]",
        "result_ttl": "-1",
        "failure_ttl": "-1",
        "ttl": "1",
        "dependency_ids": '["y"]',
        "group_id": "g",
        "rate_limit_key": "k",
        "rate_limit_concurrency": "1",
        "webhooks": '[{"url": "http://127.0.0.1/", "job_status": "finished"}]',
    }
    client.hset("rq:job:x", mapping=forged)
    job = NamedJob.fetch("x", client, JSONSerializer)
    assert job.retries_left == 3
    assert [job.retry_intervals, job.repeats_left, job.repeat_intervals] == [None] * 3
    assert job.result_ttl == job.failure_ttl == 8 * 86_400
    limits = [job.ttl, job.group_id, job.rate_limit_key, job.rate_limit_concurrency]
    assert limits == [None] * 4
    assert (job.webhooks, job._dependency_ids) == ([], [])


@pytest.mark.long
def test_hash_that_unpacks_to_far_more_is_not_a_job(client: fakeredis.FakeRedis) -> None:
    client.hset("rq:job:x", mapping={"data": zlib.compress(bytes(80_000_000))})
    with pytest.raises(NoSuchJobError, match="too large"):
        NamedJob.fetch("x", client, JSONSerializer)


@pytest.mark.parametrize(
    "heartbeat", [b"never", b"\xff", b"9" * 400, b"", b"0001-01-01T00:00:00+23:59"]
)
def test_forged_heartbeat_is_not_a_running_worker(
    client: fakeredis.FakeRedis, queue: JobQueue, heartbeat: bytes
) -> None:
    client.sadd("rq:workers:readings-0", "rq:worker:w", b"\xff\xfe")
    client.hset("rq:worker:w", "last_heartbeat", heartbeat)
    assert all(sent_at < 0 for sent_at in queue.worker_heartbeats())


def test_key_of_another_type_is_an_outage(client: fakeredis.FakeRedis, queue: JobQueue) -> None:
    for key in ("rq:workers:readings-0", "rq:failed:readings-0"):
        client.set(key, b"\xff")
    for examine in (queue.worker_heartbeats, queue.count_failed):
        with pytest.raises(BrokerUnavailableError, match="WRONGTYPE"):
            examine()


def test_data_that_rq_cannot_read_is_an_outage_with_a_hint(queue: JobQueue) -> None:
    with (
        pytest.raises(BrokerUnavailableError, match="UnicodeDecodeError") as caught,
        translate_queue_errors(queue.client),
    ):
        b"\xff".decode()
    assert "delete those that begin with rq: and contain this CHANNEL" in caught.value.hint

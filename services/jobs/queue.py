"""The job queue: RQ's, with JSON instead of pickle and names instead of import paths."""

import hashlib
import math
import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final

from redis import Redis
from redis.exceptions import (
    ConnectionError,  # noqa: A004 (redis-py's name)
    RedisError,
    TimeoutError,  # noqa: A004 (redis-py's name)
)
from rq import Queue, Retry
from rq.exceptions import DeserializationError, DuplicateJobError, NoSuchJobError
from rq.job import Job
from rq.serializers import JSONSerializer
from rq.worker_registration import WORKERS_BY_QUEUE_KEY

from services.broker import Broker
from services.broker.connection import translate_errors
from services.errors import BrokerUnavailableError, StripchartError
from services.jobs.registry import JOB_KINDS

_RESULT_TTL_SECONDS: Final = 8 * 86_400
"""Time that a job is remembered; longer than any slot, so that each slot gets one job."""

_MAX_RETRIES: Final = 3
"""Number of repetitions of a job whose process was killed."""

_MAX_JOB_BYTES: Final = 65_536
"""Size of a job's hash. Two of its fields are compressed, by a factor of up to a thousand."""

JOB_NAME: Final = re.compile(rb"[\w.-]{1,200}", re.ASCII)
STARTED_NAME: Final = re.compile(rb"%b(:%b)?" % (JOB_NAME.pattern, JOB_NAME.pattern), re.ASCII)
WORKER_NAME: Final = re.compile(rb"[!-~]{1,200}")
"""Names of jobs, started jobs and workers in Redis. RQ fails on others."""

_UNSAFE: Final = re.compile(r"[^A-Za-z0-9_-]")
_MAX_CHANNEL: Final = 64
"""Longest channel that is a part of names in full. RQ's ids of jobs have no other characters."""


def name_instance(channel: str, database: int) -> str:
    """Return a name that no other instance on the same Redis has, such as `readings-0`.

    Args:
        channel: The setting CHANNEL.
        database: The number of the Redis database.
    """
    safe = _UNSAFE.sub("_", channel)[:_MAX_CHANNEL]
    if safe != channel:
        safe += f"-{hashlib.sha256(channel.encode()).hexdigest()[:8]}"
    return f"{safe}-{database}"


@contextmanager
def translate_queue_errors(client: "Redis") -> Iterator[None]:
    """Raise an error of this project for each error of redis-py, and for unreadable data.

    Args:
        client: The connection to Redis.

    Raises:
        BrokerUnavailableError: Redis can't be used, or another program has changed the queue.
        JournalFullError: Redis is out of memory.
    """
    with translate_errors(client):
        try:
            yield
        except (StripchartError, RedisError, OSError):
            raise
        except Exception as error:
            # RQ fails on foreign data with many classes of errors.
            raise BrokerUnavailableError(
                f"the job queue can't be read: {type(error).__name__}: {error}",
                "another program has written to the jobs' keys in Redis: delete those that begin"
                " with rq: and contain this CHANNEL",
            ) from error


class NamedJob(Job):
    """A job that runs the registered function of its name, and ignores RQ's callbacks."""

    success_callback = None
    failure_callback = None
    stopped_callback = None

    @classmethod
    def fetch(
        cls,
        id: str,  # noqa: A002 (RQ's name)
        connection: "Redis | None" = None,
        serializer: Any = None,
    ) -> Job:
        """Return the job with an id.

        Raises:
            NoSuchJobError: There is no job with this id, or its hash was not written by RQ.
        """
        try:
            return super().fetch(id, connection, serializer)
        except (NoSuchJobError, ConnectionError, TimeoutError):
            raise
        except Exception as error:
            # RQ fails on a foreign hash with many classes of errors. Each would end the worker.
            raise NoSuchJobError(f"not a job: {id!r:.80}: {error}") from error

    def restore(self, raw_data: Mapping[bytes, bytes]) -> None:
        """Read the job from its hash, but ignore what the queue never writes there.

        Raises:
            NoSuchJobError: The hash is far larger than that of a job.
        """
        if sum(map(len, raw_data.values())) > _MAX_JOB_BYTES:
            raise NoSuchJobError("its hash is too large for a job")
        super().restore(raw_data)
        self.retries_left = min(self.retries_left or 0, _MAX_RETRIES)
        self.retry_intervals = self.repeats_left = self.repeat_intervals = None
        self.result_ttl = self.failure_ttl = _RESULT_TTL_SECONDS
        self.ttl = self.group_id = self.rate_limit_key = self.rate_limit_concurrency = None
        self.webhooks = []
        self._dependency_ids: list[str] = []

    @property
    def refusal_reason(self) -> str | None:
        """The reason not to run this job; None for a registered job."""
        try:
            name, target, arguments = self.func_name, self.instance, (self.args, self.kwargs)
        except DeserializationError:
            return "its content is not a job in JSON"
        if not isinstance(name, str) or name not in JOB_KINDS:
            return f"there is no job {name!r:.80}"
        if target is not None or any(arguments):
            return f"the job {name!r} has no arguments"
        return None

    @property
    def func(self) -> Any:
        """The registered function of this job. Raises KeyError for an unregistered job."""
        return JOB_KINDS[str(self.func_name)].function

    def send_webhooks(self, *_: Any, **__: Any) -> None:
        """Do nothing: a job must not send requests."""


class JobQueue:
    """The queue of all jobs of one instance: no other instance on the same Redis shares a key.

    Attributes:
        client: Connection to Redis, as RQ needs it.
        name: Name of the instance. The names of its queue, jobs and workers contain it.
        rq: RQ's queue.
    """

    def __init__(self, broker: Broker) -> None:
        # The broker's client returns raw replies of streams; RQ needs them parsed by redis-py.
        self.client = Redis(connection_pool=broker.client.connection_pool)
        database = self.client.get_connection_kwargs().get("db") or 0
        self.name = name_instance(broker.settings.channel, database)
        self.rq = Queue(
            self.name, connection=self.client, serializer=JSONSerializer, job_class=NamedJob
        )
        # RQ would list the queues of all instances in one set.
        self.rq.redis_queues_keys = f"rq:queues:{self.name}"

    @property
    def lease_key(self) -> str:
        """The key of the lease of which one holder schedules jobs."""
        return f"rq:schedule:{self.name}"

    def worker_heartbeats(self) -> list[float]:
        """Return the time of each worker's last heartbeat, in seconds since 1970.

        Raises:
            BrokerUnavailableError: Redis can't be used.
        """
        with translate_queue_errors(self.client):
            keys: Any = self.client.smembers(WORKERS_BY_QUEUE_KEY % self.rq.name)
            heartbeats = [self.client.hget(key, "last_heartbeat") for key in keys]
        return [_parse_time(text) for text in heartbeats if isinstance(text, bytes)]

    def count_queued(self) -> int:
        """Count the jobs that wait.

        Raises:
            BrokerUnavailableError: Redis can't be used.
        """
        with translate_queue_errors(self.client):
            return len(self.rq)

    def count_failed(self) -> int:
        """Count the jobs that failed in the last eight days.

        Raises:
            BrokerUnavailableError: Redis can't be used.
        """
        with translate_queue_errors(self.client):
            return len(self.rq.failed_job_registry)

    def enqueue(self, kind: str) -> str:
        """Append a job to the queue and return its id.

        Raises:
            KeyError: There is no such kind of job.
            BrokerUnavailableError: Redis can't be used.
            JournalFullError: Redis is out of memory.
        """
        suffix = secrets.token_hex(6)
        self.enqueue_once(kind, suffix)
        return self._job_id(kind, suffix)

    def enqueue_once(self, kind: str, suffix: str) -> bool:
        """Append a job to the queue, unless there is or was one with the same id.

        Args:
            kind: Name of the job in the registry.
            suffix: Last part of its id.

        Returns:
            True if the job is new.

        Raises:
            KeyError: There is no such kind of job.
            BrokerUnavailableError: Redis can't be used.
            JournalFullError: Redis is out of memory.
        """
        timeout_seconds = JOB_KINDS[kind].timeout_seconds
        with translate_queue_errors(self.client):
            try:
                self.rq.enqueue_call(
                    kind,
                    job_id=self._job_id(kind, suffix),
                    unique=True,
                    timeout=timeout_seconds,
                    retry=Retry(_MAX_RETRIES),
                    result_ttl=_RESULT_TTL_SECONDS,
                    failure_ttl=_RESULT_TTL_SECONDS,
                )
            except DuplicateJobError:
                return False
        return True

    def _job_id(self, kind: str, suffix: str) -> str:
        return f"{self.name}-{kind}-{suffix}"


def _parse_time(text: bytes) -> float:
    """Return a time of RQ in seconds since 1970, the distant past if it is not one."""
    try:
        return datetime.fromisoformat(text.decode()).timestamp()
    except (ValueError, OverflowError, OSError):
        return -math.inf

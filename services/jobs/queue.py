"""The queue of jobs: RQ's, with JSON in place of pickle and names in place of import paths."""

import secrets
from datetime import datetime
from typing import Any, Final

from redis import Redis
from redis.exceptions import ConnectionError, TimeoutError  # noqa: A004 (redis-py's names)
from rq import Queue, Retry, Worker
from rq.exceptions import DeserializationError, DuplicateJobError, NoSuchJobError
from rq.job import Job
from rq.serializers import JSONSerializer

from services.broker import Broker
from services.broker.connection import translate_errors
from services.jobs.registry import KINDS

_NAME: Final = "stripchart"
_KEEP_SECONDS: Final = 8 * 86_400
"""How long a job is remembered; longer than any slot of the schedule, which asks for it once."""

_RETRIES: Final = 3
"""How often a job is run again whose process was killed."""


class NamedJob(Job):
    """A job that runs the function of its name, and nothing else that its hash may ask for."""

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
        """The job of this id. Raises NoSuchJobError, also for a hash that is none of RQ's."""
        try:
            return super().fetch(id, connection, serializer)
        except (NoSuchJobError, ConnectionError, TimeoutError):
            raise
        except Exception as error:
            # RQ stumbles over a foreign hash in many ways, and each would end the worker.
            raise NoSuchJobError(f"not a job: {id!r:.80}: {error}") from error

    @property
    def refusal(self) -> str | None:
        """Why this job is not run; None if it is one of ours."""
        try:
            name = self.func_name
        except DeserializationError:
            return "refused: its content is not that of a job in JSON"
        if not isinstance(name, str) or name not in KINDS:
            return f"refused: there is no job {name!r:.80}"
        return None

    @property
    def func(self) -> Any:
        """The function of this name. Raises KeyError if there is none."""
        return KINDS[str(self.func_name)].function

    def send_webhooks(self, *_: Any, **__: Any) -> None:
        """A job sends nothing to anybody."""


class JobQueue:
    """Takes jobs for the worker."""

    def __init__(self, broker: Broker) -> None:
        # The broker's client gives streams as they are sent; RQ wants them as redis-py reads them.
        self.client = Redis(connection_pool=broker.client.connection_pool)
        self.rq = Queue(
            _NAME, connection=self.client, serializer=JSONSerializer, job_class=NamedJob
        )

    def heartbeats(self) -> list[float]:
        """When each worker was last heard of, in seconds since 1970. BrokerUnavailableError."""
        with translate_errors(self.client):
            keys = Worker.all_keys(queue=self.rq)
            told = [self.client.hget(key, "last_heartbeat") for key in keys]
        return [
            datetime.fromisoformat(text.decode()).timestamp()
            for text in told
            if isinstance(text, bytes)
        ]

    def failed(self) -> int:
        """Jobs of the last days that failed. Raises BrokerUnavailableError."""
        with translate_errors(self.client):
            return len(self.rq.failed_job_registry)

    def enqueue(self, kind: str) -> str:
        """Ask for a job of this kind; its id. Raises BrokerUnavailableError, JournalFullError."""
        job_id = f"{kind}-{secrets.token_hex(6)}"
        self.enqueue_once(kind, job_id)
        return job_id

    def enqueue_once(self, kind: str, job_id: str) -> bool:
        """Ask for a job, unless there is or was one of this id; tells whether that is news.

        Raises BrokerUnavailableError, JournalFullError.
        """
        with translate_errors(self.client):
            try:
                self.rq.enqueue_call(
                    kind,
                    job_id=job_id,
                    unique=True,
                    timeout=KINDS[kind].seconds,
                    retry=Retry(_RETRIES),
                    result_ttl=_KEEP_SECONDS,
                    failure_ttl=_KEEP_SECONDS,
                )
            except DuplicateJobError:
                return False
        return True

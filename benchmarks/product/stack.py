"""A running Stripchart for a benchmark: Redis, the writer and the web service."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Self
from urllib.parse import urlencode

from benchmarks.product.http import HttpClient
from benchmarks.product.redis import redis_server
from services.broker import Broker, Journal
from services.settings import Settings
from tests.support.processes import ManagedProcess
from tests.support.redis_server import RedisServer
from tests.support.stack import Stack

_COMMIT_TIMEOUT_SECONDS: Final = 600.0


class BenchmarkStack(Stack):
    """A stack with the clients that benchmarks measure with.

    As a context manager it starts the writer and the web service, and waits until both are ready.

    Attributes:
        settings: The settings of all processes.
        broker: A connection to Redis.
        journal: The journal.
        http: A client of the web service.
        writer: The writer.
        web: The web service.
    """

    flush_seconds = "10"

    service_class = ManagedProcess

    def __init__(self, folder: Path, redis: RedisServer, settings: dict[str, str]) -> None:
        """Prepare the processes.

        Args:
            folder: The folder of the logs and the database, which may exist already.
            redis: The running Redis server.
            settings: Settings of all processes.
        """
        super().__init__(
            folder, redis, data_dir=folder, settings={"LOG_LEVEL": "WARNING", **settings}
        )
        self.settings = Settings.from_environ(self._settings)
        self.broker = Broker.connect(self.settings)
        self.journal = Journal(self.broker)
        self.http = HttpClient(self.port)
        self.writer = self.add("writer")
        self.web = self.add("web")

    def __enter__(self) -> Self:
        try:
            self.writer.start()
            self.web.start().wait_until_ready(self.answers)
            self.writer.wait_until_ready(self.database.exists)
            self.writer.wait_until_ready(self._has_history)
        except BaseException:
            self.kill()
            raise
        return self

    def __exit__(self, *exception: object) -> None:
        self.http.close()
        self.broker.close()
        super().__exit__(*exception)

    def _has_history(self) -> bool:
        """Return True after the first commit."""
        try:
            return self.history()["cursor"] is not None
        except RuntimeError:
            # The writer has made the file, but not the tables yet.
            return False

    def history(self, **query: Any) -> Any:
        """Return the decoded answer of /api/history."""
        path = f"/api/history?{urlencode(query, doseq=True)}"
        return json.loads(self.http.request("GET", path))

    def wait_until_committed(self, timeout_seconds: float = _COMMIT_TIMEOUT_SECONDS) -> None:
        """Ask the writer to commit, and wait until the database has the whole journal.

        Raises:
            AssertionError: It has not after the timeout.
        """
        assert self.journal.commits.wait(timeout_seconds), "the journal is not committed"

    def memory_bytes(self) -> int:
        """Return the memory of all processes, with Redis. What they share counts once."""
        processes = (self.redis.process, self.writer, self.web)
        return sum(process.memory_bytes() for process in processes)


@contextmanager
def running_stack(folder: Path, **settings: str) -> Iterator[BenchmarkStack]:
    """Run a Stripchart for the duration of a `with` block.

    Args:
        folder: The folder of all files, which may have a database already.
        settings: Settings of all processes.
    """
    with redis_server(folder) as redis, BenchmarkStack(folder, redis, settings) as stack:
        yield stack

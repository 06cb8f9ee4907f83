"""The whole product around a Redis server, with a faulty link for each process."""

import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, Final, Self

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from tests.faults.failpoint_process import FailpointProcess
from tests.faults.send_log import Item
from tests.support.redis_proxy import RedisProxy
from tests.support.redis_server import RedisServer
from tests.support.stack import Stack
from tests.support.waiting import wait_until

CATCH_UP_SECONDS: Final = 60.0
CHANNEL: Final = "readings"
JOURNAL: Final = "readings:journal"
STATE: Final = "readings:state"
LEASE: Final = "readings:lease"
REJECTED: Final = "readings:rejected"


class FaultStack(Stack):
    """A stack with a Redis server, in which each process reaches Redis through its own proxy.

    As a context manager it starts Redis, and ends everything at the end of the block.

    Attributes:
        processes: The processes by label.
        proxies: The proxy of each process, by the same labels.
        client: A Redis client that never repeats a call.
    """

    http_timeout_seconds = 5.0

    def __init__(self, folder: Path, appendfsync: str = "everysec", **settings: str) -> None:
        """Prepare a Redis server and a stack.

        Args:
            folder: The folder of all files; each process has a sub-folder for its log.
            appendfsync: Redis' setting of this name: `everysec` or `always`.
            settings: Settings of all processes.
        """
        server = RedisServer.in_folder(folder / "redis", "--appendfsync", appendfsync)
        super().__init__(folder, server, settings=settings)
        self.processes: dict[str, FailpointProcess] = {}
        self.proxies: dict[str, RedisProxy] = {}
        self._close_callbacks: list[Callable[[], object]] = []
        # A repeated message without a time would be another reading.
        self.client: Any = redis.Redis(
            port=server.port, socket_timeout=5.0, retry=Retry(NoBackoff(), 0)
        )

    def __enter__(self) -> Self:
        self.redis.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        for close in self._close_callbacks:
            close()
        self.client.close()
        self.redis.kill()
        for proxy in self.proxies.values():
            proxy.close()

    def on_close(self, callback: Callable[[], object]) -> None:
        """Call this at the end of the block, after all processes were killed."""
        self._close_callbacks.append(callback)

    def add(self, name: str, label: str = "", **settings: str) -> FailpointProcess:
        """Return a process with a proxy of its own, which is not started yet.

        Args:
            name: The service.
            label: The name in `processes` and `proxies`; the service's name by default.
            settings: Settings of this process, which override those of the stack.
        """
        label = label or name
        proxy = self.proxies[label] = RedisProxy(self.redis.port).start()
        url = {"REDIS_URL": f"redis://127.0.0.1:{proxy.port}/0"}
        process = FailpointProcess.service(
            name, self.folder / label, self._settings | url | settings
        )
        self.processes[label] = process
        self._processes.append(process)
        return process

    def start_web(self, *options: str) -> None:
        """Start the web service with options of the failpoints, and wait until it answers."""
        web = self.processes["web"]
        web.start_with(*options)
        web.wait_until_ready(self.answers)

    def is_ready(self) -> bool:
        """Return True if the web service reports that all is well."""
        try:
            return bool(self.get("/readyz")["ok"])
        except OSError:
            return False

    def read(self) -> None:
        """Read the newest value, for which the writer commits. Nothing if nobody answers."""
        with suppress(OSError):
            self.get("/get_data")

    def has_caught_up(self, database: Path | None = None) -> bool:
        """Return True if a database has stored everything that the journal has ever held.

        Args:
            database: The file; that of the stack by default.
        """
        if "web" in self.processes:
            self.read()
        try:
            epoch, n = self.client.hmget(STATE, "epoch", "n")
        except redis.exceptions.RedisError:
            return False
        query = "SELECT epoch, n FROM journal_position WHERE journal = ?"
        position = self._row(database or self.database, query, [JOURNAL])
        return position == ((epoch or b"").decode(), int(n or 0))

    def wait_until_caught_up(self, database: Path | None = None) -> None:
        """Wait until a database has stored everything that the journal has ever held."""
        wait_until(
            "the writer has caught up", lambda: self.has_caught_up(database), CATCH_UP_SECONDS
        )

    def holds(self, item: Item) -> bool:
        """Return True if the database has this reading."""
        query = "SELECT value FROM readings JOIN series ON id = series_id WHERE name = ? AND ts = ?"
        return self._row(self.database, query, [item.series, item.ts]) == (item.value,)

    def _row(self, database: Path, query: str, arguments: list[Any]) -> tuple[Any, ...] | None:
        # Read-only: a connection that can write would clean up after a killed writer.
        try:
            with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
                row: tuple[Any, ...] | None = connection.execute(query, arguments).fetchone()
                return row
        except sqlite3.OperationalError:
            return None

    def subscriber_count(self) -> int:
        """Return the number of subscribers of the channel."""
        ((_, count),) = self.client.pubsub_numsub(CHANNEL)
        return int(count)

    def rejected(self) -> list[bytes]:
        """Return the texts in the dead-letter stream."""
        return [fields[b"m"] for _, fields in self.client.xrange(REJECTED)]

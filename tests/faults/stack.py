"""The whole product around a Redis server, with a proxy for each process."""

import json
import shutil
import sqlite3
import urllib.request
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from tests.faults.ledger import Item
from tests.faults.process import Process
from tests.faults.proxy import Proxy
from tests.support.servers import RedisServer, free_port, wait_until

DRAIN_SECONDS: Final = 60.0
CHANNEL: Final = "readings"
JOURNAL: Final = "readings:journal"
STATE: Final = "readings:state"
LEASE: Final = "readings:lease"
REJECTED: Final = "readings:rejected"


class Stack:
    """Redis, and processes that reach it through proxies; nothing is started yet.

    environment: settings of the product. appendfsync: Redis' own.
    """

    def __init__(
        self, folder: Path, environment: dict[str, str], appendfsync: str = "everysec"
    ) -> None:
        program = shutil.which("redis-server") or shutil.which("valkey-server")
        assert program is not None, "redis-server is not on PATH"
        self._folder = folder
        self._environment = environment
        self.redis = RedisServer(program, folder / "redis", "--appendfsync", appendfsync)
        self.port = free_port()
        self.database = folder / "data" / "readings.db"
        self.processes: dict[str, Process] = {}
        self.proxies: dict[str, Proxy] = {}
        self._closing: list[Callable[[], object]] = []
        # Nothing is sent twice by itself: a message without a time would be another reading.
        self.client: Any = redis.Redis(
            port=self.redis.port, socket_timeout=5.0, retry=Retry(NoBackoff(), 0)
        )

    def __enter__(self) -> Self:
        self.redis.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for process in self.processes.values():
            process.kill()
        for close in self._closing:
            close()
        self.client.close()
        self.redis.kill()
        for proxy in self.proxies.values():
            proxy.close()

    def closing(self, close: Callable[[], object]) -> None:
        """Have something closed when it is all over."""
        self._closing.append(close)

    def process(self, name: str, label: str = "", **environment: str) -> Process:
        """A process of the product with its own proxy; it is not started yet."""
        label = label or name
        proxy = self.proxies[label] = Proxy(self.redis.port).start()
        made = Process(
            name,
            self._folder / label,
            {
                "REDIS_URL": f"redis://127.0.0.1:{proxy.port}/0",
                "DATA_DIR": str(self.database.parent),
                "PORT": str(self.port),
            }
            | self._environment
            | environment,
        )
        self.processes[label] = made
        return made

    def answers(self) -> bool:
        """Whether the web service answers."""
        try:
            self.get("/livez")
        except OSError:
            return False
        return True

    def ready(self) -> bool:
        """Whether it says that all is well."""
        try:
            return bool(self.get("/readyz")["ok"])
        except OSError:
            return False

    def get(self, path: str) -> Any:
        """What the web service answers, decoded."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as answer:
            return json.load(answer)

    def start_web(self, *options: str) -> None:
        """Start the web service and wait until it answers."""
        self.processes["web"].start(*options)
        wait_until("the web service answers", self.answers)

    def drained(self, database: Path | None = None) -> bool:
        """Whether the database has all that the journal has ever held."""
        try:
            epoch, n = self.client.hmget(STATE, "epoch", "n")
        except redis.exceptions.RedisError:
            return False
        query = "SELECT epoch, n FROM journal_position WHERE journal = ?"
        position = self._row(database or self.database, query, [JOURNAL])
        return position == ((epoch or b"").decode(), int(n or 0))

    def drain(self, database: Path | None = None) -> None:
        """Wait until it has."""
        wait_until("the writer has caught up", lambda: self.drained(database), DRAIN_SECONDS)

    def _row(self, database: Path, query: str, arguments: list[Any]) -> tuple[Any, ...] | None:
        try:
            with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as file:
                row: tuple[Any, ...] | None = file.execute(query, arguments).fetchone()
                return row
        except sqlite3.OperationalError:
            return None

    def holds(self, item: Item) -> bool:
        """Whether the database has this reading."""
        return self._row(
            self.database,
            "SELECT value FROM readings JOIN series ON id = series_id WHERE name = ? AND ts = ?",
            [item.series, item.ts],
        ) == (item.value,)

    def listeners(self) -> int:
        """How many subscribe to the channel."""
        ((_, count),) = self.client.pubsub_numsub(CHANNEL)
        return int(count)

    def rejected(self) -> list[bytes]:
        """The texts that were set aside."""
        return [fields[b"m"] for _, fields in self.client.xrange(REJECTED)]

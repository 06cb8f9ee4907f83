"""A whole Stripchart of real processes, for one test."""

import json
import sqlite3
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.servers import PATIENCE, RedisServer, Service, free_port, wait_until


class Stack:
    """Our processes around a Redis server, and what an outsider can see of them."""

    def __init__(
        self, folder: Path, redis_server: RedisServer, redis_url: str | None = None
    ) -> None:
        self.redis = redis_server
        self.port = free_port()
        self.database = folder / "data" / "readings.db"
        self._folder = folder
        self._environment = {
            "REDIS_URL": redis_url or redis_server.url,
            "DATA_DIR": str(folder / "data"),
            "PORT": str(self.port),
        }
        self._services: list[Service] = []

    def service(self, name: str, **environment: str) -> Service:
        """A process that is not started yet."""
        made = Service(name, self._folder, self._environment | environment)
        self._services.append(made)
        return made

    def start(self, name: str, **environment: str) -> Service:
        """Start a process; web is waited for until it answers."""
        made = self.service(name, **environment).start()
        if name == "web":
            wait_until("the web service answers", lambda: self._answers("/livez"))
        return made

    def _answers(self, path: str) -> bool:
        try:
            self.get(path)
        except OSError:
            return False
        return True

    def get(self, path: str) -> Any:
        """What the web service answers, decoded."""
        with urllib.request.urlopen(
            f"http://127.0.0.1:{self.port}{path}", timeout=PATIENCE
        ) as answer:
            return json.load(answer)

    def post(self, path: str, body: object) -> Any:
        """What the web service answers to a document."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}", json.dumps(body).encode()
        )
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return json.load(answer)

    def rows(self, query: str, *arguments: str) -> list[tuple[Any, ...]]:
        """What the database holds, as another program sees it; nothing while there is none."""
        if not self.database.exists():
            return []
        connection = sqlite3.connect(self.database)
        try:
            return connection.execute(query, arguments).fetchall()
        except sqlite3.OperationalError:
            return []
        finally:
            connection.close()

    def stored(self, series: str) -> list[float]:
        """The values of a series, by time."""
        return [
            value
            for (value,) in self.rows(
                "SELECT value FROM readings_utc WHERE series = ? ORDER BY time", series
            )
        ]

    def kill(self) -> None:
        """Kill every process that is left."""
        for service in self._services:
            service.kill()


@pytest.fixture
def stack(tmp_path: Path, redis_server: RedisServer) -> Iterator[Stack]:
    """Everything is killed when the test is over."""
    made = Stack(tmp_path, redis_server)
    yield made
    made.kill()

"""A whole Stripchart: Redis, the writer and the web service, which end with the block."""

import http.client
import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from benchmarks.harness.programs import Program, free_port
from benchmarks.product.redis import redis_server
from services.broker import Broker, Journal
from services.settings import Settings
from services.store import database_path

_ANSWER_SECONDS: Final = 60.0
_SETTLE_SECONDS: Final = 600.0
_PAUSE_SECONDS: Final = 0.0003


class Http:
    """One connection that is kept open, as a client that asks often would. Not for two threads."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_ANSWER_SECONDS)

    def ask(self, method: str, path: str, body: bytes | None = None) -> bytes:
        """The body of the answer. Raises RuntimeError for an answer that is an error."""
        try:
            response, answer = self._ask(method, path, body)
        except ConnectionError:
            # A server closes what was idle for some seconds.
            self._connection.close()
            response, answer = self._ask(method, path, body)
        if response.status >= http.client.BAD_REQUEST:
            raise RuntimeError(f"{path} was answered with {response.status}: {answer[:300]!r}")
        return answer

    def _ask(
        self, method: str, path: str, body: bytes | None
    ) -> tuple[http.client.HTTPResponse, bytes]:
        self._connection.request(method, path, body)
        response = self._connection.getresponse()
        return response, response.read()

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


class Stack:
    """A running Stripchart. processes: ours, without Redis."""

    def __init__(
        self, environment: dict[str, str], processes: dict[str, Program], redis: Program
    ) -> None:
        self.settings = Settings.from_environ(environment)
        self.processes = processes
        self.redis = redis
        self.broker = Broker.connect(self.settings)
        self.journal = Journal(self.broker)
        self.http = Http(self.settings.port)

    def history(self, **query: Any) -> Any:
        """An answer of /api/history, decoded."""
        return json.loads(self.http.ask("GET", f"/api/history?{urlencode(query, doseq=True)}"))

    def is_committed(self) -> bool:
        """Whether the database has all that is in the journal."""
        client: Any = self.broker.client
        committed = client.hget(self.broker.keys.state, "committed")
        last = client.execute_command("XREVRANGE", self.broker.keys.journal, "+", "-", "COUNT", 1)
        return bool(last) and committed == last[0][0]

    def wait_until_committed(self) -> None:
        """Wait until the database has all that is in the journal. Raises RuntimeError."""
        wait_until(self.is_committed, _SETTLE_SECONDS)

    def database_bytes(self) -> int:
        """The size of the database and its write-ahead log."""
        path = database_path(self.settings)
        return sum(file.stat().st_size for file in path.parent.glob(f"{path.name}*"))

    def close(self) -> None:
        """Close the connections."""
        self.http.close()
        self.broker.close()


@contextmanager
def stack(folder: Path, **more: str) -> Iterator[Stack]:
    """A Stripchart whose data is in this folder, maybe with a database that is there already."""
    with ExitStack() as running:
        redis = running.enter_context(redis_server(folder))
        environment = {
            "DATA_DIR": str(folder),
            "REDIS_URL": redis.url,
            "PORT": str(free_port()),
            "LOG_LEVEL": "WARNING",
            **more,
        }
        processes = {
            name: running.enter_context(Program.service(name, folder, environment))
            for name in ("writer", "web")
        }
        made = Stack(environment, processes, redis.program)
        running.callback(made.close)
        processes["web"].wait_until(lambda: answers(made.http, "/livez"))
        processes["writer"].wait_until(database_path(made.settings).exists)
        processes["writer"].wait_until(lambda: made.history()["cursor"] is not None)
        yield made


def wait_until(happened: Callable[[], bool], seconds: float) -> None:
    """Look again and again until it has happened. Raises RuntimeError when it does not."""
    end = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > end:
            raise RuntimeError(f"waited {seconds:.0f} s in vain")
        time.sleep(_PAUSE_SECONDS)


def answers(client: Http, path: str) -> bool:
    """Whether a server answers there yet."""
    try:
        client.ask("GET", path)
    except (OSError, http.client.HTTPException):
        client.close()
        return False
    return True

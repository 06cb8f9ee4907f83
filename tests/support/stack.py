"""The processes of one Stripchart around a Redis server, as an outside client sees them."""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, Self

from services.cli.supervise.forked_process import CAN_FORK
from services.settings import Settings
from tests.support.databases import make_database
from tests.support.fork_server import ForkedService
from tests.support.ports import free_port
from tests.support.processes import ManagedProcess
from tests.support.redis_server import RedisServer
from tests.support.waiting import wait_until
from tests.support.web_service import WebService


class Stack(WebService):
    """Stripchart's processes, which share a Redis server, a database and a port.

    Nothing runs until it is started. As a context manager it kills all processes at the end; the
    Redis server belongs to the caller.

    Attributes:
        redis: The Redis server.
        port: The port of the web service.
        folder: The folder of all files.
        database: The file of the database.
    """

    service_class: type[ManagedProcess] = ForkedService if CAN_FORK else ManagedProcess
    """The class of the processes. Programs of their own take a second of CPU to start."""
    flush_seconds = "0.2"
    """The setting STRIPCHART_FLUSH_SECONDS: short, because tests look into the database."""

    def __init__(
        self,
        folder: Path,
        redis: RedisServer,
        *,
        redis_url: str = "",
        data_dir: Path | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        """Choose a port and the settings of all processes.

        Args:
            folder: The folder of all files.
            redis: The Redis server.
            redis_url: Another address for the processes, such as that of a proxy.
            data_dir: The folder of the database; `folder/data` by default.
            settings: More settings of all processes, by the name of the variable.
        """
        super().__init__(free_port())
        self.redis = redis
        self.folder = folder
        data_dir = data_dir or folder / "data"
        self.database = data_dir / "readings.db"
        self._settings = {
            "REDIS_URL": redis_url or redis.url,
            "DATA_DIR": str(data_dir),
            "PORT": str(self.port),
            "STRIPCHART_FLUSH_SECONDS": self.flush_seconds,
            **(settings or {}),
        }
        self._processes: list[ManagedProcess] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    @property
    def environment(self) -> Mapping[str, str]:
        """The settings of all processes, by the name of the variable."""
        return self._settings

    def add(self, name: str, **settings: str) -> ManagedProcess:
        """Return a process of this stack that is not started yet, with a log of its own.

        Args:
            name: The service: web, writer, producer or jobs.
            settings: Settings of this process, which override those of the stack.
        """
        log_folder = self.folder / "logs" / str(len(self._processes))
        process = self.service_class.service(name, log_folder, self._settings | settings)
        self._processes.append(process)
        return process

    def start(self, name: str, **settings: str) -> ManagedProcess:
        """Add and start a process. Wait until it answers if it is the web service.

        A writer finds an empty database of the newest schema, which it need not make.
        """
        if name == "writer":
            make_database(Settings.from_environ(self._settings | settings))
        process = self.add(name, **settings).start()
        if name == "web":
            process.wait_until_ready(self.answers)
        return process

    def wait_for_channel_bridge(self) -> None:
        """Wait until the writer holds the lease and bridges external messages.

        If the web service runs too, it must have subscribed to the channel as well.
        """
        services = {"writer", "web"} & {process.name for process in self._processes}
        client = self.redis.client
        wait_until("the writer holds the lease", lambda: client.exists("readings:lease"))
        wait_until(
            "the channel has its subscribers",
            lambda: client.pubsub_numsub("readings")[0][1] == len(services),
        )

    def kill(self) -> None:
        """Kill every process that is left."""
        for process in self._processes:
            process.kill()

    def rows(self, query: str, *arguments: str) -> list[tuple[Any, ...]]:
        """Return the rows that a query finds in the database; none while it can't be read."""
        if not self.database.exists():
            return []
        try:
            with closing(sqlite3.connect(self.database)) as connection:
                return connection.execute(query, arguments).fetchall()
        except sqlite3.OperationalError:
            return []

    def stored(self, series: str) -> list[float]:
        """Return the stored values of a series in the order of their time."""
        query = "SELECT value FROM readings_utc WHERE series = ? ORDER BY time"
        return [value for (value,) in self.rows(query, series)]

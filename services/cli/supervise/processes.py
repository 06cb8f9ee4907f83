"""The processes of `stripchart up`: which they are, and the order in which they start and end."""

import os
import sys
import time
from typing import Final

from services.cli.supervise.process import ProcessSpec
from services.cli.supervise.redis_server import RedisServer
from services.cli.supervise.supervisor import Supervisor
from services.concurrency import Shutdown
from services.errors import BrokerUnavailableError
from services.settings import Settings

REDIS: Final = "redis"
PROCESSES: Final = ("web", "writer", "producer", "jobs")
"""In the order in which they are started: the slowest first."""

_PATIENCE: Final = 5.0
"""Seconds that somebody else's Redis may take to answer. Our own may take as long as it loads."""

_LOOK: Final = 0.05
_STOPS: Final = ((("producer",), 2.0), (("web", "jobs"), 4.0), (PROCESSES, 8.0))
"""Who is asked to end, one after the other, and until when the others wait for it. After 8 s, who
is left is killed; Redis is asked last, so that whoever has something to say to it can."""

_REDIS_STOPS: Final = 10.0


class Processes:
    """Redis where it is ours, and the processes around it."""

    def __init__(self, settings: Settings, supervisor: Supervisor, stop: Shutdown) -> None:
        self._settings = settings
        self._supervisor = supervisor
        self._stop = stop

    def start_redis(self, server: RedisServer, lock: int) -> None:
        """Start our own Redis, and wait until it takes commands or we shall stop.

        lock: the descriptor of DATA_DIR's lock. Redis holds it too, so that nobody starts a second
        one on its files, even where it has outlived us. Raises StripchartError.
        """
        if server.data is not None:
            server.data.mkdir(mode=0o700, exist_ok=True)
        spec = ProcessSpec(REDIS, server.command, self._environment(), (lock,))
        self._supervisor.start(spec, keep=False)
        while not self._stop.requested and not self._answers(None):
            if not self._supervisor.child(REDIS).running:
                raise server.fault(self._supervisor.child(REDIS).said)
            self._supervisor.step(_LOOK)
        self._supervisor.keep(REDIS)

    def find_redis(self) -> None:
        """Wait until the Redis of the settings answers. Raises BrokerUnavailableError."""
        patience = time.monotonic() + _PATIENCE
        while not self._stop.requested and not self._answers(patience):
            self._supervisor.step(_LOOK)

    def _answers(self, patience: float | None) -> bool:
        # Not imported before there is a Redis to wait for, to lose no time.
        from services.broker import Broker  # noqa: PLC0415

        broker = Broker.connect(self._settings)
        try:
            broker.ping()
        except BrokerUnavailableError:
            if patience is not None and time.monotonic() >= patience:
                raise
            return False
        finally:
            broker.close()
        return True

    def start(self) -> None:
        """Start the processes, all at once."""
        for name in PROCESSES:
            command = [sys.executable, "-P", "-m", f"services.{name}"]
            self._supervisor.start(ProcessSpec(name, command, self._environment()))

    def stop(self) -> None:
        """End everything, in order, within 10 s."""
        begun = time.monotonic()
        for names, seconds in _STOPS:
            self._supervisor.terminate(names, begun + seconds)
        self._supervisor.kill(PROCESSES)
        self._supervisor.terminate((REDIS,), begun + _REDIS_STOPS)
        self._supervisor.kill((REDIS,))

    def _environment(self) -> dict[str, str]:
        """Our own environment, with what we have decided in it."""
        decided = {
            "REDIS_URL": self._settings.redis_url,
            "DATA_DIR": str(self._settings.data_dir),
            "STRIPCHART_DURABLE": "yes" if self._settings.durable else "no",
            "STRIPCHART_SOURCES": ",".join(self._settings.sources),
            "PYTHONUNBUFFERED": "1",
        }
        files = {f"{name}_FILE" for name in decided}
        kept = {name: value for name, value in os.environ.items() if name not in files}
        return kept | decided

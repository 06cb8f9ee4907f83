"""One Stripchart that is attacked in several ways, one after the other."""

import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

from services.broker import Broker, Journal
from services.clock import now_microseconds
from services.reading import MICROSECONDS, Reading
from services.settings import Settings
from services.store import Recorder, WriteBatch
from tests.attacks.bystander import Bystander, Delays
from tests.support.databases import migrated_engine
from tests.support.processes import ManagedProcess
from tests.support.redis_server import RedisServer
from tests.support.stack import Stack

_READINGS_PER_SERIES: Final = 5
_HOUR: Final = 3_600 * MICROSECONDS

MAX_VIEWER_SECONDS: Final = 0.25
"""Delay that 95 of 100 readings stay under, on their way to a viewer."""

MAX_REQUEST_SECONDS: Final = 1.0
MAX_MEMORY_BYTES: Final = 400_000_000


class Result(NamedTuple):
    """The delays that a bystander noticed during an attack.

    Attributes:
        viewer: 95th percentile of the delays of readings to a viewer, in seconds.
        livez: Longest time of a request, in seconds.
        readyz: The same for `/readyz`.
        write: The same for a small write.
        memory: Memory of the web process at its highest, in bytes.
    """

    viewer: float
    livez: float
    readyz: float
    write: float
    memory: int

    @classmethod
    def of(cls, delays: Delays, memory: int) -> "Result":
        """Summarize delays."""
        viewer = sorted(delays.viewer)
        return cls(
            viewer[len(viewer) * 95 // 100] if viewer else float("inf"),
            max(delays.livez, default=float("inf")),
            max(delays.readyz, default=float("inf")),
            max(delays.write, default=float("inf")),
            memory,
        )

    @property
    def is_good(self) -> bool:
        """True if the attack held up nobody."""
        return (
            self.viewer < MAX_VIEWER_SECONDS
            and max(self.livez, self.readyz, self.write) < MAX_REQUEST_SECONDS
            and self.memory < MAX_MEMORY_BYTES
        )

    def __str__(self) -> str:
        times = "".join(f"{seconds * 1000:8.0f}" for seconds in self[:4])
        return f"{times}{self.memory / 1e6:8.0f}"


class Trial:
    """A stack with stored series, and a bystander. Attacks run one after the other."""

    def __init__(self, stack: Stack, web: ManagedProcess, bystander: Bystander) -> None:
        self._stack = stack
        self._web = web
        self._bystander = bystander

    def run(self, attack: str, connections: int, seconds: float) -> Result:
        """Run an attack for some seconds, and return what the bystander noticed."""
        self._bystander.take()
        command = [
            sys.executable, "-m", "tests.attacks.attacker",
            attack, str(self._stack.port), str(self._stack.redis.port), str(connections),
        ]  # fmt: skip
        with ManagedProcess("attacker", command, self._stack.folder / attack) as attacker:
            memory, end = 0, time.monotonic() + seconds
            while time.monotonic() < end:
                memory = max(memory, self._web.memory_bytes())
                time.sleep(0.1)
            attacker.kill()
        return Result.of(self._bystander.take(), memory)


@contextmanager
def trial(folder: Path, redis: RedisServer, series_count: int) -> Iterator[Trial]:
    """Store series, and start a stack with a bystander."""
    settings = Settings.from_environ({"DATA_DIR": str(folder / "data"), "REDIS_URL": redis.url})
    journal = Journal(Broker.connect(settings))
    recorder = Recorder(migrated_engine(settings), "readings:journal", now_microseconds)
    recorder.commit(WriteBatch(list(_sparse_readings(series_count))), journal.end())
    with Stack(folder, redis, settings={"STRIPCHART_MAX_SERIES": "1000000"}) as stack:
        stack.start("writer")
        web = stack.start("web")
        with Bystander(stack.port, journal) as bystander:
            yield Trial(stack, web, bystander)


def _sparse_readings(series_count: int) -> Iterable[Reading]:
    now = now_microseconds()
    for number in range(series_count):
        for hours in range(_READINGS_PER_SERIES):
            yield Reading(f"site{number % 97}.sensor.aa{number}", now - (hours + 1) * _HOUR, hours)

"""The load: a publisher at a steady pace, and viewers in a program of their own."""

import json
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from benchmarks.broadcast.programs import compiled
from benchmarks.broadcast.servers import Server
from services.broker import Broker, Journal, Message
from services.clock import now_microseconds
from services.reading import Reading
from services.settings import Settings


class Received(NamedTuple):
    """What came in a window.

    in_time: messages that took less than a second; p50, p99, most: of all, seconds; cpu: seconds
    of the load client.
    """

    messages: int
    frames: int
    in_time: int
    p50: float
    p99: float
    most: float
    cpu: float


class Publisher:
    """Publishes messages that carry the moment of their publishing."""

    def __init__(self, redis: int, readings: int = 1) -> None:
        settings = Settings.from_environ({"REDIS_URL": f"redis://127.0.0.1:{redis}/0"})
        self._broker = Broker.connect(settings)
        self._journal = Journal(self._broker)
        self._readings = readings

    def run(self, rate: int, count: int) -> None:
        """Publish so many messages, `rate` a second."""
        begin = time.monotonic()
        for number in range(count):
            time.sleep(max(0.0, begin + number / rate - time.monotonic()))
            ts = now_microseconds()
            series = (f"bench.{place}" for place in range(self._readings))
            readings = [Reading(name, ts, 42.17 + number) for name in series]
            self._journal.publish(Message.of(readings))

    def close(self) -> None:
        """Let go of Redis."""
        self._broker.close()


class Audience:
    """Viewers who have joined."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def take(self, due: int) -> Received:
        """Wait until so many messages have come in all, or no more do."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{due}\n")
        self._process.stdin.flush()
        return Received(**json.loads(self._process.stdout.readline()))


@contextmanager
def audience(server: Server, viewers: int, stalled: int = 0) -> Iterator[Audience]:
    """Viewers of a server, and some more who never read. Raises RuntimeError."""
    program = str(compiled("viewers"))
    command = [program, str(server.port), server.path, server.prefix, str(viewers), str(stalled)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdout is not None
        if process.stdout.readline() != "joined\n":
            raise RuntimeError("the viewers could not join")
        try:
            yield Audience(process)
        finally:
            process.kill()


def everybody_hears(publisher: Publisher, watching: Audience, viewers: int, each: int) -> None:
    """Publish until a message has reached all viewers: then all have joined. RuntimeError."""
    end = time.monotonic() + 20.0
    while _misses(publisher, watching, viewers * each):
        if time.monotonic() > end:
            raise RuntimeError("not all viewers hear what is published")


def _misses(publisher: Publisher, watching: Audience, due: int) -> bool:
    publisher.run(1, 1)
    return watching.take(due).messages < due

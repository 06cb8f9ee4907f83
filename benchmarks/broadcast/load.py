"""Load of a live server: a publisher at a steady rate, and viewers in a C program."""

import json
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, NamedTuple

from benchmarks.broadcast.dependencies import compile_c_program
from benchmarks.broadcast.servers import LiveServer
from services.broker import Broker, Journal, Message
from services.clock import now_microseconds
from services.reading import Reading
from services.settings import Settings

_JOIN_TIMEOUT_SECONDS: Final = 20.0


class ReceiveStats(NamedTuple):
    """Result of one measurement, for all viewers together.

    Attributes:
        readings: Number of received readings.
        frames: Number of received frames.
        in_time: Number of readings that took less than a second.
        p50: Median time from publish to receive, in seconds.
        p99: 99th percentile of that time, in seconds.
        max: Maximum of that time, in seconds.
        cpu: CPU time of the viewers' program, in seconds.
    """

    readings: int
    frames: int
    in_time: int
    p50: float
    p99: float
    max: float
    cpu: float


class Publisher:
    """Publishes messages whose readings have the time of publishing.

    Args:
        redis_port: Port of Redis.
        readings_per_message: Number of readings in each message.
    """

    def __init__(self, redis_port: int, readings_per_message: int = 1) -> None:
        settings = Settings.from_environ({"REDIS_URL": f"redis://127.0.0.1:{redis_port}/0"})
        self._broker = Broker.connect(settings)
        self._journal = Journal(self._broker)
        self._readings_per_message = readings_per_message

    def publish(self, rate: int, message_count: int) -> None:
        """Publish messages, `rate` per second."""
        begin = time.monotonic()
        for number in range(message_count):
            time.sleep(max(0.0, begin + number / rate - time.monotonic()))
            ts = now_microseconds()
            names = (f"bench.{index}" for index in range(self._readings_per_message))
            readings = [Reading(name, ts, 42.17 + number) for name in names]
            self._journal.publish(Message.of(readings))

    def close(self) -> None:
        """Close the connection to Redis."""
        self._broker.close()


class Viewers:
    """Viewers that are connected to a live server."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def receive(self, expected: int) -> ReceiveStats:
        """Wait until the viewers have received `expected` readings in all, or no more arrive.

        Returns:
            The statistics since the previous call.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{expected}\n")
        self._process.stdin.flush()
        return ReceiveStats(**json.loads(self._process.stdout.readline()))


@contextmanager
def connect_viewers(
    server: LiveServer, viewer_count: int, stalled_count: int = 0
) -> Iterator[Viewers]:
    """Connect viewers for the duration of a `with` block.

    Args:
        server: The live server.
        viewer_count: Number of viewers that read.
        stalled_count: Number of further viewers that never read.

    Raises:
        RuntimeError: The viewers could not connect.
        MissingDependencyError: There is no C compiler.
    """
    command = [
        str(compile_c_program("viewers")),
        str(server.port),
        server.path,
        server.prefix,
        str(viewer_count),
        str(stalled_count),
    ]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdout is not None
        if process.stdout.readline() != "joined\n":
            raise RuntimeError("the viewers could not connect")
        try:
            yield Viewers(process)
        finally:
            process.kill()


def publish_until_all_receive(publisher: Publisher, viewers: Viewers, expected: int) -> None:
    """Publish single messages until one has reached all viewers: then all have joined.

    Args:
        publisher: The publisher.
        viewers: The viewers.
        expected: Number of readings that all viewers together receive of one message.

    Raises:
        RuntimeError: Some viewers still receive nothing after 20 s.
    """
    end = time.monotonic() + _JOIN_TIMEOUT_SECONDS
    while not _all_receive(publisher, viewers, expected):
        if time.monotonic() > end:
            raise RuntimeError("some viewers do not receive what is published")


def _all_receive(publisher: Publisher, viewers: Viewers, expected: int) -> bool:
    publisher.publish(1, 1)
    return viewers.receive(expected).readings >= expected

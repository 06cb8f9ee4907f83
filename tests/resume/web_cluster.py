"""A stack with several web services, for viewers that move between them."""

from pathlib import Path
from typing import Self

from tests.support.ports import free_port
from tests.support.processes import ManagedProcess
from tests.support.redis_server import RedisServer
from tests.support.stack import Stack


class WebCluster(Stack):
    """A writer, a producer, and web services on ports of their own.

    As a context manager it starts all of them, and kills them at the end of the block.

    Attributes:
        webs: The web services by port.
        writer: The writer.
        producer: The producer of three series.
    """

    def __init__(self, folder: Path, redis: RedisServer, webs: int, rate: float) -> None:
        """Prepare the processes.

        Args:
            folder: The folder of all files.
            redis: The Redis server, which must run.
            webs: The number of web services.
            rate: The readings a second of each series.
        """
        super().__init__(folder, redis)
        self.writer = self.add("writer")
        self.producer = self.add(
            "producer", STRIPCHART_PRODUCER_RATE=str(rate), STRIPCHART_PRODUCER_SERIES="3"
        )
        self.webs: dict[int, ManagedProcess] = {}
        for _ in range(webs):
            port = free_port()
            self.webs[port] = self.add("web", PORT=str(port))

    def __enter__(self) -> Self:
        for process in (self.writer, self.producer, *self.webs.values()):
            process.start()
        return self

    @property
    def ports(self) -> list[int]:
        """The ports of the web services."""
        return list(self.webs)

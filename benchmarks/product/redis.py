"""A Redis server as `stripchart up` would bring it: append-only file, a sync each second."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import redis

from benchmarks.harness.programs import Program
from services.cli.supervise.redis_server import choose


class Running(NamedTuple):
    """A running server and its address."""

    url: str
    program: Program


@contextmanager
def redis_server(folder: Path) -> Iterator[Running]:
    """A server that ends with the block. Raises StripchartError where there is none."""
    server = choose(folder)
    if server.data is not None:
        server.data.mkdir(parents=True, exist_ok=True)
    client = redis.Redis.from_url(server.url)

    def answers() -> bool:
        try:
            return bool(client.ping())
        except redis.exceptions.ConnectionError:
            return False

    with Program("redis", server.command, folder) as program:
        program.wait_until(answers)
        client.close()
        yield Running(server.url, program)

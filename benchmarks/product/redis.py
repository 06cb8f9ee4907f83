"""A Redis server as `stripchart up` starts it: an append-only file, synced every second."""

from pathlib import Path
from typing import Final

from services.cli.supervise.redis_server import choose
from tests.support.redis_server import RedisServer

_RULES: Final = "user default on nopass ~* &* +@all\n"
"""Benchmarks need no password: checking it once for each connection takes no time."""


def redis_server(folder: Path) -> RedisServer:
    """Prepare a server that runs for the duration of a `with` block.

    Args:
        folder: The folder of the server's log and data.

    Raises:
        StripchartError: There is no Redis on this machine.
    """
    server = choose(folder)
    server.rules.write_text(_RULES, encoding="ascii")
    if server.data is not None:
        server.data.mkdir(parents=True, exist_ok=True)
    return RedisServer(server.command, server.port, folder)

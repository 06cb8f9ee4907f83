"""A Redis server as `stripchart up` starts it: an append-only file, synced every second."""

from pathlib import Path

from services.cli.supervise.redis_server import choose
from tests.support.redis_server import RedisServer


def redis_server(folder: Path) -> RedisServer:
    """Prepare a server that runs for the duration of a `with` block.

    Args:
        folder: The folder of the server's log and data.

    Raises:
        StripchartError: There is no Redis on this machine.
    """
    server = choose(folder)
    if server.data is not None:
        server.data.mkdir(parents=True, exist_ok=True)
    return RedisServer(server.command, server.port, folder)

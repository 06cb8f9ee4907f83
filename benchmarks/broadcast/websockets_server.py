"""Broadcast with the package `websockets`, as its documentation shows it.

`python websockets_server.py REDIS_PORT CHANNEL` prints the port that it listens on.
"""

import asyncio
import sys

from websockets.asyncio.server import ServerConnection, broadcast, serve


async def main() -> None:
    """Send each message of the channel to all viewers."""
    viewers: set[ServerConnection] = set()

    async def handle(connection: ServerConnection) -> None:
        viewers.add(connection)
        try:
            await connection.wait_closed()
        finally:
            viewers.discard(connection)

    async with serve(
        handle, "127.0.0.1", 0, compression=None, ping_interval=None, backlog=4096
    ) as server:
        print(server.sockets[0].getsockname()[1], flush=True)
        reader, writer = await asyncio.open_connection("127.0.0.1", int(sys.argv[1]))
        writer.write(f"SUBSCRIBE {sys.argv[2]}\r\n".encode())
        while line := await reader.readline():
            if line.startswith(b"*"):
                parts = [await _read_part(reader) for _ in range(3)]
                if parts[0] == b"message":
                    broadcast(viewers, parts[2].decode())


async def _read_part(reader: asyncio.StreamReader) -> bytes:
    line = await reader.readline()
    if line.startswith(b":"):
        return line[1:-2]
    return (await reader.readexactly(int(line[1:]) + 2))[:-2]


if __name__ == "__main__":
    asyncio.run(main())

"""Attacks of one client with many connections. Each is a coroutine for one connection."""

import asyncio
import base64
import gzip
import random
from collections.abc import Awaitable, Callable
from typing import Final, NamedTuple

_HEADERS: Final = "Host: 127.0.0.1\r\n"
_UPGRADE: Final = (
    "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    f"Sec-WebSocket-Key: {base64.b64encode(bytes(16)).decode()}\r\n"
)
_HANG_UP_SECONDS: Final = 0.3
_ANSWER_SECONDS: Final = 10.0
_LARGE_BODY_BYTES: Final = 1_000_000


class Target(NamedTuple):
    """Ports on loopback: of the web service and of Redis."""

    port: int
    redis_port: int


class Connection:
    """One connection to the web service."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def to(cls, port: int) -> "Connection":
        """Connect to a port on loopback. Raises OSError."""
        return cls(*await asyncio.open_connection("127.0.0.1", port, limit=1 << 16))

    async def send(self, data: bytes) -> None:
        """Send bytes."""
        self._writer.write(data)
        await self._writer.drain()

    async def request(self, line: str, headers: str = "", body: bytes = b"") -> None:
        """Send a request. Its headers have the length of a body."""
        length = f"Content-Length: {len(body)}\r\n" if body else ""
        await self.send(f"{line} HTTP/1.1\r\n{_HEADERS}{headers}{length}\r\n".encode() + body)

    async def read(self, seconds: float = _ANSWER_SECONDS) -> bytes:
        """Return some bytes of the answer, none at its end or after some seconds."""
        try:
            return await asyncio.wait_for(self._reader.read(1 << 16), seconds)
        except TimeoutError:
            return b""

    async def read_to_end(self) -> None:
        """Read until the server closes the connection, or is silent for long."""
        while await self.read():
            pass

    async def hold(self) -> None:
        """Neither send nor read until the server closes the connection."""
        transport = self._writer.transport
        while not transport.is_closing():
            await asyncio.sleep(0.5)

    def close(self) -> None:
        """Hang up."""
        self._writer.transport.abort()


Attack = Callable[[Target, Connection], Awaitable[None]]


async def _dropped_queries(_: Target, connection: Connection) -> None:
    await connection.request("GET /api/history?points=1000&from=0")
    await asyncio.sleep(_HANG_UP_SECONDS)


async def _queries(_: Target, connection: Connection) -> None:
    await connection.request("GET /api/history?points=1000&from=0", "Connection: close\r\n")
    await connection.read_to_end()


def _patterns() -> str:
    letters = "abcdefghijklmnopqrstuvwxyz"
    return "&".join(
        f"series=*{a}{b}*{c}*" for a, b, c in zip(*[iter(letters * 9)] * 3, strict=False)
    )


async def _history_patterns(_: Target, connection: Connection) -> None:
    await connection.request(f"GET /api/history?points=10&{_patterns()}", "Connection: close\r\n")
    await connection.read_to_end()


async def _stream_patterns(_: Target, connection: Connection) -> None:
    few = "&".join(_patterns().split("&")[:20])
    await connection.request(
        f"GET /api/stream?{random.choice([few, _patterns()])}&x={random.random()}"
    )
    await connection.read()


async def _websocket_patterns(_: Target, connection: Connection) -> None:
    some = "&".join(random.sample(_patterns().split("&"), 20))
    await connection.request(f"GET /live?{some}", _UPGRADE)
    await connection.read()


async def _fault_bodies(_: Target, connection: Connection) -> None:
    body = gzip.compress(b"[" + b"1," * 6_000_000 + b"1]")
    await connection.request("POST /api/readings", "Content-Encoding: gzip\r\n", body)
    await connection.read()


async def _small_fault_bodies(_: Target, connection: Connection) -> None:
    await connection.request("POST /api/readings", body=b"[" + b"1," * 30_000 + b"1]")
    await connection.read()


async def _large_bodies(_: Target, connection: Connection) -> None:
    line = b"attack value=1\n"
    body = line * (_LARGE_BODY_BYTES // len(line))
    await connection.request("POST /api/v2/write?bucket=a", body=body)
    await connection.read()


async def _half_open_headers(_: Target, connection: Connection) -> None:
    await connection.send(b"GET /api/series HTTP/1.1\r\nHost: a\r\nX: ")
    await connection.hold()


async def _half_open_bodies(_: Target, connection: Connection) -> None:
    await connection.send(b"POST /api/readings HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n[1")
    await connection.hold()


async def _half_open_large_bodies(_: Target, connection: Connection) -> None:
    await connection.send(
        b"POST /api/readings HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n["
    )
    await connection.hold()


async def _silence(_: Target, connection: Connection) -> None:
    await connection.hold()


async def _slow_bodies(_: Target, connection: Connection) -> None:
    await connection.send(
        b"POST /api/readings HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n"
    )
    while True:
        await connection.send(b"[" * 100)
        await asyncio.sleep(1)


async def _multipart_queries(_: Target, connection: Connection) -> None:
    start = b'--b\r\nContent-Disposition: form-data; name="q"; filename="a"\r\n\r\n'
    await connection.send(
        b"POST /query HTTP/1.1\r\nHost: a\r\nContent-Length: 24000000\r\n"
        b"Content-Type: multipart/form-data; boundary=b\r\n\r\n" + start
    )
    for _chunk in range(240):
        await connection.send(b"x" * 100_000)
    await connection.hold()


async def _unread_series(_: Target, connection: Connection) -> None:
    await connection.request("GET /api/series")
    await connection.hold()


async def _unread_history(_: Target, connection: Connection) -> None:
    await connection.request("GET /api/history?points=5000&from=0")
    await connection.hold()


async def _unread_websockets(_: Target, connection: Connection) -> None:
    await connection.request("GET /live", _UPGRADE)
    await connection.hold()


async def _websocket_floods(_: Target, connection: Connection) -> None:
    await connection.request("GET /live", _UPGRADE)
    await connection.read()
    frame = bytes([0x81, 0xFE, 0x40, 0x00, 0, 0, 0, 0]) + b"x" * 0x4000
    for _frame in range(100):
        await connection.send(frame)


async def _request_floods(_: Target, connection: Connection) -> None:
    while True:
        await connection.request("GET /livez")
        if not await connection.read():
            return


async def _readiness_floods(_: Target, connection: Connection) -> None:
    while True:
        await connection.request("GET /readyz")
        if not await connection.read():
            return


async def _series_floods(_: Target, connection: Connection) -> None:
    await connection.request("GET /api/series", "Connection: close\r\n")
    await connection.read_to_end()


async def _page_floods(_: Target, connection: Connection) -> None:
    await connection.request("GET /", "Connection: close\r\n")
    await connection.read_to_end()


async def _viewer_storm(_: Target, connection: Connection) -> None:
    await connection.request("GET /live", _UPGRADE)
    await connection.read()
    await asyncio.sleep(random.random())


async def _write_floods(_: Target, connection: Connection) -> None:
    while True:
        await connection.request("POST /api/readings", body=b'{"series":"attack","value":1}')
        if not await connection.read():
            return


async def _new_series(_: Target, connection: Connection) -> None:
    items = ",".join(f'{{"series":"attack.{random.random()}","value":1}}' for _i in range(500))
    await connection.request("POST /api/readings", body=f"[{items}]".encode())
    await connection.read()


async def _junk_messages(target: Target, _: Connection) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", target.redis_port)
    text = b"[" + b"1," * 500_000 + b"1]"
    for _message in range(45):
        writer.write(b"*3\r\n$7\r\nPUBLISH\r\n$8\r\nreadings\r\n$%d\r\n%b\r\n" % (len(text), text))
        await writer.drain()
        await reader.readline()
    writer.close()


ATTACKS: Final[dict[str, Attack]] = {
    function.__name__.strip("_").replace("_", "-"): function
    for function in (
        _dropped_queries,
        _queries,
        _history_patterns,
        _stream_patterns,
        _websocket_patterns,
        _fault_bodies,
        _small_fault_bodies,
        _large_bodies,
        _half_open_headers,
        _half_open_bodies,
        _half_open_large_bodies,
        _silence,
        _slow_bodies,
        _multipart_queries,
        _unread_series,
        _unread_history,
        _unread_websockets,
        _websocket_floods,
        _request_floods,
        _readiness_floods,
        _series_floods,
        _page_floods,
        _viewer_storm,
        _write_floods,
        _new_series,
        _junk_messages,
    )
}


async def attack(name: str, target: Target, connections: int) -> None:
    """Attack with this number of connections at a time, and never end."""

    async def repeat() -> None:
        while True:
            try:
                connection = await asyncio.wait_for(Connection.to(target.port), _ANSWER_SECONDS)
            except (OSError, TimeoutError):
                await asyncio.sleep(0.1)
                continue
            try:
                await ATTACKS[name](target, connection)
            except OSError:
                await asyncio.sleep(0.05)
            finally:
                connection.close()

    async with asyncio.TaskGroup() as group:
        for _ in range(connections):
            group.create_task(repeat())

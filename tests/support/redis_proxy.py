"""A TCP proxy in front of Redis that can lose replies, stall, delay and cut connections."""

import asyncio
import socket
import threading
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, Final, Self

_CHUNK_BYTES: Final = 1 << 16
_SCRIPT_CALL: Final = b"EVALSHA"
_RESET_ON_CLOSE: Final = b"\x01\x00\x00\x00\x00\x00\x00\x00"


class _Link:
    """One connection from a client to the server."""

    def __init__(self, client: asyncio.StreamWriter, server: asyncio.StreamWriter) -> None:
        self.client = client
        self.server = server
        self.loses_reply = False
        self.frozen = False

    def cut(self) -> None:
        for end in (self.client, self.server):
            with suppress(OSError, AttributeError):
                end.get_extra_info("socket").setsockopt(
                    socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE
                )
            end.transport.abort()


class RedisProxy:
    """Forwards connections to a port of loopback, from a thread of its own.

    Faults can be injected from any thread.

    Attributes:
        port: The port of the proxy, after `start`.
    """

    def __init__(self, target_port: int) -> None:
        self.port = 0
        self._target_port = target_port
        self._links: set[_Link] = set()
        self._delay_seconds = 0.0
        self._replies_to_lose = 0
        self._loop = asyncio.new_event_loop()
        self._forwarding = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._thread = threading.Thread(target=self._run, name="proxy", daemon=True)
        self._listening = threading.Event()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(self) -> Self:
        """Listen on a free port."""
        self._thread.start()
        self._listening.wait()
        return self

    def close(self) -> None:
        """Cut all connections and end the thread."""
        self._call(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def cut(self) -> None:
        """Reset all current connections."""
        self._call(self._cut_all)

    def lose_reply(self) -> None:
        """Forward the next call of a script, drop its reply, and reset the connection."""
        self._replies_to_lose += 1

    def delay(self, seconds: float) -> None:
        """Delay each chunk from now on."""
        self._delay_seconds = seconds

    def stall(self) -> None:
        """Accept connections and data but forward nothing, as a half-open link does."""
        self._call(self._forwarding.clear)

    def freeze(self) -> None:
        """Forward nothing more on the current connections; new ones work."""
        self._call(self._freeze_all)

    def resume(self) -> None:
        """End a stall, and forward the data that it held back."""
        self._call(self._forwarding.set)

    def heal(self) -> None:
        """End all faults, except for frozen connections."""
        self._replies_to_lose = 0
        self._delay_seconds = 0.0
        self.resume()

    def _call(self, action: Callable[[], object]) -> None:
        self._loop.call_soon_threadsafe(action)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._forwarding.set()
        server = self._loop.run_until_complete(asyncio.start_server(self._accept, "127.0.0.1", 0))
        self.port = server.sockets[0].getsockname()[1]
        self._listening.set()
        self._loop.run_forever()
        server.close()
        self._loop.run_until_complete(self._end_all())

    async def _end_all(self) -> None:
        self._cut_all()
        # Frozen and stalled tasks would never end.
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        # A reset connection is closed in the next turn of the loop.
        await asyncio.sleep(0)

    def _cut_all(self) -> None:
        for link in list(self._links):
            link.cut()

    def _freeze_all(self) -> None:
        for link in self._links:
            link.frozen = True

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            replies, server = await asyncio.open_connection("127.0.0.1", self._target_port)
        except OSError:
            writer.transport.abort()
            return
        link = _Link(writer, server)
        self._links.add(link)
        self._spawn(self._forward_commands(reader, link))
        self._spawn(self._forward_replies(replies, link))

    def _spawn(self, forwarding: Coroutine[Any, Any, None]) -> None:
        task = self._loop.create_task(forwarding)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _forward_commands(self, reader: asyncio.StreamReader, link: _Link) -> None:
        with suppress(OSError):
            while chunk := await self._read_chunk(reader, link):
                if self._replies_to_lose and _SCRIPT_CALL in chunk:
                    self._replies_to_lose -= 1
                    link.loses_reply = True
                link.server.write(chunk)
                await link.server.drain()
        self._end(link)

    async def _forward_replies(self, reader: asyncio.StreamReader, link: _Link) -> None:
        with suppress(OSError):
            while (chunk := await self._read_chunk(reader, link)) and not link.loses_reply:
                link.client.write(chunk)
                await link.client.drain()
        self._end(link)

    async def _read_chunk(self, reader: asyncio.StreamReader, link: _Link) -> bytes:
        chunk = await reader.read(_CHUNK_BYTES)
        if link.frozen:
            await asyncio.Event().wait()
        if self._delay_seconds:
            await asyncio.sleep(self._delay_seconds)
        await self._forwarding.wait()
        return chunk

    def _end(self, link: _Link) -> None:
        self._links.discard(link)
        link.cut()

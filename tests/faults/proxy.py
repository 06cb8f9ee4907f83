"""A TCP proxy in front of Redis that can lose replies, stall, delay and cut."""

import asyncio
import socket
import threading
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, Final

_PIECE: Final = 1 << 16
_CALL: Final = b"EVALSHA"
_LINGER_NOT: Final = b"\x01\x00\x00\x00\x00\x00\x00\x00"


class _Link:
    """One connection, from a client to the server."""

    def __init__(self, client: asyncio.StreamWriter, server: asyncio.StreamWriter) -> None:
        self.client = client
        self.server = server
        self.loses_reply = False
        self.frozen = False

    def cut(self) -> None:
        for end in (self.client, self.server):
            with suppress(OSError, AttributeError):
                end.get_extra_info("socket").setsockopt(
                    socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT
                )
            end.transport.abort()


class Proxy:
    """Passes connections on to a port of loopback, from a thread of its own.

    Its faults can be called from any thread.
    """

    def __init__(self, target: int) -> None:
        self.port = 0
        self._target = target
        self._links: set[_Link] = set()
        self._delay = 0.0
        self._to_lose = 0
        self._loop = asyncio.new_event_loop()
        self._passing = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._thread = threading.Thread(target=self._run, name="proxy", daemon=True)
        self._ready = threading.Event()

    def start(self) -> "Proxy":
        """Listen on a port of its own."""
        self._thread.start()
        self._ready.wait()
        return self

    def close(self) -> None:
        """Cut everything and end."""
        self._call(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def cut(self) -> None:
        """Break all connections that there are."""
        self._call(self._cut_all)

    def lose_reply(self) -> None:
        """Pass the next call of a script on, drop the reply to it, and break the connection."""
        self._to_lose += 1

    def delay(self, seconds: float) -> None:
        """Hold each piece up for this long, until told otherwise."""
        self._delay = seconds

    def stall(self) -> None:
        """Accept everything and pass nothing on, as a link does that is half open."""
        self._call(self._passing.clear)

    def freeze(self) -> None:
        """Pass nothing on any more on the connections that there are; new ones work."""
        self._call(self._freeze_all)

    def flow(self) -> None:
        """Pass on again what was held up."""
        self._call(self._passing.set)

    def heal(self) -> None:
        """No more faults."""
        self._to_lose = 0
        self._delay = 0.0
        self.flow()

    def _call(self, action: Callable[[], object]) -> None:
        self._loop.call_soon_threadsafe(action)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._passing.set()
        server = self._loop.run_until_complete(asyncio.start_server(self._accept, "127.0.0.1", 0))
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()
        server.close()
        self._loop.run_until_complete(self._end_all())

    async def _end_all(self) -> None:
        self._cut_all()
        # Those that are frozen or stalled would never end.
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        # A connection that was cut is closed in the turn after.
        await asyncio.sleep(0)

    def _cut_all(self) -> None:
        for link in list(self._links):
            link.cut()

    def _freeze_all(self) -> None:
        for link in self._links:
            link.frozen = True

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            answers, server = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            writer.transport.abort()
            return
        link = _Link(writer, server)
        self._links.add(link)
        self._spawn(self._pass_commands(reader, link))
        self._spawn(self._pass_replies(answers, link))

    def _spawn(self, pump: Coroutine[Any, Any, None]) -> None:
        task = self._loop.create_task(pump)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _pass_commands(self, reader: asyncio.StreamReader, link: _Link) -> None:
        with suppress(OSError):
            while piece := await self._piece(reader, link):
                if self._to_lose and _CALL in piece:
                    self._to_lose -= 1
                    link.loses_reply = True
                link.server.write(piece)
                await link.server.drain()
        self._end(link)

    async def _pass_replies(self, reader: asyncio.StreamReader, link: _Link) -> None:
        with suppress(OSError):
            while (piece := await self._piece(reader, link)) and not link.loses_reply:
                link.client.write(piece)
                await link.client.drain()
        self._end(link)

    async def _piece(self, reader: asyncio.StreamReader, link: _Link) -> bytes:
        piece = await reader.read(_PIECE)
        if link.frozen:
            await asyncio.Event().wait()
        if self._delay:
            await asyncio.sleep(self._delay)
        await self._passing.wait()
        return piece

    def _end(self, link: _Link) -> None:
        self._links.discard(link)
        link.cut()

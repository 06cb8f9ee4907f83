"""`python -m services.cli.supervise.fake_server PORT`: fakeredis behind a TCP socket.

It is fakeredis behind a socket, for a demo: nothing is on disk. The TCP server that comes with
fakeredis looks for news a hundred times a second for each client, holds small replies back, breaks
off large ones and names clients so that redis-py can't read it. So here each client has a thread
that takes its commands, a second one that waits for its replies, and a proper name.
"""

import logging
import signal
import socket
import struct
import sys
from queue import Queue
from socketserver import BaseRequestHandler, ThreadingTCPServer
from threading import Thread
from typing import Any, Final

from fakeredis import FakeRedisConnection, FakeServer
from fakeredis._clients._tcp_server import encode_reply

from services import log

logger = logging.getLogger("redis")

_VERSION: Final = (7, 0)
_PIECE: Final = 65_536
_SEND_SECONDS: Final = 10
"""How long a client may not read before it is cut off."""

_END: Final = object()


class FakeRedisServer(ThreadingTCPServer):
    """The server. It listens on loopback only."""

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int) -> None:
        super().__init__(("127.0.0.1", port), _ClientHandler)
        self.data = FakeServer(version=_VERSION)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002
        """One client failed: the others do not care."""
        logger.warning("%s:%d was cut off: %r", *client_address[:2], sys.exc_info()[1])


class _ClientHandler(BaseRequestHandler):
    server: FakeRedisServer
    request: socket.socket

    def handle(self) -> None:
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        timeout = struct.pack("@ll", _SEND_SECONDS, 0)
        self.request.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, timeout)
        connection = FakeRedisConnection(
            server=self.server.data,
            protocol=2,
            client_info={
                "addr": _name(self.request.getpeername()),
                "laddr": _name(self.request.getsockname()),
                "fd": self.request.fileno(),
            },
        )
        fake = connection.get_socket()
        replies: Queue[Any] = fake.responses  # type: ignore[assignment]
        sender = Thread(target=self._send, args=(fake, replies), daemon=True)
        sender.start()
        try:
            while piece := self.request.recv(_PIECE):
                fake.sendall(piece)
        except ConnectionResetError:
            pass
        finally:
            replies.put(_END)
            sender.join()
            connection.disconnect()  # type: ignore[no-untyped-call]

    def _send(self, fake: Any, replies: Queue[Any]) -> None:
        try:
            while (reply := replies.get()) is not _END:
                self.request.sendall(encode_reply(reply, fake._client_info.protocol_version))
        except OSError:
            # Wakes the thread that takes the commands, which then ends as well.
            self.request.shutdown(socket.SHUT_RDWR)


def _name(address: tuple[str, int]) -> str:
    return f"{address[0]}:{address[1]}"


def main() -> None:
    """Serve until SIGTERM."""
    log.configure("INFO")
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(0))
    with FakeRedisServer(int(sys.argv[1])) as server:
        logger.info("a stand-in for Redis listens on %s:%d", *server.server_address[:2])
        server.serve_forever()


if __name__ == "__main__":
    main()

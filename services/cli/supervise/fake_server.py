"""A stand-in for Redis: `python -m services.cli.supervise.fake_server PORT [RULES]`.

It serves fakeredis over TCP, for a demo, and has no files. The TCP server in fakeredis polls for
replies 100 times a second for each client, delays small replies and truncates large ones. It also
gives clients names that redis-py can't read. So here each client has a thread for its commands, a
thread for its replies, and a valid name. The file RULES has the rights of the
users; without it, everybody may do everything.
"""

import logging
import signal
import socket
import struct
import sys
from pathlib import Path
from queue import Queue
from socketserver import BaseRequestHandler, ThreadingTCPServer
from threading import Thread
from typing import Any, Final

from fakeredis import FakeRedis, FakeRedisConnection, FakeServer
from fakeredis._clients._tcp_server import encode_reply

from services.process import configure_with_defaults

logger = logging.getLogger("redis")

_VERSION: Final = (7, 0)
_RECEIVE_BYTES: Final = 65_536
_SEND_TIMEOUT_SECONDS: Final = 10
"""Time after which a client that does not read its replies is disconnected."""

_END: Final = object()


def new_fake_server() -> FakeServer:
    """Return an empty server for clients in several threads.

    fakeredis creates a database when somebody connects. Two threads that connect at once would each
    get a database of their own, so it is created here.
    """
    server = FakeServer(version=_VERSION)
    _ = server.dbs[0]
    return server


class FakeRedisServer(ThreadingTCPServer):
    """The server. It listens on loopback only.

    Args:
        port: The port.
        rules: The rights of its users: the lines of the file that Redis calls `aclfile`.
    """

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, rules: str = "") -> None:
        super().__init__(("127.0.0.1", port), _ClientHandler)
        self.data = new_fake_server()
        client = FakeRedis(server=self.data)
        # The client is the default user, which must be the last to get its rights.
        for line in rules.splitlines():
            client.execute_command("ACL SETUSER", *line.split()[1:])  # type: ignore[no-untyped-call]

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002
        """Log the fault of one client, and continue with the others."""
        logger.warning("client %s:%d disconnected: %r", *client_address[:2], sys.exc_info()[1])


class _ClientHandler(BaseRequestHandler):
    server: FakeRedisServer
    request: socket.socket

    def handle(self) -> None:
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        timeout = struct.pack("@ll", _SEND_TIMEOUT_SECONDS, 0)
        self.request.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, timeout)
        connection = FakeRedisConnection(
            server=self.server.data,
            protocol=2,
            client_info={
                "addr": _format_address(self.request.getpeername()),
                "laddr": _format_address(self.request.getsockname()),
                "fd": self.request.fileno(),
            },
        )
        fake = connection.get_socket()
        replies: Queue[Any] = fake.responses  # type: ignore[assignment]
        sender = Thread(target=self._send_replies, args=(fake, replies), daemon=True)
        sender.start()
        try:
            while chunk := self.request.recv(_RECEIVE_BYTES):
                fake.sendall(chunk)
        except ConnectionResetError:
            pass
        finally:
            replies.put(_END)
            sender.join()
            connection.disconnect()  # type: ignore[no-untyped-call]

    def _send_replies(self, fake: Any, replies: Queue[Any]) -> None:
        try:
            while (reply := replies.get()) is not _END:
                self.request.sendall(encode_reply(reply, fake._client_info.protocol_version))
        except OSError:
            # Wake the thread that receives commands, so that it ends as well.
            self.request.shutdown(socket.SHUT_RDWR)


def _format_address(address: tuple[str, int]) -> str:
    return f"{address[0]}:{address[1]}"


def main() -> None:
    """Serve until SIGTERM."""
    configure_with_defaults("redis")
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(0))
    port, *files = sys.argv[1:]
    rules = "".join(Path(file).read_text(encoding="ascii") for file in files)
    with FakeRedisServer(int(port), rules) as server:
        logger.info("stand-in for Redis listening on %s:%d", *server.server_address[:2])
        server.serve_forever()


if __name__ == "__main__":
    main()

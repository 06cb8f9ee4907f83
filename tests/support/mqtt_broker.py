"""An MQTT broker for tests that delivers a message once for each filter that matches its topic.

MQTT allows it, and EMQX and others do it. It knows MQTT 3.1.1 with QoS 0, and only delivers what
the test publishes.
"""

import socket
import socketserver
import ssl
import struct
import threading
from collections.abc import Collection, Sequence
from contextlib import suppress
from typing import Final, Self

from paho.mqtt.client import topic_matches_sub

_CONNECT: Final = 1
_SUBSCRIBE: Final = 8
_PINGREQ: Final = 12
_DISCONNECT: Final = 14

_REFUSED: Final = 0x80


class CopyingBroker:
    """The broker, on its own port of loopback.

    Args:
        context: Certificates for TLS, None without it.

    Attributes:
        refused_filters: Filters that nobody may subscribe to.
    """

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self.refused_filters: Collection[str] = ()
        self.sessions: list[_Session] = []
        broker = self

        class Session(_Session):
            def setup(self) -> None:
                super().setup()
                self.broker = broker

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Session)
        self._server.daemon_threads = True
        if context is not None:
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.port: int = self._server.server_address[1]

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def filters(self) -> list[list[str]]:
        """Return the filters of each connection."""
        return [session.filters for session in self.sessions if session.filters]

    def publish(self, topic: str, *payloads: str) -> int:
        """Deliver messages at once, and return the number of copies of each."""
        copies = 0
        for session in self.sessions:
            for each in session.filters:
                if topic_matches_sub(each, topic):
                    session.deliver(topic, payloads)
                    copies += 1
        return copies

    def disconnect(self) -> None:
        """Cut all connections."""
        sessions, self.sessions = self.sessions, []
        for session in sessions:
            # The client closes the others once the first one is cut.
            with suppress(OSError):
                session.cut()


class _Session(socketserver.StreamRequestHandler):
    broker: CopyingBroker

    def setup(self) -> None:
        super().setup()
        self.filters: list[str] = []

    def handle(self) -> None:
        while (packet := self._read_packet()) is not None:
            kind, body = packet
            if kind == _CONNECT:
                self.broker.sessions.append(self)
                self._send(b"\x20", b"\x00\x00")
            elif kind == _SUBSCRIBE:
                self._subscribe(body)
            elif kind == _PINGREQ:
                self._send(b"\xd0", b"")
            elif kind == _DISCONNECT:
                break

    def finish(self) -> None:
        self.filters = []
        super().finish()

    def deliver(self, topic: str, payloads: Sequence[str]) -> None:
        head = struct.pack("!H", len(topic.encode())) + topic.encode()
        packets = (_packet(b"\x30", head + payload.encode()) for payload in payloads)
        self.wfile.write(b"".join(packets))

    def cut(self) -> None:
        self.connection.shutdown(socket.SHUT_RDWR)

    def _subscribe(self, body: bytes) -> None:
        answers, position, filters = b"", 2, []
        while position < len(body):
            (length,) = struct.unpack_from("!H", body, position)
            text = body[position + 2 : position + 2 + length].decode()
            refused = text in self.broker.refused_filters
            filters += [] if refused else [text]
            answers += bytes([_REFUSED if refused else body[position + 2 + length]])
            position += 3 + length
        self.filters = filters
        self._send(b"\x90", body[:2] + answers)

    def _read_packet(self) -> tuple[int, bytes] | None:
        header = self.rfile.read(1)
        if not header:
            return None
        length, shift = 0, 0
        while True:
            (byte,) = self.rfile.read(1)
            length |= (byte & 0x7F) << shift
            shift += 7
            if not byte & 0x80:
                return header[0] >> 4, self.rfile.read(length)

    def _send(self, header: bytes, body: bytes) -> None:
        self.wfile.write(_packet(header, body))


def _packet(header: bytes, body: bytes) -> bytes:
    return header + bytes([len(body)]) + body

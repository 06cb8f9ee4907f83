"""Requests as bytes: no client between them and the server makes them harmless."""

import socket
from typing import NamedTuple

from tests.support.waiting import TIMEOUT_SECONDS


class RawAnswer(NamedTuple):
    """The answer to a request. Names of headers are in lower case."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


def send_raw(port: int, head: str, body: bytes = b"") -> RawAnswer:
    """Send the head of a request, without its empty line, and a body. Return the answer."""
    with socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT_SECONDS) as connection:
        length = f"\r\nContent-Length: {len(body)}" if body else ""
        host = f"\r\nHost: 127.0.0.1:{port}\r\nConnection: close{length}\r\n\r\n"
        connection.sendall(f"{head}{host}".encode("latin-1") + body)
        data = b"".join(iter(lambda: connection.recv(65_536), b""))
    answer, _, content = data.partition(b"\r\n\r\n")
    status, *lines = answer.decode("latin-1").split("\r\n")
    headers = [line.partition(":") for line in lines]
    named = [(name.lower(), value.strip()) for name, _, value in headers]
    return RawAnswer(int(status.split()[1]), named, content)

"""Responses whose head and body are sent together."""

from types import SimpleNamespace
from typing import Any

import pytest
from gunicorn.config import Config
from gunicorn.http import wsgi

from services.web.gunicorn_worker import JoinedResponse


class RecordingSocket:
    """A socket that remembers what was sent at a time."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []

    def sendall(self, data: bytes) -> None:
        self.sent.append(bytes(data))


@pytest.fixture
def sock() -> RecordingSocket:
    return RecordingSocket()


def start_response(sock: RecordingSocket, headers: list[tuple[str, str]]) -> Any:
    """Return a response of the class that gunicorn uses now."""
    request = SimpleNamespace(method="GET", version=(1, 1), should_close=lambda: False)
    response = wsgi.Response(request, sock, Config())
    assert isinstance(response, JoinedResponse)
    response.start_response("200 OK", headers)
    return response


def test_head_and_body_are_sent_at_once(sock: RecordingSocket) -> None:
    response = start_response(sock, [("Content-Length", "2")])
    response.write(b"ok")
    (sent,) = sock.sent
    assert sent.startswith(b"HTTP/1.1 200 OK\r\n")
    assert sent.endswith(b"\r\n\r\nok")


def test_large_body_is_not_copied(sock: RecordingSocket) -> None:
    body = bytes(1_000_000)
    response = start_response(sock, [("Content-Length", str(len(body)))])
    response.write(body)
    head, sent = sock.sent
    assert head.endswith(b"\r\n\r\n")
    assert sent == body


def test_parts_of_a_stream_are_sent_as_they_come(sock: RecordingSocket) -> None:
    response = start_response(sock, [])
    response.write(b"one")
    assert sock.sent[0].endswith(b"\r\n\r\n3\r\none\r\n")
    response.write(b"two")
    assert sock.sent[1:] == [b"3\r\ntwo\r\n"]


def test_head_without_a_body_is_sent(sock: RecordingSocket) -> None:
    response = start_response(sock, [("Content-Length", "0")])
    response.close()
    (sent,) = sock.sent
    assert sent.endswith(b"\r\n\r\n")

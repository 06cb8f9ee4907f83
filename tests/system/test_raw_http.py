"""Requests as bytes: what the server must refuse, and what it must not mistake for two."""

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing

import pytest

from tests.support.stack import Stack
from tests.support.waiting import TIMEOUT_SECONDS, wait_until

pytestmark = [pytest.mark.redis, pytest.mark.long]

GET = b"GET /livez HTTP/1.1\r\n"
HOST = b"Host: localhost\r\n"
POST = b"POST /api/readings HTTP/1.1\r\n" + HOST
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n"
LIVE = b"GET /live HTTP/1.1\r\n" + HOST + b"Upgrade: websocket\r\nConnection: Upgrade\r\n"
KEY = b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
END = b"\r\n"
READING = b'{"series":"raw","value":1}'

REFUSED = {
    "no Host": (GET + END, 400),
    "two Hosts": (GET + HOST + HOST + END, 400),
    "an empty Host": (GET + b"Host:\r\n" + END, 403),
    "a foreign Host": (GET + b"Host: evil.example\r\n" + END, 403),
    "no version": (b"GET /livez\r\n" + END, 400),
    "HTTP/0.9": (b"GET /livez HTTP/0.9\r\n" + HOST + END, 400),
    "HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
    "a method in lower case": (b"get /livez HTTP/1.1\r\n" + HOST + END, 400),
    "a method with a NUL": (b"GE\0T /livez HTTP/1.1\r\n" + HOST + END, 400),
    "a target with a NUL": (b"GET /livez\0 HTTP/1.1\r\n" + HOST + END, 400),
    "a target without a slash": (b"GET livez HTTP/1.1\r\n" + HOST + END, 400),
    "a target of another host": (b"GET http://evil.example/nothing HTTP/1.1\r\n" + HOST + END, 404),
    "a tunnel": (b"CONNECT localhost:6379 HTTP/1.1\r\n" + HOST + END, 404),
    "a bare LF": (b"GET /livez HTTP/1.1\n" + HOST + END, 400),
    "a bare LF after a header": (GET + b"Host: localhost\nX: y\r\n" + END, 400),
    "a bare CR in a header": (GET + HOST + b"X: a\rb\r\n" + END, 400),
    "a NUL in a header": (GET + HOST + b"X: a\0b\r\n" + END, 400),
    "a folded header": (GET + HOST + b"X: a\r\n b\r\n" + END, 400),
    "a folded first header": (GET + b" X: a\r\n" + HOST + END, 400),
    "a space before the colon": (GET + b"Host : localhost\r\n" + END, 400),
    "a header without a colon": (GET + HOST + b"X\r\n" + END, 400),
    "a header without a name": (GET + HOST + b": x\r\n" + END, 400),
    "too many headers": (GET + HOST + b"X: y\r\n" * 200 + END, 431),
    "an unknown expectation": (GET + HOST + b"Expect: tea\r\n" + END, 417),
    "two lengths": (POST + b"Content-Length: 26\r\n" * 2 + END + READING, 400),
    "two different lengths": (
        POST + b"Content-Length: 26\r\nContent-Length: 1\r\n" + END + READING,
        400,
    ),
    "a list of lengths": (POST + b"Content-Length: 26, 26\r\n" + END + READING, 400),
    "a negative length": (POST + b"Content-Length: -1\r\n" + END, 400),
    "a signed length": (POST + b"Content-Length: +26\r\n" + END + READING, 400),
    "a length in hexadecimal": (POST + b"Content-Length: 0x1a\r\n" + END + READING, 400),
    "a huge length": (POST + b"Content-Length: " + b"9" * 30 + END + END, 413),
    "a length of many digits": (POST + b"Content-Length: " + b"9" * 5_000 + END + END, 400),
    "a length and chunks": (CHUNKED + b"Content-Length: 26\r\n" + END + b"0\r\n\r\n", 400),
    "chunks in HTTP/1.0": (CHUNKED.replace(b"HTTP/1.1", b"HTTP/1.0") + END + b"0\r\n\r\n", 400),
    "compressed chunks": (
        POST + b"Transfer-Encoding: gzip, chunked\r\n" + END + b"0\r\n\r\n",
        501,
    ),
    "chunks twice": (POST + b"Transfer-Encoding: chunked, chunked\r\n" + END + b"0\r\n\r\n", 400),
    "chunks that are not last": (
        POST + b"Transfer-Encoding: chunked, gzip\r\n" + END + b"0\r\n\r\n",
        400,
    ),
    "an unknown coding": (POST + b"Transfer-Encoding: cow\r\n" + END + b"0\r\n\r\n", 501),
    "an identity coding": (POST + b"Transfer-Encoding: identity\r\n" + END, 400),
    "two codings": (CHUNKED + b"Transfer-Encoding: identity\r\n" + END + b"0\r\n\r\n", 400),
    "a chunk without a size": (CHUNKED + END + b"\r\n" + READING, 400),
    "a chunk of a signed size": (CHUNKED + END + b"+1a\r\n" + READING + b"\r\n0\r\n\r\n", 400),
    "a chunk size with a prefix": (CHUNKED + END + b"0x1a\r\n" + READING + b"\r\n0\r\n\r\n", 400),
    "a chunk size with an underscore": (
        CHUNKED + END + b"1_a\r\n" + READING + b"\r\n0\r\n\r\n",
        400,
    ),
    "a chunk that is longer than its size": (CHUNKED + END + b"1\r\n" + READING, 400),
    "a chunk size with a bare LF": (CHUNKED + END + b"1a\n" + READING + b"\r\n0\r\n\r\n", 400),
    "an endless chunk size": (CHUNKED + END + b"0" * 20_000, 400),
    "a forbidden trailer": (
        CHUNKED + END + b"1a\r\n" + READING + b"\r\n0\r\nContent-Length: 5\r\n\r\n",
        400,
    ),
    "a WebSocket without a key": (LIVE + b"Sec-WebSocket-Version: 13\r\n" + END, 400),
    "a WebSocket with a short key": (
        LIVE + b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: YWJj\r\n" + END,
        400,
    ),
    "a WebSocket with a broken key": (
        LIVE + b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: !!!\r\n" + END,
        400,
    ),
    "a WebSocket of another version": (LIVE + KEY + b"Sec-WebSocket-Version: 8\r\n" + END, 400),
    "a WebSocket without a version": (LIVE + KEY + END, 400),
    "a WebSocket of a foreign page": (
        LIVE + KEY + b"Sec-WebSocket-Version: 13\r\nOrigin: http://evil.example\r\n" + END,
        403,
    ),
}

ACCEPTED = {
    "an old request without Host": (b"GET /livez HTTP/1.0\r\n" + END, [200]),
    "an absolute target": (b"GET http://localhost/livez HTTP/1.1\r\n" + HOST + END, [200]),
    "an empty line before": (b"\r\n" + GET + HOST + END, [200]),
    "an extension of a chunk": (
        CHUNKED + END + b"1a;a=b\r\n" + READING + b"\r\n0\r\n\r\n" + GET + HOST + END,
        [200, 200],
    ),
    "a trailer": (
        CHUNKED + END + b"1a\r\n" + READING + b"\r\n0\r\nX: y\r\n\r\n" + GET + HOST + END,
        [200, 200],
    ),
    "requests at once": (
        (POST + b"Content-Length: 26\r\n" + END + READING + GET + HOST + END) * 2,
        [200, 200, 200, 200],
    ),
    "a body that the route does not read": (
        GET + HOST + b"Content-Length: 26\r\n" + END + READING + GET + HOST + END,
        [200, 200],
    ),
    "a target with escaped dots": (b"GET /%2e%2e/livez HTTP/1.1\r\n" + HOST + END, [404]),
}


def exchange(stack: Stack, request: bytes) -> bytes:
    """Send a request, close our side, and return all that the server answers."""
    with socket.create_connection(("127.0.0.1", stack.port), TIMEOUT_SECONDS) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        answer = b""
        while data := connection.recv(65_536):
            answer += data
    return answer


def statuses(answer: bytes) -> list[int]:
    return [int(status) for status in re.findall(rb"HTTP/1\.[01] (\d{3}) ", answer)]


@pytest.mark.parametrize("case", REFUSED)
def test_broken_request_is_refused_once(shared_stack: Stack, case: str) -> None:
    """The bytes after the broken part are not taken for another request."""
    request, status = REFUSED[case]
    answer = exchange(shared_stack, request + GET + HOST + END)
    assert statuses(answer)[0] == status
    if status in {400, 413, 431, 501}:
        # A broken handshake leaves no doubt about where the next request begins.
        assert len(statuses(answer)) == (2 if "WebSocket" in case else 1)
        assert b"Content-Type: application/json" in answer
        assert b'"ok":false' in answer
    assert b"Traceback" not in answer


@pytest.mark.parametrize("case", ACCEPTED)
def test_unusual_request_is_accepted(shared_stack: Stack, case: str) -> None:
    request, expected = ACCEPTED[case]
    assert statuses(exchange(shared_stack, request)) == expected


@pytest.fixture
def half_open(shared_stack: Stack) -> Iterator[list[socket.socket]]:
    """Open connections that withhold the rest of a request."""
    beginnings = [
        POST + b"Content-Length: 10\r\n\r\n[",
        POST + b"Content-Length: 100000\r\n\r\n[",
        CHUNKED + b"\r\n5\r\n[",
        b"POST /write?db=home HTTP/1.1\r\n" + HOST + b"Content-Length: 10\r\n\r\nx",
        b"PATCH /api/series/a HTTP/1.1\r\n" + HOST + b"Content-Length: 10\r\n\r\n{",
        b"POST /query HTTP/1.1\r\n" + HOST + b"Content-Length: 10\r\n\r\nq=",
        b"POST /nothing HTTP/1.1\r\n" + HOST + b"Content-Length: 10\r\n\r\nq=",
    ]
    with ExitStack() as stack:
        connections = []
        for beginning in beginnings:
            connection = socket.create_connection(("127.0.0.1", shared_stack.port), TIMEOUT_SECONDS)
            connections.append(stack.enter_context(closing(connection)))
            connection.sendall(beginning)
        yield connections


def test_body_that_does_not_arrive_is_408_on_every_route(half_open: list[socket.socket]) -> None:
    for connection in half_open:
        answer = connection.recv(65_536)
        assert statuses(answer) == [408]
        assert b"did not arrive in time" in answer
        assert connection.recv(1) == b""


def test_client_that_never_pauses_lets_others_in(shared_stack: Stack) -> None:
    """A hundred connections send their next request as soon as they have an answer."""
    done = threading.Event()

    def repeat(connection: socket.socket) -> None:
        while not done.is_set():
            connection.sendall(GET + HOST + END)
            connection.recv(65_536)

    with ExitStack() as stack:
        stack.callback(done.set)
        connections = [
            stack.enter_context(
                socket.create_connection(("127.0.0.1", shared_stack.port), TIMEOUT_SECONDS)
            )
            for _ in range(100)
        ]
        threads = [threading.Thread(target=repeat, args=(c,)) for c in connections]
        for thread in threads:
            thread.start()
        for _ in range(10):
            wait_until("another client is answered", shared_stack.answers)
        done.set()
        for thread in threads:
            thread.join()

"""Requests are assigned to lanes before they are read."""

import socket

import pytest

from services.web.http.lanes import lane_of_bytes, lane_of_request, peek_lane

HEAD = b"POST /api/readings HTTP/1.1\r\nHost: a\r\n"


@pytest.mark.parametrize(
    ("data", "lane"),
    [
        (b"GET /livez HTTP/1.1\r\n\r\n", "/livez"),
        (b"GET /base/readyz HTTP/1.1\r\nHost: a\r\n\r\n", "/readyz"),
        (b"GET /live?series=a HTTP/1.1\r\n\r\n", "live"),
        (b"GET /api/history?to=/livez HTTP/1.1\r\n\r\n", "read"),
        (HEAD + b"Content-Length: 2\r\n\r\n[]", "write"),
        (HEAD + b"content-length:2\r\n\r\n[]GET /", "write"),
        (HEAD + b"Content-Length: 16384\r\n\r\n" + bytes(16_384), "write"),
        (HEAD + b"Content-Length: 16385\r\n\r\n", "large write"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", "large write"),
        (HEAD + b"Content-Length: 2\r\n\r\n[", "incomplete"),
        (b"GET /livez HTTP/1.1\r\nHost: a\r\n", "incomplete"),
        (b"", "incomplete"),
        (b"\xff\x00 \xfe\r\n\r\n", "large write"),
    ],
)
def test_lane_follows_from_first_bytes(data: bytes, lane: str) -> None:
    assert lane_of_bytes(data) == lane


@pytest.mark.parametrize(
    ("length", "lane"),
    [(0, "write"), (16_384, "write"), (16_385, "large write"), (None, "large write")],
)
def test_lane_of_a_write_follows_from_its_length(length: int | None, lane: str) -> None:
    assert lane_of_request("POST", "/write", length) == lane


def test_peek_leaves_the_request_to_be_read() -> None:
    ours, client = socket.socketpair()
    with ours, client:
        assert peek_lane(ours) == ""
        client.sendall(b"GET / HTTP/1.1\r\n\r\n")
        assert peek_lane(ours) == "read"
        assert ours.recv(100).startswith(b"GET /")
        client.close()
        assert peek_lane(ours) == "incomplete"

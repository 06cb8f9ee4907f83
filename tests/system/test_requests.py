"""Requests that write: too large, incomplete, chunked, slow, or too much for the journal."""

import http.client
import json
import socket

import pytest

from tests.support.stack import Stack
from tests.support.waiting import TIMEOUT_SECONDS, time_limit, wait_until

pytestmark = [pytest.mark.redis, pytest.mark.long]

READING = b'{"series":"good","value":1}'


def connect(stack: Stack) -> http.client.HTTPConnection:
    return http.client.HTTPConnection("127.0.0.1", stack.port, timeout=TIMEOUT_SECONDS)


@pytest.mark.parametrize(
    "body",
    [b"", b"\xff\xfe\x00", b"garbage", b"[" * 1_000_000, b'{"a":' * 200_000, b"21.5", b"[1,"],
)
def test_body_without_items_is_refused(running_stack: Stack, body: bytes) -> None:
    status, document = running_stack.write(body)
    assert (status, document["ok"]) == (400, False)
    assert document["error"]


def test_too_large_body_is_refused(running_stack: Stack) -> None:
    status, document = running_stack.write(b" " * 25_000_001)
    assert (status, document["status"], document["ok"]) == (413, 413, False)
    assert running_stack.write(READING.ljust(25_000_000)) == (
        200,
        {"ok": True, "written": 1},
    )


def test_too_large_body_without_length_is_refused(running_stack: Stack) -> None:
    """The body comes in chunks, so that its length is unknown before the end."""
    with socket.create_connection(
        ("127.0.0.1", running_stack.port), timeout=TIMEOUT_SECONDS
    ) as connection:
        connection.sendall(
            b"POST /api/readings HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        chunk = b"%x\r\n%s\r\n" % (1 << 20, b" " * (1 << 20))
        for _ in range(26):
            connection.sendall(chunk)
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        document = json.load(answer)
    assert (answer.status, document["status"], document["ok"]) == (413, 413, False)


def test_chunked_body_is_accepted(running_stack: Stack) -> None:
    body = iter([b"[", READING, b",", READING, b"]"])
    connection = http.client.HTTPConnection(
        "127.0.0.1", running_stack.port, timeout=TIMEOUT_SECONDS
    )
    connection.request("POST", "/api/readings", body, encode_chunked=True,
                       headers={"Transfer-Encoding": "chunked"})  # fmt: skip
    assert json.load(connection.getresponse()) == {"ok": True, "written": 2}
    connection.close()


@pytest.mark.parametrize(
    ("query", "headers", "status"),
    [("x" * 66_000, {}, 414), ("", {"X-Long": "x" * 20_000}, 431)],
)
def test_too_long_request_is_refused_in_json(
    running_stack: Stack, query: str, headers: dict[str, str], status: int
) -> None:
    connection = http.client.HTTPConnection(
        "127.0.0.1", running_stack.port, timeout=TIMEOUT_SECONDS
    )
    connection.request("GET", f"/api/history?series={query}", headers=headers)
    answer = connection.getresponse()
    document = json.load(answer)
    connection.close()
    assert (answer.status, document["status"], document["ok"]) == (status, status, False)
    assert document["error"]


INCOMPLETE = {
    "the sender disconnects": (b"Content-Length: 30\r\n\r\nnear value=1\nfar value=21", "25 of 30"),
    "the sender of a large body disconnects": (
        b"Content-Length: 70000\r\n\r\nfar value=21",
        "12 of 70000",
    ),
    "a chunk has no size": (b"Transfer-Encoding: chunked\r\n\r\nzz\r\nfar value=21", "chunks"),
    "a chunk is incomplete": (b"Transfer-Encoding: chunked\r\n\r\n90\r\nfar value=21", "chunks"),
}


@pytest.mark.parametrize("path", ["/write?db=home", "/api/readings"])
def test_incomplete_body_is_refused(running_stack: Stack, path: str) -> None:
    """A reading that was sent as `value=21.5` must not be stored as 21 or 2."""
    for case, (body, reason) in INCOMPLETE.items():
        with socket.create_connection(
            ("127.0.0.1", running_stack.port), timeout=TIMEOUT_SECONDS
        ) as connection:
            connection.sendall(f"POST {path} HTTP/1.1\r\nHost: localhost\r\n".encode() + body)
            connection.shutdown(socket.SHUT_WR)
            answer = http.client.HTTPResponse(connection)
            answer.begin()
            document = json.load(answer)
        assert answer.status == 400, case
        assert reason in document["error"]
    assert running_stack.redis.client.exists("readings:journal") == 0


def test_large_list_is_appended_in_one_call(running_stack: Stack) -> None:
    client = running_stack.redis.client
    client.config_set("slowlog-log-slower-than", 0)
    client.config_set("slowlog-max-len", 10_000)
    size = 100_000
    body = json.dumps([{"series": "many", "value": i, "ts": i} for i in range(size)]).encode()
    client.slowlog_reset()
    status, document = running_stack.write(body)
    assert (status, document) == (200, {"ok": True, "written": size})
    commands = [str(entry["command"]).split()[0] for entry in client.slowlog_get(10_000)]
    calls = [c for c in commands if c in {"EVALSHA", "EVAL", "XADD", "PUBLISH"}]
    # Other scripts are the writer's: it renews its lease and acknowledges.
    appended = client.xlen("readings:journal")
    assert appended == 100
    assert "XADD" not in calls
    wait_until("all are stored", lambda: len(running_stack.stored("many")) == size)


def test_request_that_does_not_fit_appends_nothing(stack: Stack) -> None:
    stack.start("web", STRIPCHART_JOURNAL_MAX_ENTRIES="3")
    client = stack.redis.client
    lists = {n: json.dumps([{"series": "a", "value": i} for i in range(n)]) for n in (2_000, 4_000)}
    status, _ = stack.write(lists[4_000].encode())
    assert status == 413
    assert client.exists("readings:journal") == 0
    assert stack.write(lists[2_000].encode())[0] == 200
    status, document = stack.write(lists[2_000].encode())
    assert (status, document["ok"]) == (503, False)
    assert client.xlen("readings:journal") == 2
    assert client.hget("readings:state", "r") == "2000"


def test_slow_request_does_not_delay_others(running_stack: Stack) -> None:
    with socket.create_connection(
        ("127.0.0.1", running_stack.port), timeout=TIMEOUT_SECONDS
    ) as slow:
        slow.sendall(
            b"POST /api/readings HTTP/1.1\r\nHost: localhost\r\nContent-Length: 20000000\r\n\r\n["
        )
        with time_limit("other requests are answered", 5.0):
            assert running_stack.write(READING)[0] == 200
            assert running_stack.write(READING.ljust(1_000_000))[0] == 200
            assert running_stack.get("/api/series") is not None

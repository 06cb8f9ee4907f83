"""A web service that ends: viewers are told when to come back, and requests are finished."""

import json
import os
import re
import signal
import socket
from typing import Any

import pytest
import websocket

from tests.support.stack import Stack
from tests.support.waiting import TIMEOUT_SECONDS, wait_until
from tests.system.test_stream import stream

pytestmark = pytest.mark.redis

VIEWERS = 20


def watching(stack: Stack) -> list[Any]:
    """Viewers who have been greeted."""
    address = f"ws://127.0.0.1:{stack.port}/live"
    viewers: list[Any] = [
        websocket.create_connection(address, timeout=TIMEOUT_SECONDS) for _ in range(VIEWERS)
    ]
    for viewer in viewers:
        # As long as the server looks for Redis, it says only that it lives.
        while json.loads(viewer.recv())["type"] != "hello":
            pass
    return viewers


def farewell(viewer: Any) -> tuple[int, float]:
    """The code of the close frame, and when it asks the viewer to come back."""
    opcode, data = viewer.recv_data()
    while opcode != websocket.ABNF.OPCODE_CLOSE:
        opcode, data = viewer.recv_data()
    viewer.shutdown()
    hint = re.fullmatch(r"the server restarts: retry in (\d+\.\d\d) s", data[2:].decode())
    assert hint is not None
    return int.from_bytes(data[:2]), float(hint[1])


def scattered(farewells: list[tuple[int, float]]) -> bool:
    """Whether all were told 1012, and not all to come back at one moment."""
    hints = [hint for _, hint in farewells]
    return {code for code, _ in farewells} == {1012} and max(hints) - min(hints) > 0.2


def test_viewers_are_asked_to_come_back_one_by_one(stack: Stack) -> None:
    web = stack.start("web")
    viewers = watching(stack)
    with stream(stack) as events:
        events.next("hello")
        assert web.terminate() == 0
        last = events.next("close")
        assert last["code"] == 1012
        assert float(last["retry"]) / 1_000 == pytest.approx(
            float(last["reason"].split()[-2]), abs=0.01
        )
        assert events.answer.read() == b""
    assert scattered([farewell(viewer) for viewer in viewers])


@pytest.mark.long
def test_a_reload_does_the_same_and_the_next_worker_takes_over(stack: Stack) -> None:
    web = stack.start("web")
    viewers = watching(stack)
    os.kill(web.pid, signal.SIGHUP)
    assert scattered([farewell(viewer) for viewer in viewers])
    for viewer in watching(stack):
        viewer.shutdown()
    assert web.running


def test_a_request_that_is_under_way_is_finished(stack: Stack) -> None:
    web = stack.start("web")
    body = b'{"series":"kitchen","value":1}'
    with socket.create_connection(("127.0.0.1", stack.port), timeout=TIMEOUT_SECONDS) as connection:
        head = f"POST /api/readings HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(body)}\r\n"
        connection.sendall(head.encode() + b"\r\n" + body[:5])
        viewers = watching(stack)
        os.kill(web.pid, signal.SIGTERM)
        # Once viewers have been let go, the end has begun.
        assert scattered([farewell(viewer) for viewer in viewers])
        connection.sendall(body[5:])
        assert b" 200 OK" in connection.makefile("rb").readline()
    assert web.wait() == 0
    assert "Traceback" not in web.log_text()
    assert stack.redis.client.hget("readings:state", "r") == "1"


@pytest.mark.long
def test_a_server_that_ends_takes_no_more_viewers(stack: Stack) -> None:
    web = stack.start("web")
    with socket.create_connection(("127.0.0.1", stack.port), timeout=TIMEOUT_SECONDS) as held:
        body = b'{"series":"kitchen","value":1}'
        head = f"POST /api/readings HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(body)}\r\n"
        held.sendall(head.encode() + b"\r\n")
        viewers = watching(stack)
        os.kill(web.pid, signal.SIGTERM)
        assert scattered([farewell(viewer) for viewer in viewers])
        # A second request on a connection that is open already.
        held.sendall(body + b"GET /api/stream HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        answers = held.makefile("rb").read()
    assert b" 200 OK" in answers
    assert b"text/event-stream" not in answers
    wait_until("it has ended", lambda: not web.running)

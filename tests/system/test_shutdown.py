"""A web service that ends: it tells its viewers when to reconnect, and finishes its requests."""

import os
import re
import signal
import socket

import pytest

from tests.support.live_clients import EventStream, LiveClient
from tests.support.stack import Stack
from tests.support.waiting import TIMEOUT_SECONDS, time_limit, wait_until

pytestmark = pytest.mark.redis

VIEWERS = 20
BODY = b'{"series":"kitchen","value":1}'
HEAD = (
    "POST /api/readings HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    f"Content-Length: {len(BODY)}\r\n\r\n"
).encode()  # fmt: skip


def connect_viewers(stack: Stack) -> list[LiveClient]:
    """Connect viewers and wait until each is greeted."""
    viewers = [LiveClient(stack.port) for _ in range(VIEWERS)]
    for viewer in viewers:
        # Before the server has found Redis, it sends only pings.
        viewer.next_frame("hello")
    return viewers


def read_retry(viewer: LiveClient) -> float:
    """Read the close frame, which must have code 1012, and return its pause in seconds."""
    code, reason = viewer.read_close()
    viewer.close()
    assert code == 1012
    match = re.fullmatch(r"the server restarts: retry in (\d+\.\d\d) s", reason)
    assert match is not None
    return float(match[1])


def assert_spread_out(viewers: list[LiveClient]) -> None:
    """Check that the closes ask the viewers to reconnect at different times."""
    pauses = [read_retry(viewer) for viewer in viewers]
    assert max(pauses) - min(pauses) > 0.2


@pytest.mark.long
def test_shutdown_spreads_out_reconnects_and_finishes_requests(stack: Stack) -> None:
    web = stack.start("web")
    address = ("127.0.0.1", stack.port)
    with (
        socket.create_connection(address, timeout=TIMEOUT_SECONDS) as connection,
        EventStream(stack.port) as events,
    ):
        connection.sendall(HEAD + BODY[:5])
        events.next_frame("hello")
        viewers = connect_viewers(stack)
        with time_limit("the web service ends", 8.0):
            os.kill(web.pid, signal.SIGTERM)
            # The closes show that the shutdown has begun.
            assert_spread_out(viewers)
            close = events.next_frame("close")
            assert close["code"] == 1012
            pause = float(close["reason"].split()[-2])
            assert float(close["retry"]) / 1_000 == pytest.approx(pause, abs=0.01)
            assert events.response.read() == b""
            connection.sendall(BODY[5:])
            assert b" 200 OK" in connection.makefile("rb").readline()
            assert web.wait() == 0
    assert "Traceback" not in web.log_text()
    assert stack.redis.client.hget("readings:state", "r") == "1"


@pytest.mark.long
def test_reload_spreads_out_reconnects_and_starts_a_new_worker(stack: Stack) -> None:
    web = stack.start("web")
    viewers = connect_viewers(stack)
    os.kill(web.pid, signal.SIGHUP)
    assert_spread_out(viewers)
    for viewer in connect_viewers(stack):
        viewer.close()
    assert web.running


@pytest.mark.long
def test_server_admits_no_viewer_during_its_shutdown(stack: Stack) -> None:
    web = stack.start("web")
    with socket.create_connection(("127.0.0.1", stack.port), timeout=TIMEOUT_SECONDS) as connection:
        connection.sendall(HEAD)
        viewers = connect_viewers(stack)
        os.kill(web.pid, signal.SIGTERM)
        assert_spread_out(viewers)
        # A second request on a connection that is already open.
        second = b"GET /api/stream HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
        connection.sendall(BODY + second)
        answers = connection.makefile("rb").read()
    assert b" 200 OK" in answers
    assert b"text/event-stream" not in answers
    wait_until("the web service has ended", lambda: not web.running)

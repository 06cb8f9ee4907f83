"""Admission of viewers: many at once, with broken requests, and with much to send."""

import socket
import sys
import threading
import urllib.error
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial

import pytest
import websocket

from tests.support.live_clients import EventStream, LiveClient
from tests.support.process_stats import child_pids, status_bytes
from tests.support.redis_server import RedisServer
from tests.support.stack import Stack
from tests.support.waiting import TIMEOUT_SECONDS, wait_until

pytestmark = pytest.mark.redis

MAX_VIEWERS = 3
HEADERS = {
    "Host": "127.0.0.1",
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "c3RyaXBjaGFydCB0ZXN0cw==",
}
# A whole message of 60,000 bytes, masked with zeros.
MESSAGE = b"\x81\xfe\xea\x60\0\0\0\0" + b"x" * 60_000


@pytest.fixture(scope="module")
def small_web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack whose web service admits few viewers."""
    folder = tmp_path_factory.mktemp("admission")
    with RedisServer.in_folder(folder / "redis") as server, Stack(folder, server) as stack:
        stack.start("web", STRIPCHART_VIEWERS=str(MAX_VIEWERS))
        yield stack


@contextmanager
def connect(stack: Stack) -> Iterator[socket.socket]:
    address = ("127.0.0.1", stack.port)
    with socket.create_connection(address, timeout=TIMEOUT_SECONDS) as connection:
        yield connection


def send_handshake(connection: socket.socket, path: str = "/live", **headers: str) -> None:
    """Send a WebSocket handshake. A header without a value is left out."""
    all_headers = HEADERS | {name.replace("_", "-"): value for name, value in headers.items()}
    lines = [f"{name}: {value}" for name, value in all_headers.items() if value]
    connection.sendall("\r\n".join([f"GET {path} HTTP/1.1", *lines, "", ""]).encode())


def read_status(connection: socket.socket) -> int:
    return int(connection.recv(4_096).split(b" ", 2)[1])


def answers_with(status: int, stack: Stack, **headers: str) -> bool:
    """Connect a viewer, return True if the answer has this status, and disconnect."""
    with connect(stack) as viewer:
        send_handshake(viewer, **headers)
        return read_status(viewer) == status


def count_statuses(stack: Stack, connections: int) -> Counter[int]:
    """Connect this many viewers at once, count the statuses of the answers, and disconnect."""
    with ExitStack() as cleanup:
        viewers = [cleanup.enter_context(connect(stack)) for _ in range(connections)]
        for viewer in viewers:
            send_handshake(viewer)
        return Counter(map(read_status, viewers))


def wait_for_all_places(stack: Stack) -> None:
    """Wait until the viewers of earlier connections have left."""
    wait_until(
        "all places are free",
        lambda: count_statuses(stack, MAX_VIEWERS) == {101: MAX_VIEWERS},
    )


def open_stream(stack: Stack, cleanup: ExitStack) -> bool:
    """Open an event stream until the end of the block. Return False if it was refused."""
    try:
        events = cleanup.enter_context(EventStream(stack.port))
    except urllib.error.HTTPError as error:
        error.close()
        return False
    return bool(events.next_frame("hello"))


def test_limit_of_viewers_holds_when_many_connect_at_once(small_web: Stack) -> None:
    def limit_is_reached() -> bool:
        statuses = count_statuses(small_web, 40)
        assert statuses[101] <= MAX_VIEWERS
        # Some of an earlier attempt may not have left yet.
        return statuses == {101: MAX_VIEWERS, 503: 40 - MAX_VIEWERS}

    wait_until("all places are taken", limit_is_reached)
    wait_for_all_places(small_web)


def test_broken_handshake_is_refused_and_uses_up_no_place(small_web: Stack) -> None:
    for headers in (
        {"Sec_WebSocket_Version": ""},
        {"Sec_WebSocket_Version": "7"},
        {"Sec_WebSocket_Key": ""},
    ):
        # 503 until the viewers of the last test have left.
        wait_until(
            "the handshake is refused as broken",
            partial(answers_with, 400, small_web, **headers),
        )
    wait_for_all_places(small_web)
    (log,) = small_web.folder.rglob("web.log")
    assert "Traceback" not in log.read_text()


def test_event_streams_and_sockets_share_one_limit(small_web: Stack) -> None:
    with ExitStack() as cleanup:
        for _ in range(MAX_VIEWERS):
            wait_until("a place is free", lambda: open_stream(small_web, cleanup))
        with pytest.raises(urllib.error.HTTPError) as refused:
            EventStream(small_web.port)
        assert refused.value.code == 503
        assert refused.value.headers["Retry-After"]
        refused.value.close()
        with pytest.raises(websocket.WebSocketBadStatusException, match="503"):
            LiveClient(small_web.port)


def test_event_stream_of_a_foreign_origin_is_refused(small_web: Stack) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        EventStream(small_web.port, Origin="http://evil")
    assert refused.value.code == 403
    refused.value.close()


@pytest.mark.parametrize(
    "frames",
    [
        pytest.param(b"\x81\x81\0\0\0\0\xff", id="invalid UTF-8"),
        pytest.param(b"\x81\x01x", id="not masked"),
        pytest.param(b"\x83\x80\0\0\0\0", id="reserved opcode"),
        pytest.param(b"\xc1\x80\0\0\0\0", id="compressed"),
        pytest.param(b"\0\x80\0\0\0\0", id="continuation of nothing"),
        pytest.param(b"\x89\xfe\0\x7e\0\0\0\0" + b"x" * 126, id="long ping"),
        pytest.param(b"\x09\x80\0\0\0\0", id="fragmented ping"),
        pytest.param(b"\x81\xff" + b"\xff" * 12, id="length of 2**64"),
        pytest.param(b"\x81\xfe\xff\xff\0\0\0\0" + b"x" * 65_535, id="large message"),
        pytest.param(b"\x88\x81\0\0\0\0x", id="close with half a code"),
        pytest.param(b"\x88\x82\0\0\0\0\0\0" * 3, id="close with an invalid code, three times"),
    ],
)
def test_broken_frame_ends_its_connection_alone(small_web: Stack, frames: bytes) -> None:
    def send_and_read_end() -> bool:
        with connect(small_web) as viewer:
            send_handshake(viewer)
            if read_status(viewer) != 101:
                return False
            with suppress(ConnectionError):
                viewer.sendall(frames)
                while viewer.recv(4_096):
                    pass
            return True

    # 503 until the viewers of the last test have left.
    wait_until("the viewer is admitted and disconnected", send_and_read_end)
    assert small_web.get("/livez")
    (log,) = small_web.folder.rglob("web.log")
    assert "Traceback" not in log.read_text()


def test_place_of_a_closed_event_stream_is_free_again(small_web: Stack) -> None:
    for _ in range(2 * MAX_VIEWERS):
        with ExitStack() as cleanup:
            wait_until("a place is free", lambda: open_stream(small_web, cleanup))


@contextmanager
def flooding_viewer(stack: Stack, path: str, frames: bytes) -> Iterator[threading.Thread]:
    """Connect a viewer that sends frames in a thread until its connection ends."""
    with connect(stack) as viewer:
        send_handshake(viewer, path)
        assert read_status(viewer) == 101

        def send() -> None:
            with suppress(OSError):
                viewer.sendall(frames)

        thread = threading.Thread(target=send)
        thread.start()
        yield thread


@pytest.mark.long
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize(
    "frames",
    [
        pytest.param(MESSAGE * 2_000, id="large messages"),
        pytest.param(b"\x81\x80\0\0\0\0" * 5_000_000, id="empty messages"),
    ],
)
def test_viewer_that_floods_is_disconnected(stack: Stack, frames: bytes) -> None:
    # A web service that never had a connection to Redis lets its viewers wait.
    stack.redis.kill()
    web = stack.start("web")
    (worker,) = child_pids(web.pid)
    before = status_bytes(worker, "VmRSS")
    with flooding_viewer(stack, "/live?cursor=a:1-1", frames) as flood:
        # Other clients are served meanwhile.
        while flood.is_alive():
            assert stack.get("/livez")
        assert status_bytes(worker, "VmRSS") - before < 30 << 20

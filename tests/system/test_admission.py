"""Who comes in to watch live: many at one time, with broken requests, and with much to say."""

import socket
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.support.processes import ManagedProcess
from tests.support.stack import Stack
from tests.support.waiting import TIMEOUT_SECONDS, wait_until

pytestmark = pytest.mark.redis

HEADERS = {
    "Host": "127.0.0.1",
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "c3RyaXBjaGFydCB0ZXN0cw==",
}
# A whole message of 60,000 bytes, masked with zeros.
MESSAGE = b"\x81\xfe\xea\x60\0\0\0\0" + b"x" * 60_000


@contextmanager
def connection(stack: Stack) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", stack.port), timeout=TIMEOUT_SECONDS) as made:
        yield made


def ask(made: socket.socket, path: str = "/live", **headers: str) -> None:
    named = HEADERS | {name.replace("_", "-"): value for name, value in headers.items()}
    lines = [f"{name}: {value}" for name, value in named.items() if value]
    made.sendall("\r\n".join([f"GET {path} HTTP/1.1", *lines, "", ""]).encode())


def status(made: socket.socket) -> int:
    return int(made.recv(4_096).split(b" ", 2)[1])


def memory(web: ManagedProcess) -> float:
    """MiB of the process that serves."""
    (child,) = Path(f"/proc/{web.pid}/task/{web.pid}/children").read_text().split()
    told = Path(f"/proc/{child}/status").read_text()
    return int(told.partition("VmRSS:")[2].split()[0]) / 1024


def test_the_cap_holds_for_those_who_come_at_one_time(stack: Stack) -> None:
    stack.start("web", STRIPCHART_VIEWERS="5")
    with ExitStack() as cleanup:
        made = [cleanup.enter_context(connection(stack)) for _ in range(40)]
        for one in made:
            ask(one)
        assert Counter(map(status, made)) == {101: 5, 503: 35}

    def admitted() -> bool:
        with connection(stack) as one:
            ask(one)
            return status(one) == 101

    wait_until("there is room again", admitted)


def test_a_broken_handshake_is_refused_and_takes_no_room(stack: Stack) -> None:
    web = stack.start("web", STRIPCHART_VIEWERS="1")
    for name, value in (
        ("Sec_WebSocket_Version", ""),
        ("Sec_WebSocket_Version", "7"),
        ("Sec_WebSocket_Key", ""),
    ):
        with connection(stack) as one:
            ask(one, **{name: value})
            assert status(one) == 400
    with connection(stack) as one:
        ask(one)
        assert status(one) == 101
    assert "Traceback" not in web.log_text()


@pytest.mark.long
@pytest.mark.skipif(sys.platform != "linux", reason="looks at processes in /proc")
def test_what_a_viewer_says_while_it_waits_is_kept_nowhere(stack: Stack) -> None:
    web = stack.start("web")
    stack.redis.kill()
    before = memory(web)
    with connection(stack) as one:
        ask(one, "/live?cursor=a:1-1")
        assert status(one) == 101
        flood = threading.Thread(target=one.sendall, args=(MESSAGE * 2_000,))
        flood.start()
        # Others are served meanwhile.
        while flood.is_alive():
            assert stack.get("/livez")
        assert memory(web) - before < 30

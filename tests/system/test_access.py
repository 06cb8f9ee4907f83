"""Access on a running system: changes count at once in each process, and close open connections."""

import http.client
from collections.abc import Iterator
from contextlib import closing
from itertools import count

import pytest
import websocket

from services.access_command import RevokeToken
from tests.support.access import bearer, carry_out, new_token
from tests.support.live_clients import EventStream, LiveClient
from tests.support.ports import free_port
from tests.support.redis_server import RedisServer
from tests.support.stack import Stack
from tests.support.waiting import TIMEOUT_SECONDS

pytestmark = [pytest.mark.redis, pytest.mark.long]

_numbers = count()


@pytest.fixture(scope="module")
def guarded_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A running system with a token of an admin."""
    folder = tmp_path_factory.mktemp("access")
    with RedisServer.in_folder(folder / "redis") as server, Stack(folder, server) as stack:
        stack.start("writer")
        stack.start("web")
        stack.wait_for_channel_bridge()
        carry_out(stack, new_token("admin"))
        yield stack


@pytest.fixture
def token(guarded_stack: Stack) -> str:
    """The name and secret of a token for viewers, for one test."""
    name = f"viewer{next(_numbers)}"
    carry_out(guarded_stack, new_token("view", name))
    return name


def status(port: int, token: str) -> int:
    """Return the status of a request with a token."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_SECONDS)
    with closing(connection):
        connection.request("GET", "/get_data", headers=bearer(token))
        return connection.getresponse().status


def test_change_counts_for_the_next_request_of_each_process(guarded_stack: Stack) -> None:
    other_port = free_port()
    other = guarded_stack.add("web", PORT=str(other_port)).start()
    other.wait_until_ready(lambda: guarded_stack.answers(other_port))
    for number in range(5):
        name = f"short{number}"
        carry_out(guarded_stack, new_token("view", name))
        assert [status(port, name) for port in (guarded_stack.port, other_port)] == [200, 200]
        carry_out(guarded_stack, RevokeToken(name))
        assert [status(port, name) for port in (guarded_stack.port, other_port)] == [401, 401]
    assert other.terminate() == 0


def test_revoked_token_closes_its_websocket_alone(guarded_stack: Stack, token: str) -> None:
    port = guarded_stack.port
    with (
        LiveClient(port, headers=bearer(token)) as revoked,
        LiveClient(port, headers=bearer("admin")) as kept,
    ):
        kept.next_frame("hello")
        carry_out(guarded_stack, RevokeToken(token))
        assert revoked.read_close() == (4401, "access ended")
        assert kept.next_frame("ping")
    with pytest.raises(websocket.WebSocketBadStatusException) as caught:
        LiveClient(port, headers=bearer(token))
    assert caught.value.status_code == 401


def test_revoked_token_ends_its_event_stream(guarded_stack: Stack, token: str) -> None:
    with EventStream(guarded_stack.port, **bearer(token)) as events:
        events.next_frame("hello")
        carry_out(guarded_stack, RevokeToken(token))
        assert events.next_frame("close")["code"] == 4401
        assert events.response.read() == b""


def test_first_token_ends_the_access_of_everybody(stack: Stack) -> None:
    stack.start("writer")
    stack.start("web")
    with LiveClient(stack.port) as viewer:
        viewer.next_frame("hello")
        carry_out(stack, new_token("view"))
        assert viewer.read_close()[0] == 4401

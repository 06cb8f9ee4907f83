"""Connections to clients that owe something: a request, or the reading of an answer."""

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing

import gevent
import pytest
from gevent import socket as gevent_socket
from werkzeug.exceptions import ServiceUnavailable

from services.web.http.client_connection import ClientConnection, ConnectionLimits
from services.web.http.connections import Connections
from tests.support.clock import FakeClock
from tests.support.waiting import TIMEOUT_SECONDS

LIMITS = ConnectionLimits(max_count=4, max_held_bytes=50_000, free_bytes=1_000)

Connect = Callable[..., tuple[ClientConnection, socket.socket]]


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def connections(clock: FakeClock) -> Connections:
    return Connections(LIMITS, monotonic=clock)


@pytest.fixture
def connect(connections: Connections) -> Iterator[Connect]:
    """Make a connection from an address, and return both of its ends."""
    with ExitStack() as stack:

        def connect(address: str = "192.0.2.1") -> tuple[ClientConnection, socket.socket]:
            ours, client = gevent_socket.socketpair()
            connection = ClientConnection(ours, address, connections)
            connections.add(connection)
            stack.enter_context(closing(connection))
            stack.enter_context(closing(client))
            return connection, client

        yield connect


def receive(connection: ClientConnection) -> "gevent.Greenlet[[], bytes]":
    """Begin to receive, and return the greenlet once it waits."""
    greenlet = gevent.spawn(connection.recv, 8_192)
    gevent.idle()
    assert connection.owes
    return greenlet


def send(connection: ClientConnection) -> "gevent.Greenlet[[], None]":
    """Begin to send more than the system's buffers take, and return the greenlet once it waits."""
    connection.begin_request()
    greenlet = gevent.spawn(connection.sendall, bytes(20_000_000))
    gevent.idle()
    assert connection.owes
    return greenlet


def answer(client: socket.socket) -> bytes:
    """Return what the client receives until the end."""
    received = b""
    with gevent.Timeout(TIMEOUT_SECONDS):
        while data := client.recv(65_536):
            received += data
    return received


def is_cut(greenlet: "gevent.Greenlet[..., object]") -> bool:
    """Return True if a greenlet has ended because its connection was cut."""
    gevent.idle()
    return bool(greenlet.ready()) and isinstance(greenlet.value, gevent.GreenletExit | bytes)


def test_idle_connection_is_closed(
    connections: Connections, connect: Connect, clock: FakeClock
) -> None:
    connection, client = connect()
    waiting = receive(connection)
    clock.now += 4.9
    connections.cut_late()
    assert not is_cut(waiting)
    clock.now += 0.1
    connections.cut_late()
    assert is_cut(waiting)
    assert answer(client) == b""


@pytest.mark.parametrize(("progress_bytes", "seconds"), [(1, 5.0), (2_499, 5.0), (2_500, 10.0)])
def test_body_without_progress_is_408(
    connections: Connections,
    connect: Connect,
    clock: FakeClock,
    progress_bytes: int,
    seconds: float,
) -> None:
    connection, client = connect()
    connection.begin_request()
    client.sendall(bytes(progress_bytes))
    assert len(connection.recv(progress_bytes)) == progress_bytes
    waiting = receive(connection)
    while not is_cut(waiting):
        clock.now += 1.0
        connections.cut_late()
    assert clock.now == 100.0 + seconds
    assert answer(client).startswith(b"HTTP/1.1 408 ")


def test_body_that_takes_a_minute_is_408(
    connections: Connections, connect: Connect, clock: FakeClock
) -> None:
    connection, client = connect()
    connection.begin_request()
    for _ in range(60):
        client.sendall(bytes(600))
        assert len(connection.recv(600)) == 600
        clock.now += 1.0
        connections.cut_late()
    waiting = receive(connection)
    connections.cut_late()
    assert is_cut(waiting)
    assert b"did not arrive in time" in answer(client)


def test_permission_to_send_a_body_is_not_an_answer(
    connections: Connections, connect: Connect, clock: FakeClock
) -> None:
    connection, client = connect()
    connection.begin_request()
    connection.send(b"HTTP/1.1 100 Continue\r\n\r\n")
    waiting = receive(connection)
    clock.now += 5.0
    connections.cut_late()
    assert is_cut(waiting)
    assert b"HTTP/1.1 408 " in answer(client)


def test_client_that_does_not_read_is_cut(
    connections: Connections, connect: Connect, clock: FakeClock
) -> None:
    connection, _client = connect()
    waiting = send(connection)
    clock.now += 9.9
    connections.cut_late()
    assert not is_cut(waiting)
    clock.now += 0.1
    connections.cut_late()
    clock.now += 10.0
    connections.cut_late()
    assert is_cut(waiting)


def test_viewer_may_be_idle(connections: Connections, connect: Connect, clock: FakeClock) -> None:
    connection, client = connect()
    connection.begin_request()
    connection.exempt()
    waiting = gevent.spawn(connection.recv, 10)
    gevent.idle()
    clock.now += 1_000_000.0
    connections.cut_late()
    for _ in range(5):
        connect("192.0.2.2")
    client.send(b"x")
    assert waiting.get(timeout=TIMEOUT_SECONDS) == b"x"


def test_address_with_most_idle_connections_makes_room(connect: Connect, clock: FakeClock) -> None:
    other = receive(connect("192.0.2.2")[0])
    greedy = []
    for _ in range(3):
        clock.now += 1.0
        greedy.append(receive(connect()[0]))
    connect("192.0.2.3")
    gevent.idle()
    assert all(is_cut(waiting) for waiting in greedy)
    assert not is_cut(other)


def test_request_that_runs_is_not_cut(connections: Connections, connect: Connect) -> None:
    running = [connect()[0] for _ in range(LIMITS.max_count)]
    for connection in running:
        connection.begin_request()
    new, _client = connect()
    connections.cut_late()
    for connection in [*running, new]:
        connection.send(b"x")


def test_large_bodies_have_a_common_limit(connect: Connect, clock: FakeClock) -> None:
    stalled, client = connect()
    stalled.begin_request()
    client.sendall(bytes(45_000))
    assert len(stalled.recv(45_000)) == 45_000
    waiting = receive(stalled)
    other, other_client = connect()
    other.begin_request()
    other_client.sendall(bytes(20_000))
    with pytest.raises(ServiceUnavailable):
        other.recv(20_000)
    clock.now += 1.1
    other_client.sendall(bytes(20_000))
    assert len(other.recv(20_000)) == 20_000
    assert is_cut(waiting)
    assert answer(client).startswith(b"HTTP/1.1 503 ")


def test_unread_answers_have_the_same_limit(connect: Connect) -> None:
    first, second = connect()[0], connect()[0]
    for connection in (first, second):
        connection.begin_request()
    first.reserve_answer(45_000)
    second.reserve_answer(1_000)
    with pytest.raises(ServiceUnavailable):
        second.reserve_answer(5_001)
    first.end_request()
    second.reserve_answer(45_000)


def test_idle_connections_are_closed_at_the_end(
    connections: Connections, connect: Connect, clock: FakeClock
) -> None:
    idle, (running, _client) = receive(connect()[0]), connect()
    running.begin_request()
    clock.now += 1.1
    new = receive(connect()[0])
    connections.cut_idle()
    assert is_cut(idle)
    assert not is_cut(new)
    running.send(b"x")


def test_viewer_whose_handshake_failed_may_not_be_idle(
    connections: Connections, connect: Connect, clock: FakeClock
) -> None:
    connection, _client = connect()
    connection.begin_request()
    connection.exempt()
    connection.end_request()
    waiting = receive(connection)
    clock.now += 5.0
    connections.cut_late()
    assert is_cut(waiting)

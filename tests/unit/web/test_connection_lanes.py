"""Lanes of the fair queue in which the requests of a connection wait."""

import gevent
import pytest
from gevent import socket as gevent_socket

from services.web.http.client_connection import ClientConnection
from services.web.http.connections import Connections
from services.web.http.fair_queue import FairQueue


class RecordingQueue(FairQueue):
    """A queue that notes the lanes, and lets nobody wait."""

    def __init__(self) -> None:
        super().__init__()
        self.lanes: list[str] = []
        self.full_lanes: set[str] = set()

    def wait(
        self, lane: str, address: str, weight: int = 1, *, may_be_refused: bool = False
    ) -> bool:
        self.lanes.append(f"{address} {lane} {weight}")
        return not (may_be_refused and lane in self.full_lanes)


def test_each_kind_of_request_has_lanes_of_its_own() -> None:
    queue = RecordingQueue()
    ours, client = gevent_socket.socketpair()
    with client, ClientConnection(ours, "a", Connections(queue=queue)) as connection:
        assert connection.wait_for_turn() == 0.0
        assert queue.lanes == []
        for _ in range(2):
            client.sendall(b"GET /livez HTTP/1.1\r\n\r\n")
            connection.wait_for_turn()
            connection.recv(100)
            connection.begin_request()
            # The head was read. It has had its turn.
            connection.wait_in_lane("/livez")
            # It has waited for something else.
            connection.wait_for_turn()
            connection.end_request()
        assert queue.lanes == [
            "a /livez 1",
            "a /livez continued 1",
            "a /livez again 4",
            "a /livez continued again 4",
        ]


def test_request_that_is_not_what_it_seemed_waits_once_more() -> None:
    queue = RecordingQueue()
    ours, client = gevent_socket.socketpair()
    with client, ClientConnection(ours, "a", Connections(queue=queue)) as connection:
        client.sendall(b"GET /livez")
        connection.wait_for_turn()
        connection.begin_request()
        connection.wait_in_lane("large write")
        assert queue.lanes == ["a incomplete 1", "a large write 1"]


def test_request_without_a_place_in_the_queue_is_503() -> None:
    queue = RecordingQueue()
    queue.full_lanes.add("read")
    ours, client = gevent_socket.socketpair()
    with client, ClientConnection(ours, "a", Connections(queue=queue)) as connection:
        client.sendall(b"GET / HTTP/1.1\r\n\r\n")
        with pytest.raises(gevent.GreenletExit):
            connection.wait_for_turn()
        assert client.recv(100).startswith(b"HTTP/1.1 503 ")

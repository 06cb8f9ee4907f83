"""Clients of requests: those who are gone, and those who wait for their turn."""

from collections.abc import Callable, Iterator
from types import SimpleNamespace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from gevent import socket

from services.broker import Message
from services.reading import Reading
from services.web.http.clients import is_abandoned
from services.web.http.shared_call import SharedCall
from services.web.services import web_services
from services.web.write.publish_batcher import PublishBatcher

WRITE = b"POST /write HTTP/1.1\r\nContent-Length: 2\r\n\r\nab"


@pytest.mark.parametrize(
    ("data", "is_closed", "expected"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", False, False),
        (b"GET / HTTP/1.1\r\n\r\n", True, True),
        (b"", True, True),
        (WRITE, False, False),
        (WRITE, True, False),
        (WRITE[:-1], True, True),
    ],
)
def test_client_that_is_gone_may_have_sent_a_write(
    data: bytes, is_closed: bool, expected: bool
) -> None:
    ours, client = socket.socketpair()
    with ours, client:
        client.sendall(data)
        if is_closed:
            client.close()
        assert is_abandoned(ours) is expected


@pytest.fixture
def turns(app: Flask) -> Iterator[list[str]]:
    """The turns that a request waits for, in whose context the test runs."""
    turns: list[str] = []
    connection = SimpleNamespace(wait_for_turn=lambda: turns.append("turn"), fileno=lambda: -1)
    with app.test_request_context(environ_overrides={"gunicorn.socket": connection}):
        yield turns


def _share(_app: Flask) -> None:
    SharedCall(lambda: 7).result()


def _fail(_app: Flask) -> None:
    def fail() -> None:
        raise ValueError("failed")

    with pytest.raises(ValueError, match="failed"):
        SharedCall(fail).result()


def _publish(app: Flask) -> None:
    PublishBatcher(web_services(app).journal).publish(Message.of([Reading("a", 1, 1.0)]))


def _query(app: Flask) -> None:
    web_services(app).ask(lambda _interrupt: 7)


@pytest.mark.parametrize("wait", [_share, _fail, _publish, _query])
def test_request_that_has_waited_waits_for_its_turn(
    app: Flask, turns: list[str], wait: Callable[[Flask], None]
) -> None:
    wait(app)
    assert turns == ["turn"]


def test_request_without_a_connection_has_no_turns(client: FlaskClient) -> None:
    assert client.get("/readyz").status_code == 503

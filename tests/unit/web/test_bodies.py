"""Bodies of requests: their size, their time, and compression."""

import gzip
import io
import zlib
from collections.abc import Callable
from types import SimpleNamespace

import gevent
import pytest
from flask import Flask
from flask.testing import FlaskClient
from gevent.lock import BoundedSemaphore
from werkzeug.exceptions import ServiceUnavailable

from services.broker import Broker, Journal
from services.web.http.bodies import occupy_slot
from tests.support.waiting import TIMEOUT_SECONDS


@pytest.mark.parametrize(
    ("encoding", "compress"),
    [("gzip", gzip.compress), ("GZIP", gzip.compress), ("deflate", zlib.compress)],
)
def test_compressed_body_is_unpacked(
    client: FlaskClient, broker: Broker, encoding: str, compress: Callable[[bytes], bytes]
) -> None:
    body = b'{"series":"a","value":1}'
    # The second one has more than 65,536 bytes only when it is unpacked.
    for text in (body, body + b"\n" * 100_000):
        response = client.post(
            "/api/readings", data=compress(text), headers={"Content-Encoding": encoding}
        )
        assert response.status_code == 200
    assert Journal(broker).end().reading_count == 2


def test_oversized_body_is_413(client: FlaskClient) -> None:
    response = client.post("/api/readings", data=b" " * 25_000_001)
    assert response.status_code == 413
    assert response.get_json()["status"] == 413


def test_no_route_writes_a_form_to_disk(app: Flask) -> None:
    """Werkzeug would keep an uploaded file in a temporary one."""
    data = {"q": "CREATE DATABASE x", "file": (io.BytesIO(bytes(1_000)), "name")}
    with app.test_request_context("/query", method="POST", data=data) as context:
        assert not context.request.files
        assert not context.request.form
        assert not context.request.values


def test_client_that_has_left_while_it_waited_gets_no_slot(app: Flask) -> None:
    slots = BoundedSemaphore(1)
    closed = SimpleNamespace(fileno=lambda: -1)

    def occupy() -> None:
        with (
            app.test_request_context(environ_overrides={"gunicorn.socket": closed}),
            occupy_slot(slots),
        ):
            pass

    occupy()
    slots.acquire()
    waiting = gevent.spawn(occupy)
    gevent.idle()
    slots.release()
    with pytest.raises(ServiceUnavailable):
        waiting.get(timeout=TIMEOUT_SECONDS)
    assert not slots.locked()

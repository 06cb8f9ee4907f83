"""Bodies of requests: their size, their time, and compression."""

import gzip
import io
import zlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import gevent
import pytest
from flask import Flask
from flask.testing import FlaskClient

from services.broker import Broker, Journal
from services.web.http.bodies import BodyReader
from services.web.services import web_services


class SilentInput(io.BytesIO):
    """A body that never arrives."""

    def readinto(self, _buffer: Any) -> int:
        gevent.sleep(30)
        return 0


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


@pytest.mark.parametrize(
    ("method", "path", "size"),
    [
        ("POST", "/api/readings", 50),
        ("POST", "/api/readings", 500_000),
        ("POST", "/write?db=home", 50),
        ("PATCH", "/api/series/a", 50),
    ],
)
def test_body_that_does_not_arrive_is_408(
    app: Flask, client: FlaskClient, method: str, path: str, size: int
) -> None:
    replace(web_services(app), bodies=BodyReader(max_arrival_seconds=0.05)).install(app)
    response = client.open(
        path,
        method=method,
        input_stream=SilentInput(bytes(size)),
        environ_overrides={"wsgi.input_terminated": True},
    )
    assert response.status_code == 408
    assert "did not arrive in time" in response.text

"""Blocking clients of the live readings: a WebSocket and an event stream, frame by frame."""

import http.client
import json
import urllib.request
from collections.abc import Iterator, Mapping
from typing import Any, Self

import websocket

from tests.support.waiting import TIMEOUT_SECONDS


class LiveClient:
    """A viewer on the WebSocket `/live`. It disconnects at the end of a block.

    Args:
        port: The port of the web service, or of a proxy.
        query: The query with its question mark.
        path: The path of the WebSocket.
        host: The host of the address that a page was opened under; the origin follows it.
        headers: More headers of the request.

    Raises:
        websocket.WebSocketBadStatusException: The server refuses the connection.
    """

    def __init__(
        self,
        port: int,
        query: str = "",
        *,
        path: str = "/live",
        host: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self._connection: Any = websocket.create_connection(
            f"ws://127.0.0.1:{port}{path}{query}",
            timeout=TIMEOUT_SECONDS,
            host=host,
            origin=host and f"http://{host}",
            header=dict(headers or {}),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Disconnect. Unlike websocket-client's `close`, this always closes the socket."""
        self._connection.shutdown()

    def next_frame(self, kind: str | None = None) -> dict[str, Any]:
        """Return the next frame, or the next one of this type.

        Raises:
            websocket.WebSocketException: The connection has ended.
            OSError: The connection has ended.
        """
        while True:
            frame: dict[str, Any] = json.loads(self._connection.recv())
            if kind is None or frame["type"] == kind:
                return frame

    def read_close(self) -> tuple[int, str]:
        """Skip all frames up to the close frame. Return its code and reason."""
        opcode, data = self._connection.recv_data()
        while opcode != websocket.ABNF.OPCODE_CLOSE:
            opcode, data = self._connection.recv_data()
        return int.from_bytes(data[:2]), data[2:].decode()


class EventStream:
    """A viewer on `/api/stream`. It disconnects at the end of a block.

    Attributes:
        response: The response, whose body is the stream.

    Raises:
        urllib.error.HTTPError: The server refuses the connection.
    """

    def __init__(self, port: int, query: str = "", **headers: str) -> None:
        """Connect.

        Args:
            port: The port of the web service.
            query: The query with its question mark.
            headers: The headers of the request, with underscores instead of hyphens.
        """
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}/api/stream{query}",
            headers={name.replace("_", "-"): value for name, value in headers.items()},
        )
        self.response: http.client.HTTPResponse = urllib.request.urlopen(
            request, timeout=TIMEOUT_SECONDS
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.response.close()

    def _events(self) -> Iterator[dict[str, str]]:
        fields: dict[str, str] = {}
        for line in self.response:
            name, colon, value = line.decode().rstrip("\n").partition(": ")
            if colon:
                fields[name] = value
            else:
                yield fields
                fields = {}

    def next_frame(self, kind: str | None = None) -> dict[str, Any]:
        """Return the next frame, or the next one of this type, with `id` and `retry` of its event.

        Raises:
            AssertionError: The stream has ended without one.
        """
        for fields in self._events():
            frame: dict[str, Any] = json.loads(fields["data"])
            if kind is None or frame["type"] == kind:
                return frame | {"id": fields.get("id"), "retry": fields.get("retry")}
        raise AssertionError(f"the stream has ended without a frame of type {kind or 'any'}")

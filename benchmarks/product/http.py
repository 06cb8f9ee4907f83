"""An HTTP client with one connection, as a program that asks often keeps it."""

import http.client
from collections.abc import Mapping
from typing import Final

_TIMEOUT_SECONDS: Final = 60.0


class HttpClient:
    """A connection that stays open between requests. Only one thread may use it.

    Args:
        port: The port of the server.
        headers: Headers of each request.
    """

    def __init__(self, port: int, headers: Mapping[str, str] | None = None) -> None:
        self._headers = dict(headers or {})
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_TIMEOUT_SECONDS)

    def request(self, method: str, path: str, body: bytes | None = None) -> bytes:
        """Send a request and return the body of the response.

        Raises:
            RuntimeError: The server answered with an error.
            OSError: The server is not reachable.
        """
        try:
            response, answer = self._send(method, path, body)
        except ConnectionError:
            # A server closes a connection that was idle for some seconds.
            self._connection.close()
            response, answer = self._send(method, path, body)
        if response.status >= http.client.BAD_REQUEST:
            raise RuntimeError(f"{path} was answered with {response.status}: {answer[:300]!r}")
        return answer

    def _send(
        self, method: str, path: str, body: bytes | None
    ) -> tuple[http.client.HTTPResponse, bytes]:
        self._connection.request(method, path, body, self._headers)
        response = self._connection.getresponse()
        return response, response.read()

    def answers(self, path: str) -> bool:
        """Return True if the server answers a GET without an error of the connection."""
        try:
            self.request("GET", path)
        except (OSError, http.client.HTTPException):
            self.close()
            return False
        return True

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

"""Requests to a web service, as an outside client sends them."""

import http.client
import json
import urllib.request
from collections.abc import Mapping
from contextlib import closing
from typing import Any

from tests.support.waiting import TIMEOUT_SECONDS


class WebService:
    """The client of a web service of this machine.

    Attributes:
        port: The port of the web service.
    """

    http_timeout_seconds = TIMEOUT_SECONDS

    def __init__(self, port: int) -> None:
        self.port = port

    def answers(self, port: int | None = None) -> bool:
        """Return True if the web service answers at all.

        Args:
            port: The port of another web service.
        """
        try:
            self._request("/livez", None, port)
        except OSError:
            return False
        return True

    def get(self, path: str) -> Any:
        """Return the decoded JSON that the web service answers to a GET.

        Raises:
            OSError: It is not reachable, or answers with an error.
        """
        return self._request(path, None)

    def post(self, path: str, body: object) -> Any:
        """Return the decoded JSON that the web service answers to a POST of a JSON document.

        Raises:
            OSError: It is not reachable, or answers with an error.
        """
        return self._request(path, json.dumps(body).encode())

    def write(self, body: bytes) -> tuple[int, Any]:
        """POST a body to /api/readings. Return the status and the decoded answer, even an error."""
        return self.request("POST", "/api/readings", body)

    def request(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> tuple[int, Any]:
        """Send any request. Return the status and the decoded answer, even an error."""
        connection = http.client.HTTPConnection(
            "127.0.0.1", self.port, timeout=self.http_timeout_seconds
        )
        with closing(connection):
            connection.request(method, path, body, headers or {})
            response = connection.getresponse()
            return response.status, json.load(response)

    def _request(self, path: str, body: bytes | None, port: int | None = None) -> Any:
        request = urllib.request.Request(f"http://127.0.0.1:{port or self.port}{path}", body)
        with urllib.request.urlopen(request, timeout=self.http_timeout_seconds) as response:
            return json.load(response)

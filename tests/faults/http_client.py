"""A client of `POST /api/readings` that derives the outcome of each reading from the response."""

import http.client
import json
import time
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from tests.faults.send_log import Item, Outcome, SendLog

_TIMEOUT_SECONDS: Final = 8.0
_MAX_IDLE_SECONDS: Final = 1.0
"""Age of an unused connection that is not used again: the server closes it after 2 s."""

_NOT_CONNECTED: Final = 0
_OK: Final = 200
_FIRST_SERVER_ERROR: Final = 500
_UNAVAILABLE: Final = 503

# A 503 is a refusal only where Redis itself has refused. Where Redis' reply was lost on its way to
# the web service, the journal may have the readings.
_REFUSED_BY_REDIS: Final = ("Redis accepts nothing now", "Redis is out of memory")


class Response(NamedTuple):
    """The result of a request.

    Attributes:
        outcomes: The outcome of each item, in the order of the request.
        status: The HTTP status; None without a response, 0 without a connection.
    """

    outcomes: list[Outcome]
    status: int | None

    @property
    def accepted(self) -> bool:
        """True if the service has handled the request, though it may have refused items."""
        return self.status is not None and _OK <= self.status < _FIRST_SERVER_ERROR


class HttpClient:
    """One connection to the web service, which is opened again after each failure."""

    def __init__(self, port: int, log: SendLog) -> None:
        self._port = port
        self._log = log
        self._connection: http.client.HTTPConnection | None = None
        self._used_at = 0.0

    def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def send(self, items: Sequence[Item | object], as_lines: bool = False) -> Response:
        """Send readings in one request, and record the outcome of each.

        Args:
            items: Readings, and any other JSON values as invalid items between them.
            as_lines: Send one item on each line instead of a list.
        """
        documents = [_document(item) for item in items]
        body = "\n".join(map(json.dumps, documents)) if as_lines else json.dumps(documents)
        status, answer = self._post(body.encode())
        outcomes = _outcomes(len(items), status, answer)
        for outcome in Outcome:
            self._log.record(
                (
                    item
                    for item, own in zip(items, outcomes, strict=True)
                    if own is outcome and isinstance(item, Item)
                ),
                outcome,
            )
        return Response(outcomes, status)

    def _post(self, body: bytes) -> tuple[int | None, Any]:
        if time.monotonic() - self._used_at > _MAX_IDLE_SECONDS:
            self.close()
        try:
            if self._connection is None:
                self._connection = self._connect()
        except ConnectionRefusedError:
            # No process was there, so that the outcome is known.
            return _NOT_CONNECTED, None
        except OSError:
            return None, None
        try:
            self._connection.request("POST", "/api/readings", body)
            response = self._connection.getresponse()
            text = response.read()
            self._used_at = time.monotonic()
            return response.status, json.loads(text)
        except (OSError, http.client.HTTPException, ValueError):
            self.close()
            return None, None

    def _connect(self) -> http.client.HTTPConnection:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=_TIMEOUT_SECONDS)
        connection.connect()
        return connection


def _document(item: Item | object) -> object:
    if not isinstance(item, Item):
        return item
    document: dict[str, object] = {"series": item.series, "value": item.value}
    if item.ts is not None:
        document["ts"] = item.ts / 1_000_000
    return document


def _outcomes(count: int, status: int | None, answer: Any) -> list[Outcome]:
    if status == _OK:
        return [Outcome.ACKNOWLEDGED] * count
    if _is_unknown(status, answer):
        return [Outcome.UNKNOWN] * count
    if not answer or "errors" not in answer:
        return [Outcome.REFUSED] * count
    refused = {error["index"] for error in answer["errors"]}
    return [Outcome.REFUSED if index in refused else Outcome.ACKNOWLEDGED for index in range(count)]


def _is_unknown(status: int | None, answer: Any) -> bool:
    """Return True if this answer leaves open whether the journal has the readings."""
    if status == _UNAVAILABLE:
        return not str(answer["error"]).startswith(_REFUSED_BY_REDIS)
    return status is None or status >= _FIRST_SERVER_ERROR

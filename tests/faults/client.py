"""A client of `POST /api/readings` that knows what each answer means for each reading."""

import http.client
import json
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from tests.faults.ledger import Item, Ledger, Outcome

_TIMEOUT: Final = 8.0
_NOBODY: Final = 0
_OK: Final = 200
_FIRST_SERVER_ERROR: Final = 500
_UNAVAILABLE: Final = 503

# A 503 says that nothing was taken only where Redis itself refused. Where its reply was lost
# on the way to the web service, the journal may have the readings all the same.
_REFUSED_BY_REDIS: Final = ("Redis accepts nothing now", "Redis is out of memory")


class Sent(NamedTuple):
    """What became of a request: an outcome for each of its items, in their order."""

    outcomes: list[Outcome]
    status: int | None
    """None when there was no answer, 0 when there was nobody to take the request."""

    @property
    def understood(self) -> bool:
        """Whether the service has taken the request, but for what is bad in it."""
        return self.status is not None and _OK <= self.status < _FIRST_SERVER_ERROR


class Client:
    """One connection to the web service, which is made anew after each failure."""

    def __init__(self, port: int, ledger: Ledger) -> None:
        self._port = port
        self._ledger = ledger
        self._connection: http.client.HTTPConnection | None = None

    def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def send(self, items: Sequence[Item | object], lines: bool = False) -> Sent:
        """Send readings, and between them what is none; note what became of each.

        lines: send one on each line and not as a list.
        """
        documents = [_document(item) for item in items]
        body = "\n".join(map(json.dumps, documents)) if lines else json.dumps(documents)
        status, answer = self._post(body.encode())
        outcomes = _outcomes(len(items), status, answer)
        for outcome in Outcome:
            self._ledger.note(
                (
                    item
                    for item, its in zip(items, outcomes, strict=True)
                    if its is outcome and isinstance(item, Item)
                ),
                outcome,
            )
        return Sent(outcomes, status)

    def _post(self, body: bytes) -> tuple[int | None, Any]:
        try:
            if self._connection is None:
                self._connection = self._connected()
        except ConnectionRefusedError:
            # Nobody was there to take anything.
            return _NOBODY, None
        except OSError:
            return None, None
        try:
            self._connection.request("POST", "/api/readings", body)
            response = self._connection.getresponse()
            text = response.read()
            return response.status, json.loads(text)
        except (OSError, http.client.HTTPException, ValueError):
            self.close()
            return None, None

    def _connected(self) -> http.client.HTTPConnection:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=_TIMEOUT)
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
    return [Outcome.REFUSED if place in refused else Outcome.ACKNOWLEDGED for place in range(count)]


def _is_unknown(status: int | None, answer: Any) -> bool:
    """Whether nobody can tell from this answer if the readings were taken."""
    if status == _UNAVAILABLE:
        return not str(answer["error"]).startswith(_REFUSED_BY_REDIS)
    return status is None or status >= _FIRST_SERVER_ERROR

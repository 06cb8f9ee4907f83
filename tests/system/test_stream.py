"""Live readings as Server-Sent Events, as curl and other programs take them."""

import http.client
import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import websocket

from tests.support.stack import Stack
from tests.support.waiting import TIMEOUT_SECONDS, wait_until

pytestmark = pytest.mark.redis


class Events:
    """A stream that is open, event by event."""

    def __init__(self, answer: http.client.HTTPResponse) -> None:
        self.answer = answer

    def __iter__(self) -> Iterator[dict[str, str]]:
        fields: dict[str, str] = {}
        for line in self.answer:
            name, colon, value = line.decode().rstrip("\n").partition(": ")
            if colon:
                fields[name] = value
            else:
                yield fields
                fields = {}

    def next(self, kind: str) -> dict[str, Any]:
        """The next document of this type, and `id` and `retry` of its event."""
        for fields in self:
            document: dict[str, Any] = json.loads(fields["data"])
            if document["type"] == kind:
                return document | {"id": fields.get("id"), "retry": fields.get("retry")}
        raise AssertionError(f"the stream has ended without {kind}")


@contextmanager
def stream(stack: Stack, query: str = "", **headers: str) -> Iterator[Events]:
    address = f"http://127.0.0.1:{stack.port}/api/stream{query}"
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    with urllib.request.urlopen(
        urllib.request.Request(address, headers=named), timeout=TIMEOUT_SECONDS
    ) as it:
        yield Events(it)


def post(stack: Stack, *values: int, series: str = "kitchen") -> None:
    for value in values:
        stack.post("/api/readings", {"series": series, "value": value, "ts": 1_700_000_000 + value})


def values(events: Events, count: int) -> list[float]:
    found: list[float] = []
    while len(found) < count:
        for _times, column in events.next("readings")["series"].values():
            found += column
    return found


def test_what_is_published_comes_as_events_with_their_cursor(stack: Stack) -> None:
    stack.start("web")
    with stream(stack) as events:
        headers = events.answer.headers
        assert headers["Content-Type"] == "text/event-stream"
        assert headers["X-Accel-Buffering"] == "no"
        assert headers["Cache-Control"] == "no-store"
        hello = events.next("hello")
        assert hello["id"] == hello["cursor"]
        post(stack, 1)
        assert events.next("series")["id"] is None
        readings = events.next("readings")
        assert readings["series"] == {"1": [[1_700_000_001.0], [1.0]]}
        assert readings["id"] == readings["cursor"]
    connection = http.client.HTTPConnection("127.0.0.1", stack.port, timeout=TIMEOUT_SECONDS)
    for _ in range(2):
        connection.request("HEAD", "/api/stream")
        answer = connection.getresponse()
        assert answer.status == 200
        assert answer.headers["Content-Type"] == "text/event-stream"
        assert answer.read() == b""
    connection.close()


def test_the_last_event_id_is_where_it_goes_on(stack: Stack) -> None:
    stack.start("web")
    with stream(stack) as events:
        events.next("hello")
        post(stack, 1)
        seen = events.next("readings")["id"]
    post(stack, 2, 3)
    # A browser that comes back asks for the address that it began with.
    with stream(stack, "?cursor=none:0-1", Last_Event_ID=seen) as events:
        assert values(events, 2) == [2, 3]
        assert events.next("recovered")["count"] == 2
    with stream(stack, f"?cursor={seen}&series=cellar") as events:
        assert events.next("recovered")["count"] == 0
        post(stack, 4)
        post(stack, 5, series="cellar")
        assert values(events, 1) == [5]
    with stream(stack, "?cursor=none:0-1") as events:
        reset = events.next("reset")
        assert reset["reason"] == "the journal was lost and recreated"
        assert reset["id"] == reset["cursor"]


def test_events_and_sockets_share_one_cap_and_one_rule_of_origin(stack: Stack) -> None:
    stack.start("web", STRIPCHART_VIEWERS="2")
    with stream(stack) as first, stream(stack) as second:
        first.next("hello")
        second.next("hello")
        with pytest.raises(urllib.error.HTTPError) as full, stream(stack):
            pass
        assert full.value.code == 503
        assert full.value.headers["Retry-After"]
        full.value.close()
        with pytest.raises(websocket.WebSocketBadStatusException, match="503"):
            websocket.create_connection(f"ws://127.0.0.1:{stack.port}/live")
    with pytest.raises(urllib.error.HTTPError) as foreign, stream(stack, Origin="http://evil"):
        pass
    assert foreign.value.code == 403
    foreign.value.close()


@pytest.mark.long
def test_who_left_leaves_room(stack: Stack) -> None:
    stack.start("web", STRIPCHART_VIEWERS="1")
    for _ in range(3):

        def admitted() -> bool:
            try:
                with stream(stack) as events:
                    return bool(events.next("hello"))
            except urllib.error.HTTPError as error:
                error.close()
                return False

        wait_until("there is room again", admitted)

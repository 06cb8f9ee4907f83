"""Live readings as Server-Sent Events, as curl and other programs receive them."""

import http.client

import pytest

from tests.support.live_clients import EventStream
from tests.support.stack import Stack
from tests.support.waiting import TIMEOUT_SECONDS

pytestmark = pytest.mark.redis


def post(stack: Stack, *values: int, series: str) -> None:
    for value in values:
        stack.post("/api/readings", {"series": series, "value": value, "ts": 1_700_000_000 + value})


def read_values(events: EventStream, count: int) -> list[float]:
    """Read readings until there are at least this many values."""
    values: list[float] = []
    while len(values) < count:
        for _times, column in events.next_frame("readings")["series"].values():
            values += column
    return values


def test_published_readings_come_as_events_with_their_cursor(shared_stack: Stack) -> None:
    stack, name = shared_stack, "events.first"
    with EventStream(stack.port) as events:
        headers = events.response.headers
        assert headers["Content-Type"] == "text/event-stream"
        assert headers["X-Accel-Buffering"] == "no"
        assert headers["Cache-Control"] == "no-store"
        hello = events.next_frame("hello")
        assert hello["id"] == hello["cursor"]
        post(stack, 1, series=name)
        series = events.next_frame("series")
        assert series["id"] is None
        readings = events.next_frame("readings")
        series_id = str(series["series"][name])
        assert readings["series"] == {series_id: [[1_700_000_001.0], [1.0]]}
        assert readings["id"] == readings["cursor"]


def test_head_request_returns_headers_and_no_stream(shared_stack: Stack) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", shared_stack.port, timeout=TIMEOUT_SECONDS)
    for _ in range(2):
        connection.request("HEAD", "/api/stream")
        response = connection.getresponse()
        assert response.status == 200
        assert response.headers["Content-Type"] == "text/event-stream"
        assert response.read() == b""
    connection.close()


def test_last_event_id_resumes_the_stream(shared_stack: Stack) -> None:
    stack, name = shared_stack, "events.resumed"
    with EventStream(stack.port) as events:
        events.next_frame("hello")
        post(stack, 1, series=name)
        seen = events.next_frame("readings")["id"]
    post(stack, 2, 3, series=name)
    # A browser that reconnects requests its first address again, with an old cursor in it.
    with EventStream(stack.port, "?cursor=none:0-1", Last_Event_ID=seen) as events:
        assert read_values(events, 2) == [2, 3]
        assert events.next_frame("recovered")["count"] == 2
    with EventStream(stack.port, f"?cursor={seen}&series=events.cellar") as events:
        assert events.next_frame("recovered")["count"] == 0
        post(stack, 4, series=name)
        post(stack, 5, series="events.cellar")
        assert read_values(events, 1) == [5]
    with EventStream(stack.port, "?cursor=none:0-1") as events:
        reset = events.next_frame("reset")
        assert reset["reason"] == "the journal was lost and recreated"
        assert reset["id"] == reset["cursor"]

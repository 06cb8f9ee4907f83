"""Share links with a window or a range: they read nothing outside of it."""

from collections.abc import Callable
from typing import Any, Final

import pytest
from flask import Flask
from flask.testing import FlaskClient

from services.clock import now_microseconds
from services.reading import MICROSECONDS, Reading
from tests.support.access import AccessRecorder
from tests.support.restricted_clients import share_client
from tests.unit.web.conftest import Record

KITCHEN: Final = "kitchen.temperature"
NAMES: Final = (KITCHEN, "kitchen.door")

MakeClient = Callable[..., FlaskClient]


@pytest.fixture
def now(record: Record) -> int:
    """Record a reading a minute of each series, the last one now. Return its time."""
    now = now_microseconds()
    record(
        [
            Reading(name, now - minute * 60 * MICROSECONDS, 100.0 * number + minute)
            for number, name in enumerate(NAMES)
            for minute in range(9, -1, -1)
        ]
    )
    return now


@pytest.fixture
def with_share(app: Flask, access: AccessRecorder, now: int) -> MakeClient:  # noqa: ARG001
    """Return a function that makes a client with a share link."""
    return lambda *series, **limits: share_client(app, access, *series, **limits)


def get(client: FlaskClient, path: str, **query: Any) -> Any:
    response = client.get(path, query_string=query or None)
    assert response.status_code == 200, response.text
    return response.get_json()


def test_window_cuts_the_answer(with_share: MakeClient, now: int) -> None:
    client = with_share("kitchen.*", window_seconds=150)
    history = get(client, "/api/history", **{"from": "-1h", "before": "true"})
    assert history["from"] == pytest.approx(now / 1e6 - 150, abs=20)
    assert [len(one["t"]) for one in history["series"].values()] == [3, 3]
    assert [one["before"] for one in history["series"].values()] == [None, None]
    statistics = get(client, "/api/statistics", **{"from": "-1h"})
    assert statistics["from"] == history["from"] or statistics["from"] > history["from"]
    assert statistics["series"][KITCHEN]["count"] == 3
    assert statistics["series"][KITCHEN]["max"] == 2.0
    (listed, _) = get(client, "/api/series")["series"]
    assert listed["first"] >= history["from"]
    assert get(client, "/get_data")["value"] is not None


def test_value_before_within_the_window_is_there(with_share: MakeClient) -> None:
    client = with_share(KITCHEN, window_seconds=150)
    history = get(client, "/api/history", **{"from": "-30s", "before": "true"})
    assert history["series"][KITCHEN]["before"]["value"] == 1.0


def test_range_has_no_newer_readings(with_share: MakeClient, now: int) -> None:
    minute = 60 * MICROSECONDS
    client = with_share(KITCHEN, start=now - 6 * minute, end=now - 4 * minute)
    for query in ({"from": "-1h"}, {"from": "-1h", "to": "now"}):
        history = get(client, "/api/history", **query)
        assert history["series"][KITCHEN]["value"] == [6.0, 5.0, 4.0]
        assert history["to"] == (now - 4 * minute) / 1e6
    (listed,) = get(client, "/api/series")["series"]
    assert (listed["value"], listed["first"]) == (4.0, (now - 6 * minute) / 1e6)
    assert listed["sample"]["typical"] == 5.0
    assert get(client, "/get_data")["value"] == 4.0
    statistics = get(client, "/api/statistics", **{"from": "-1h"})["series"][KITCHEN]
    assert (statistics["min"], statistics["max"]) == (4.0, 6.0)


def test_range_beyond_the_allowed_one_is_empty(with_share: MakeClient, now: int) -> None:
    minute = 60 * MICROSECONDS
    client = with_share(KITCHEN, start=now - 6 * minute + 1, end=now - 4 * minute - 1)
    for start, end in (("-1h", "-30m"), ("-2m", "now"), ("-2m", None)):
        query = {"from": start} | ({"to": end} if end else {})
        assert get(client, "/api/history", **query)["series"][KITCHEN]["t"] == []
        query.pop("to", None)
        found = get(client, "/api/statistics", **query, to=end or "now")
        assert found["series"][KITCHEN]["count"] == 0


def test_increase_of_a_range_beyond_the_allowed_one_is_empty(
    with_share: MakeClient, now: int
) -> None:
    minute = 60 * MICROSECONDS
    client = with_share(KITCHEN, start=now - 6 * minute, end=now - 4 * minute)
    edges = {"-30m": now - 6 * minute, "now": now - 4 * minute}
    for start, end in (("-1h", "-30m"), ("-2m", "now")):
        for query in ({"shift": 0}, {"shift": 60}, {"per": "month", "zone": "Asia/Kolkata"}):
            found = get(client, "/api/increase", **{"from": start, "to": end, **query})
            assert found["from"] == found["to"] == edges[end] / 1e6
            increases = found["series"][KITCHEN]
            assert (increases["t"], increases["increase"], increases["total"]) == ([], [], None)
        found = get(client, "/api/statistics", **{"from": start, "to": end})
        assert found["from"] == found["to"] == edges[end] / 1e6
        statistics = found["series"][KITCHEN]
        assert (statistics["count"], statistics["min"], statistics["last"]) == (0, None, None)
    for query in ({"from": "now", "to": "-1h"}, {"from": "5", "to": "5"}):
        assert client.get("/api/increase", query_string=query).status_code == 400


def test_shift_reads_nothing_before_the_window(with_share: MakeClient) -> None:
    client = with_share(KITCHEN, window_seconds=150)
    for shift in (0, 120, 300):
        found = get(client, "/api/increase", **{"from": "-1h", "shift": shift})
        total = found["series"][KITCHEN]["total"]
        # The series falls by one a minute, within the window from 2 to 0.
        assert total is None or total >= -2.0
    assert total is None

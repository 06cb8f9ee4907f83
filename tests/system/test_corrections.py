"""Corrections on their whole way: over HTTP, through the journal, to the history."""

import json
import urllib.request
from typing import Any

import pytest

from tests.support.live_clients import EventStream, LiveClient
from tests.support.stack import Stack
from tests.support.waiting import TIMEOUT_SECONDS, wait_until

pytestmark = pytest.mark.redis

PREFIX = "corrections"


def send(stack: Stack, method: str, path: str, body: object = None) -> Any:
    """Send a correction, which must be answered with 202, and return the decoded answer."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{stack.port}{path}", json.dumps(body).encode(), method=method
    )
    with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as response:
        assert response.status == 202
        return json.load(response)


def first_notice(events: LiveClient | EventStream) -> dict[str, Any]:
    """Return the first frame about a command."""
    while True:
        frame = events.next_frame()
        if frame["type"] in {"settings", "changed"}:
            return frame


def entry_of(cursor: str) -> list[int]:
    return [int(part) for part in cursor.partition(":")[2].split("-")]


def test_corrections_change_the_history(shared_stack: Stack) -> None:
    stack = shared_stack
    misspelt, wrong = f"{PREFIX}.kichen", f"{PREFIX}.typo"
    readings = [
        {"series": name, "ts": ts, "value": ts}
        for name in (misspelt, wrong)
        for ts in range(1, 100)
    ]
    stack.post("/api/readings", readings)
    wait_until("the readings are stored", lambda: len(stack.stored(wrong)) == 99)
    send(stack, "DELETE", f"/api/series/{misspelt}?from=10&to=19")
    send(stack, "DELETE", f"/api/series/{wrong}")
    change = {"name": f"{PREFIX}.kitchen", "unit": "°C"}
    answer = send(stack, "PATCH", f"/api/series/{misspelt}", change)
    stack.post("/api/readings", {"series": wrong, "ts": 5, "value": 7})

    def history() -> Any:
        return stack.get(f"/api/history?series={PREFIX}.*&from=0&points=1000")

    def carried_out() -> bool:
        return entry_of(history()["cursor"]) > entry_of(answer["cursor"])

    wait_until("the corrections are carried out", carried_out)
    series = history()["series"]
    units = {name: columns["unit"] for name, columns in series.items()}
    assert units == {f"{PREFIX}.kitchen": "°C", wrong: None}
    assert series[f"{PREFIX}.kitchen"]["t"] == [*range(1, 10), *range(20, 100)]
    assert series[wrong]["value"] == [7.0]


@pytest.mark.parametrize("client", [LiveClient, EventStream])
def test_settings_are_listed_at_once_and_reach_viewers_without_a_reload(
    shared_stack: Stack, client: type[LiveClient | EventStream]
) -> None:
    stack, name = shared_stack, f"{PREFIX}.door.{client.__name__}"
    stack.post("/api/readings", {"series": name, "ts": 1, "value": 1})
    settings = {
        "label": "Front door",
        "kind": "state",
        "decimals": 0,
        "color": "#0b7285",
        "states": {"0": "closed", "1": "open"},
    }
    with client(stack.port, f"?series={name}") as events:
        events.next_frame("hello")
        answer = send(stack, "PATCH", f"/api/series?series={name}", settings)
        (listed,) = stack.get(f"/api/series?series={name}")["series"]
        assert settings.items() <= listed.items()
        frame = first_notice(events)
        assert (frame["type"], frame["series"]) == ("settings", [name])
        assert frame["cursor"] == answer["cursor"]
    # A viewer that was away learns of what it has missed.
    send(stack, "PATCH", f"/api/series?series={name}", {"label": None, "name": f"{name}.new"})
    with client(stack.port, f"?series={name}&cursor={answer['cursor']}") as events:
        assert first_notice(events)["type"] == "settings"
        assert events.next_frame("changed")["series"] == [name, f"{name}.new"]
    (listed,) = stack.get(f"/api/series?series={name}*")["series"]
    assert (listed["name"], listed["label"]) == (f"{name}.new", None)
    assert listed["states"] == settings["states"]

"""Corrections on their whole way: over HTTP, through the journal, to the history."""

import json
import urllib.request
from typing import Any

import pytest

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

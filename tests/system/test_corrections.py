"""Corrections on their whole way: over HTTP, through the journal, to the history."""

import json
import urllib.request
from typing import Any

import pytest

from tests.support.stack import Stack
from tests.support.waiting import TIMEOUT_SECONDS, wait_until

pytestmark = pytest.mark.redis


def ask(stack: Stack, method: str, path: str, body: object = None) -> Any:
    """What the web service answers, which must be 202."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{stack.port}{path}", json.dumps(body).encode(), method=method
    )
    with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:
        assert answer.status == 202
        return json.load(answer)


def test_corrections_reach_the_history(stack: Stack) -> None:
    stack.start("writer")
    stack.start("web")
    stack.post(
        "/api/readings",
        [
            {"series": name, "ts": ts, "value": ts}
            for name in ("kichen", "typo")
            for ts in range(1, 100)
        ],
    )
    wait_until("the readings are stored", lambda: len(stack.stored("typo")) == 99)
    ask(stack, "DELETE", "/api/series/kichen?from=10&to=19")
    ask(stack, "DELETE", "/api/series/typo")
    answer = ask(stack, "PATCH", "/api/series/kichen", {"name": "kitchen", "unit": "°C"})
    stack.post("/api/readings", {"series": "typo", "ts": 5, "value": 7})

    def history() -> Any:
        return stack.get("/api/history?from=0&points=1000")

    def entry(cursor: str) -> list[int]:
        return [int(part) for part in cursor.partition(":")[2].split("-")]

    def stored() -> bool:
        return entry(history()["cursor"]) > entry(answer["cursor"])

    wait_until("the corrections are carried out", stored)
    found = history()["series"]
    assert {name: columns["unit"] for name, columns in found.items()} == {
        "kitchen": "°C",
        "typo": None,
    }
    assert found["kitchen"]["t"] == [*range(1, 10), *range(20, 100)]
    assert found["typo"]["value"] == [7.0]

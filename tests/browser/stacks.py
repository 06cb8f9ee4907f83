"""Running systems with readings, which all tests of the page share."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from services.access import ROLES
from tests.support.access import carry_out, new_user
from tests.support.redis_server import RedisServer
from tests.support.stack import Stack
from tests.support.waiting import wait_until

HOSTILE_NAMES = [
    "<img src=x onerror=alert(1)>",
    "\"'&<b>",
    "=HYPERLINK(1)",
    "\u202eevil\u2067",
    "x" * 1_024,
]
MANY_SERIES = 300

_BATCH_SIZE = 1_000


@contextmanager
def _running_stack(folder: Path) -> Iterator[Stack]:
    """Run a writer and a web service."""
    with RedisServer.in_folder(folder / "redis") as server, Stack(folder, server) as made:
        made.start("writer")
        made.start("web")
        yield made


@pytest.fixture(scope="session")
def shared_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Start one stack with readings for all tests that change none of its processes."""
    with _running_stack(tmp_path_factory.mktemp("shared")) as made:
        readings = list(_readings(time.time()))
        for start in range(0, len(readings), _BATCH_SIZE):
            made.post("/api/readings", readings[start : start + _BATCH_SIZE])
        wait_until(
            "all readings are stored",
            lambda: made.rows("SELECT count(*) FROM readings") == [(len(readings),)],
        )
        yield made


def _readings(now: float) -> Iterator[dict[str, object]]:
    for i in range(300):
        ts = now - 300 + i
        yield {"series": "kitchen", "value": 20 + i / 100, "unit": "°C", "ts": ts}
        yield {"series": "cellar", "value": 12 - i / 100, "unit": "°C", "ts": ts}
        yield {"series": "oven", "value": 1000 + i, "unit": "W", "ts": ts}
    for i in range(60):
        yield {"series": "attic", "value": i, "unit": "°C", "ts": now - 1500 + i}
    for name in ("hall", "porch"):
        yield {"series": name, "value": 20, "unit": "°C", "ts": now - 2400}
    for i, name in enumerate(HOSTILE_NAMES):
        yield {"series": name, "value": i, "unit": name[:50], "ts": now - 7200}
    for i in range(MANY_SERIES):
        yield {"series": f"many.{i:03}", "value": i, "unit": "V", "ts": now - 172800 - i}


@pytest.fixture(scope="session")
def closed_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Start one stack that needs a login: a user for each role, whose name is the role."""
    with _running_stack(tmp_path_factory.mktemp("closed")) as made:
        made.post("/api/readings", list(_readings(time.time()))[:600])
        carry_out(made, *(new_user(role, role) for role in ROLES))
        wait_until("a login is needed", lambda: made.request("GET", "/api/me")[0] == 401)
        yield made

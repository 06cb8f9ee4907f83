"""Running systems that tests attack by requests of all kinds."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.attacks.kitchen import READING_TIMES, credentials
from tests.support.access import carry_out, new_token
from tests.support.redis_server import RedisServer
from tests.support.stack import Stack


@contextmanager
def _running_stack(folder: Path) -> Iterator[Stack]:
    """Run a writer and a web service."""
    with RedisServer.in_folder(folder / "redis") as server, Stack(folder, server) as stack:
        stack.start("writer")
        stack.start("web")
        stack.wait_for_channel_bridge()
        yield stack


@pytest.fixture(scope="session")
def guarded_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A running writer and web service, with the token "admin". Tests do them no harm."""
    with _running_stack(tmp_path_factory.mktemp("guarded")) as stack:
        carry_out(stack, new_token("admin"))
        yield stack


@pytest.fixture(scope="session")
def kitchen_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A running system with a reading of each series of `kitchen.py`, tokens and share links."""
    with _running_stack(tmp_path_factory.mktemp("kitchen")) as stack:
        times = READING_TIMES.items()
        readings = [
            {"series": name, "value": value, "ts": ts} for value, (name, ts) in enumerate(times, 1)
        ]
        assert stack.write(json.dumps(readings).encode())[0] == 200
        carry_out(stack, *credentials())
        yield stack

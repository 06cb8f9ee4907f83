"""Stacks of real processes: one for each test, and a running one that tests share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.redis_server import RedisServer
from tests.support.stack import Stack


@pytest.fixture
def stack(tmp_path: Path, redis_server: RedisServer) -> Iterator[Stack]:
    """The processes of one test; all are killed at its end."""
    with Stack(tmp_path, redis_server) as stack:
        yield stack


@pytest.fixture(scope="session")
def shared_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A running Redis, writer and web service, for tests that do them no harm.

    A test uses series with names of its own, and ends the processes that it starts.
    """
    folder = tmp_path_factory.mktemp("shared")
    with RedisServer.in_folder(folder / "redis") as server, Stack(folder, server) as stack:
        stack.start("writer")
        stack.start("web")
        stack.wait_for_channel_bridge()
        yield stack
